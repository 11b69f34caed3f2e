// f32 convolutions by Winograd: chunks of tiles that fit the cache go through the input transform,
// one product per position of the α × α, and the output transform.
//
//   x → V [α²][tiles][c] · U [α²][c][o] = M [α²][tiles][o] → y
//
// U, the transformed weights, is packed ahead into the panels of gemm_f32.h, one matrix per
// position. Planes of V and M are padded so that their rows and planes fall into different sets of
// L1.
#pragma once

#include <string>

#include "kernels/conv/conv_f32.h"
#include "kernels/winograd/winograd_f32.h"

namespace qrt {

/// A convolution planned for one tile size, kernel and number of threads.
class ConvWinogradF32 {
 public:
  /// `shape` must be one that chooseWinograd() allows for some m.
  ConvWinogradF32(const ConvShape& shape, int m, const Activation& activation,
                  const GemmKernelF32& gemm, const WinogradKernelF32& transforms, int threads);

  /// Floats of packed U.
  int64_t packedFloats() const { return positions_ * positionFloats_; }
  /// What the packing depends on beside the weights, for WeightCache.
  std::string packKey() const;
  /// Packing splits into so many independent parts.
  int64_t packTasks() const { return panels_; }
  /// Transforms, in double, and packs part `task` of the weights.
  void pack(const float* weights, float* panels, int64_t task) const;

  size_t scratchBytes() const { return scratchPerThread_ * static_cast<size_t>(threads_); }
  /// run() splits into so many independent tasks.
  int64_t tasks() const { return chunks_ * columnSplits_; }
  /// Computes the outputs of one task. `thread` indexes scratch. Bytes do not depend on the split.
  void run(const ConvArgsF32& args, int64_t task, int thread) const;

  const Winograd& winograd() const { return winograd_; }

 private:
  struct Tile {
    int64_t image, oh, ow;  ///< of its first output
  };
  struct Memory {
    const float** rows;  ///< of one block of A
    int64_t* dst;        ///< of all rows of a chunk; of the pixels of a tile
    float *v, *products;
  };
  void planWork();
  Tile tileAt(int64_t index) const;
  Memory memoryOf(void* scratch, int thread) const;
  void transformInput(const float* x, int64_t first, int64_t count, const Memory& memory) const;
  void multiply(const float* panels, int64_t count, int64_t firstPanel, int64_t lastPanel,
                const Memory& memory) const;
  void transformOutput(const ConvArgsF32& args, int64_t first, int64_t count, int64_t column,
                       int64_t columns, const Memory& memory) const;

  ConvShape shape_;
  Winograd winograd_;
  const GemmKernelF32& gemm_;
  const WinogradKernelF32& transforms_;
  Activation activation_;  ///< what the clamp does not do
  float low_, high_;
  int threads_;
  int64_t positions_, panels_, positionFloats_;
  int64_t tilesH_, tilesW_, tiles_;
  int64_t chunkTiles_ = 1, chunks_ = 1, columnSplits_ = 1;
  int64_t vStride_, productStride_;        ///< from one tile to the next
  int64_t vPlane_ = 0, productPlane_ = 0;  ///< from one position to the next
  size_t rowsBytes_ = 0, dstBytes_ = 0, vBytes_ = 0, scratchPerThread_ = 0;
  std::vector<float> zeros_;
};

/// The m for which F(m×m, r×r) is expected to take the least time for `shape`, among those whose
/// expected error (Winograd::error) is at most `mostError`; 0 if a direct convolution takes less or
/// Winograd does not apply: it needs a square window of 2 to 7, strides, dilations and groups of 1.
int chooseWinograd(const ConvShape& shape, const GemmKernelF32& gemm, double mostError);

}  // namespace qrt
