// MaxPool, AveragePool and means of s8 over channels-last rows; pool.h says how windows are described.
#pragma once

#include <cstdint>
#include <span>

#include "base/isa.h"
#include "kernels/pool/pool.h"

namespace qrt {

struct PoolQuantS8 {
  int32_t zeroX = 0, zeroY = 0;
  double scaleX = 1, scaleY = 1;
  float nudge = 0;  ///< away from zero, of sums: 0.25 decides ties and nothing else
};

/// One row of output pixels, or some of their channels.
struct PoolRowS8 {
  const int8_t* x;          ///< first row of the windows, column 0
  int8_t* y;                ///< first pixel
  const PoolSpan* columns;  ///< of each pixel
  int64_t pixels;
  PoolSpan rows;
  int64_t rowStride;    ///< between taps along the height
  int64_t tapStride;    ///< between taps along the width
  int64_t pixelStride;  ///< between pixels, of x and of y
  int64_t channels;
  const PoolQuantS8& quant;
};

using PoolFnS8 = void (*)(const PoolRowS8&);

struct PoolKernelsS8 {
  IsaLevel isa;
  PoolFnS8 max;  ///< −128 without taps
  /// requantize((f32(Σ (x − zeroX)) ± nudge) · f32(scaleX / (scaleY · divisor))); sums fit 32 bits
  PoolFnS8 average;
};

/// The tables of all levels, for selectKernel().
std::span<const PoolKernelsS8* const> poolKernelsS8();

}  // namespace qrt
