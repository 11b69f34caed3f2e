// Linear interpolation of a channels-last image of s8, exact: one row of output pixels from two rows of
// input, with weights in 1/2048 per axis.
//   y = rint(f32(Σ x · wy · wx) · 2⁻²²)
#pragma once

#include <cstdint>
#include <span>

#include "base/isa.h"

namespace qrt {

/// The two input positions that an output position lies between, offsets in elements.
struct LinearTapS8 {
  int64_t first, second;
  int32_t firstWeight, secondWeight;  ///< add up to 2048
};

struct LinearRowS8 {
  const int8_t* top;
  const int8_t* bottom;
  int32_t topWeight, bottomWeight;
  const LinearTapS8* columns;  ///< of each pixel
  int64_t pixels;
  int64_t channels;
  int8_t* y;
};

struct LinearKernelsS8 {
  IsaLevel isa;
  void (*row)(const LinearRowS8& row);
};

/// The tables of all levels, for selectKernel().
std::span<const LinearKernelsS8* const> linearKernelsS8();

}  // namespace qrt
