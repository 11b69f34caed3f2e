// Between f32 and eight bits, with one scale for all.
#pragma once

#include <cstdint>
#include <span>

#include "base/isa.h"

namespace qrt {

struct ConvertQuantS8 {
  float scale = 1;
  int32_t zeroPoint = 0;  ///< of the bytes as they are, signed or not
  bool isUnsigned = false;
};

struct ConvertKernelsS8 {
  IsaLevel isa;
  /// y = clamp(rint(x / scale) + zeroPoint); NaN gives the lowest.
  void (*quantize)(const float* x, int8_t* y, int64_t n, const ConvertQuantS8& quant);
  /// y = (x − zeroPoint) · scale
  void (*dequantize)(const int8_t* x, float* y, int64_t n, const ConvertQuantS8& quant);
};

/// The tables of all levels, for selectKernel().
std::span<const ConvertKernelsS8* const> convertKernelsS8();

}  // namespace qrt
