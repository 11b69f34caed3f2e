// Depthwise convolution: each channel has its own kh × kw weights, so there is nothing to multiply as
// matrices. Vectors run over channels; strips of neighbouring outputs share the inputs they both see.
// Bound by L1 and L2 loads, not by FMA.
#pragma once

#include <cstdint>
#include <span>

#include "base/isa.h"

namespace qrt {

/// One row of outputs. Lines of the window that lie outside the image are left out by the caller.
struct DepthwiseRowF32 {
  const float* x;        ///< first pixel of the first line in the window, [w][c]
  int64_t lineStride;    ///< floats from one line of the window to the next
  int64_t lines;         ///< of the window within the image, may be 0
  const float* weights;  ///< [lines][kw][c], of the first line
  const float* bias;     ///< [c], or null
  const float* residual; ///< [ow][c], or null
  float* y;              ///< [ow][c]
  int64_t w, c, ow, kw;
  int64_t stride, dilation, padLeft;
  float low, high;       ///< clamp of the results; ∓∞ for none
};

struct DepthwiseKernelF32 {
  IsaLevel isa;
  void (*row)(const DepthwiseRowF32& row);
};

/// The kernels of this build, best last.
std::span<const DepthwiseKernelF32* const> depthwiseKernelsF32();
/// The best kernel for a CPU at `level`.
const DepthwiseKernelF32& depthwiseKernelF32(IsaLevel level);

/// Weights [c][taps] → [taps][c].
void packDepthwiseF32(const float* weights, int64_t c, int64_t taps, float* packed);

}  // namespace qrt
