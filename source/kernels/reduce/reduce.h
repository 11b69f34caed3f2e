// Sum, maximum and minimum of contiguous rows, and of columns of a matrix.
#pragma once

#include <cstdint>
#include <span>

#include "base/isa.h"

namespace qrt {

enum class ReduceFunction {
  sum,
  max,  ///< NaN if any is
  min,  ///< NaN if any is
};

/// n ≥ 1 (sum: ≥ 0) floats → one, in an order that depends on n only.
using ReduceRowFn = float (*)(const float* x, int64_t n);
/// y[i] = fold of x[r·stride + i] over r < rows, for i < n; rows ≥ 1 (sum: ≥ 0).
using ReduceColumnsFn = void (*)(const float* x, int64_t rows, int64_t stride, float* y, int64_t n);

struct ReduceKernels {
  IsaLevel isa;
  ReduceRowFn row[3];          ///< by ReduceFunction
  ReduceColumnsFn columns[3];  ///< by ReduceFunction
};

/// The tables of all levels, for selectKernel().
std::span<const ReduceKernels* const> reduceKernels();

}  // namespace qrt
