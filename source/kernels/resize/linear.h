// Linear interpolation of a channels-last image: one row of output pixels from two rows of input, with
// offsets and weights from tables made when the program is compiled.
#pragma once

#include <cstdint>
#include <span>

#include "base/isa.h"

namespace qrt {

/// The two input positions that an output position lies between.
struct LinearTap {
  int64_t first, second;  ///< in floats from the beginning of the axis
  float firstWeight, secondWeight;
};

struct LinearRow {
  const float* top;
  const float* bottom;
  float topWeight, bottomWeight;
  const LinearTap* columns;  ///< of each pixel
  int64_t pixels;
  int64_t channels;
  float* y;
};

struct LinearKernels {
  IsaLevel isa;
  void (*row)(const LinearRow& row);
};

/// The tables of all levels, for selectKernel().
std::span<const LinearKernels* const> linearKernels();

}  // namespace qrt
