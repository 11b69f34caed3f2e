// The f32 matrix multiplication under Conv, ConvTranspose, FullyConnected and MatMul. Start here.
//
// One microkernel family serves them all. It computes a tile of m × n outputs in registers:
//
//   out[i][j] = clamp(bias[j] + Σ_tap Σ_k rows[tap][i][k] · panel[tap·K + k][j] + residual[i][j])
//
// A is not packed: the kernel reads it through one pointer per row and tap. A tap is a position of
// the convolution window; its row is K consecutive channels of one input pixel, or a row of zeros
// where the window hangs over the border. So a convolution needs no im2col, and a plain product is
// one tap.
//
// B is packed once, ahead of time, into panels of nr columns, the last one filled up with zeros:
//
//   panel p:  B[0][p·nr … p·nr + nr)  B[1][p·nr … )  …  B[taps·K − 1][p·nr … ) [N/nr][taps·K][nr]
//
// The sums of an output run over taps and k in order, whatever m and n are, so results do not
// depend on how a caller splits the work, as long as it splits at multiples of mr and nr.
#pragma once

#include <cstdint>
#include <span>

#include "base/activation.h"
#include "base/isa.h"

namespace qrt {

/// One tile: m ≤ mr rows (the kernel's variant) and n ≤ nr columns.
struct GemmTileF32 {
  const float* const* rows;  ///< row i of tap t starts at rows[t·mr + i]
  const float* panel;        ///< [taps·k][nr]
  const float* bias;         ///< n values, or null
  const float* residual;     ///< base that dst[] counts from, as for out; or null
  float* out;
  const int64_t* dst;  ///< row i goes to out + dst[i]
  int64_t taps;
  int64_t k;
  int n;
  float low, high;  ///< the clamp; ∓∞ for none
  uintptr_t ahead = 0;     ///< fetched into L2 meanwhile (fetch_ahead.h),
  uintptr_t aheadStep = 0;  ///< so many bytes for each k
};

/// The family at one ISA level.
struct GemmKernelF32 {
  IsaLevel isa;
  int mr, nr;
  int lanes;  ///< of the level's vectors; nr is a multiple
  /// Variants by rows and by vectors of columns: run[(m − 1)·(nr / lanes) + (n − 1) / lanes].
  void (*const* run)(const GemmTileF32& tile);
  /// Applies an activation to m rows of n values at out + dst[i].
  void (*activate)(const Activation& activation, float* out, const int64_t* dst, int m, int64_t n);

  /// Runs the variant for m rows.
  void operator()(const GemmTileF32& tile, int m) const {
    run[(m - 1) * (nr / lanes) + (tile.n - 1) / lanes](tile);
  }
};

/// The kernels of this build, best last.
std::span<const GemmKernelF32* const> gemmKernelsF32();
/// The best kernel for a CPU at `level`.
const GemmKernelF32& gemmKernelF32(IsaLevel level);

/// Where B(tap, k, n) is: b[tapOffsets[tap] + k·kStride + n·nStride].
struct GemmBLayout {
  std::span<const int64_t> tapOffsets;
  int64_t k, n;
  int64_t kStride, nStride;
};

/// Floats in `columns` columns of panels.
constexpr int64_t packedSizeF32(int64_t taps, int64_t k, int64_t n, int nr) {
  return (n + nr - 1) / nr * nr * taps * k;
}
/// Packs panels [first, last) of B for kernels of width nr; `panels` is where panel 0 goes.
void packPanelsF32(const GemmBLayout& layout, const float* b, int nr, int64_t first, int64_t last,
                   float* panels);

}  // namespace qrt
