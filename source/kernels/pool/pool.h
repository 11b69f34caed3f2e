// MaxPool and AveragePool over channels-last rows. Where a window lies in the input is known when the
// program is compiled: a PoolSpan per output row and column says which taps are inside, so that the
// kernels see neither padding nor borders.
#pragma once

#include <cstdint>
#include <span>

#include "base/isa.h"

namespace qrt {

/// The taps of one output position along one axis that are inside the input.
struct PoolSpan {
  int64_t first;    ///< input position of the first
  int64_t count;    ///< 0 where a dilated window sees only padding
  int64_t divisor;  ///< taps that an average counts
};

/// One row of output pixels, or some of their channels. Strides in floats.
struct PoolRow {
  const float* x;           ///< first row of the windows, column 0
  float* y;                 ///< first pixel
  const PoolSpan* columns;  ///< of each pixel
  int64_t pixels;
  PoolSpan rows;
  int64_t rowStride;    ///< between taps along the height
  int64_t tapStride;    ///< between taps along the width
  int64_t pixelStride;  ///< between pixels, of x and of y
  int64_t channels;
};

using PoolFn = void (*)(const PoolRow&);

struct PoolKernels {
  IsaLevel isa;
  PoolFn max;      ///< NaN if any is; −∞ without taps
  PoolFn average;  ///< sums rows of a window, then adds those
};

/// The tables of all levels, for selectKernel().
std::span<const PoolKernels* const> poolKernels();

}  // namespace qrt
