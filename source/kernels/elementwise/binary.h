// y = a ∘ b over rows of floats, where along a row either operand may be one repeated value. Broadcast
// (broadcast.h) breaks any pair of shapes down to such rows.
#pragma once

#include <cstdint>
#include <span>

#include "base/isa.h"

namespace qrt {

enum class BinaryFunction {
  add,
  sub,
  mul,
  div,
  min,    ///< NaN where either is
  max,    ///< NaN where either is
  prelu,  ///< a < 0 ? a·b : a
};
inline constexpr int kBinaryFunctionCount = static_cast<int>(BinaryFunction::prelu) + 1;

/// Strides in floats. Along a row an operand moves by 1 or, if it is repeated, by 0.
struct BinaryRows {
  const float* a;
  const float* b;
  float* y;  ///< may be a or b if that is not repeated in any way
  int64_t rows;
  int64_t n;  ///< length of a row
  int64_t aRow, bRow, yRow;
  float low, high;  ///< results are held within; see BinaryKernels::clamped
};

using BinaryFn = void (*)(const BinaryRows&);

/// Which operand is repeated along a row.
enum class Repeated { none, a, b };

struct BinaryKernels {
  IsaLevel isa;
  BinaryFn plain[kBinaryFunctionCount][3];    ///< by function and Repeated
  BinaryFn clamped[kBinaryFunctionCount][3];  ///< min(max(result, low), high); NaN stays
};

/// The tables of all levels, for selectKernel().
std::span<const BinaryKernels* const> binaryKernels();

}  // namespace qrt
