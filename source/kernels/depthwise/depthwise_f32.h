// Depthwise convolution: each channel has its own kh × kw weights, so there is nothing to multiply
// as matrices. Vectors run over channels; a tile of neighbouring outputs, up to two rows high,
// shares the inputs that they see. Bound by loads from L1 and L2, not by FMA.
#pragma once

#include <cstdint>
#include <span>

#include "base/isa.h"

namespace qrt {

/// One or two rows of outputs of one image.
struct DepthwiseRowsF32 {
  /// Lines of the input, [w][c], or of zeros outside the image. Output row r sees lines[r·strideH +
  /// kh] (with a vertical dilation the caller gives one row and the kh lines it sees).
  const float* const* lines;
  const float* weights;   ///< [kh][kw][c]
  const float* bias;      ///< [c], or null
  const float* residual;  ///< as y, or null
  float* y;               ///< [rows][ow][c]
  int64_t rows;           ///< 1 or 2
  int64_t w, c, ow, kh, kw;
  int64_t strideH, strideW, dilationW, padLeft;
  float low, high;  ///< clamp of the results; ∓∞ for none
};

struct DepthwiseKernelF32 {
  IsaLevel isa;
  void (*rows)(const DepthwiseRowsF32& rows);
};

/// The kernels of this build, best last.
std::span<const DepthwiseKernelF32* const> depthwiseKernelsF32();
/// The best kernel for a CPU at `level`.
const DepthwiseKernelF32& depthwiseKernelF32(IsaLevel level);

/// Weights [c][taps] → [taps][c].
void packDepthwiseF32(const float* weights, int64_t c, int64_t taps, float* packed);

}  // namespace qrt
