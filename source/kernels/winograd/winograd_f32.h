// The transforms of Winograd's convolution (winograd.h), a vector of channels at a time.
#pragma once

#include <cstdint>
#include <span>

#include "base/isa.h"
#include "kernels/winograd/winograd.h"

namespace qrt {

/// V = Bᵀ d B for all channels of one tile.
struct WinogradInputF32 {
  const Winograd* winograd;
  const float* const* pixels;  ///< α² rows of c floats, by lines
  int64_t c;
  float* v;             ///< c floats of position 0
  int64_t planeStride;  ///< from one of the α² positions to the next
};

/// Y = Aᵀ M A for some channels of one tile, and the end of the layer.
struct WinogradOutputF32 {
  const Winograd* winograd;
  const float* products;            ///< n floats of position 0
  int64_t planeStride;              ///< from one of the α² positions to the next
  const float* bias;                ///< n floats, or null
  const float* residual;            ///< as y, or null
  float* y;                         ///< the first pixel
  int64_t lineStride, pixelStride;  ///< of y and residual
  int lines, columns;               ///< of the m × m outputs, those inside the image
  int64_t n;
  float low, high;  ///< the clamp; ∓∞ for none
};

/// The family at one ISA level.
struct WinogradKernelF32 {
  IsaLevel isa;
  int lanes;
  void (*input[Winograd::kMaxPairs])(const WinogradInputF32&);  ///< by pairs − 1
  /// By pairs − 1 and m; null where there is no such F(m, r).
  void (*output[Winograd::kMaxPairs][Winograd::kMaxAlpha])(const WinogradOutputF32&);
};

/// The kernels of this build, best last.
std::span<const WinogradKernelF32* const> winogradKernelsF32();
/// The best kernel for a CPU at `level`.
const WinogradKernelF32& winogradKernelF32(IsaLevel level);

}  // namespace qrt
