// y = a ∘ b over rows of s8, where along a row either operand may be one repeated value; see binary.h and
// broadcast.h, and schema/model.fbs for the formulas.
#pragma once

#include <cstdint>
#include <span>

#include "base/isa.h"
#include "base/requantize.h"
#include "kernels/elementwise/binary.h"

namespace qrt {

enum class BinaryFunctionS8 {
  add,  ///< clamp(((a − zeroA)·sum.a + (b − zeroB)·sum.b + 2^(shift − 1)) >> shift + zeroY); Sub has −sum.b
  mul,  ///< requantize(f32((a − zeroA)·(b − zeroB))·product)
  min,  ///< of the integers
  max,
};
inline constexpr int kBinaryFunctionS8Count = static_cast<int>(BinaryFunctionS8::max) + 1;

struct BinaryQuantS8 {
  int32_t zeroA = 0, zeroB = 0, zeroY = 0;
  int32_t low = -128, high = 127;
  SumScales sum;
  float product = 1;
};

/// Along a row an operand moves by 1 or, if it is repeated, by 0.
struct BinaryRowsS8 {
  const int8_t* a;
  const int8_t* b;
  int8_t* y;  ///< may be a or b if that is not repeated in any way
  int64_t rows;
  int64_t n;  ///< length of a row
  int64_t aRow, bRow, yRow;
  const BinaryQuantS8& quant;
};

using BinaryFnS8 = void (*)(const BinaryRowsS8&);

struct BinaryKernelsS8 {
  IsaLevel isa;
  BinaryFnS8 functions[kBinaryFunctionS8Count][3];  ///< by function and Repeated
};

/// The tables of all levels, for selectKernel().
std::span<const BinaryKernelsS8* const> binaryKernelsS8();

}  // namespace qrt
