// Softmax and LogSoftmax: y = e^(x − max) / Σ, or x − max − ln Σ, with Σ = Σ e^(x − max).
#pragma once

#include <cstdint>
#include <span>

#include "base/isa.h"

namespace qrt {

/// `rows` contiguous rows of n floats, each on its own. y may be x.
using SoftmaxRowsFn = void (*)(const float* x, float* y, int64_t rows, int64_t n);
/// n columns of x[r·stride + i], r < rows, each on its own. y may be x.
using SoftmaxColumnsFn = void (*)(const float* x, float* y, int64_t rows, int64_t stride, int64_t n);

struct SoftmaxKernels {
  IsaLevel isa;
  SoftmaxRowsFn rows[2];        ///< Softmax, LogSoftmax
  SoftmaxColumnsFn columns[2];  ///< Softmax, LogSoftmax
};

/// The tables of all levels, for selectKernel().
std::span<const SoftmaxKernels* const> softmaxKernels();

}  // namespace qrt
