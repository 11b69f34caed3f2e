// s8 convolutions by Winograd (winograd_s8.h): chunks of tiles that fit the cache go through the input
// transform, and for each panel of output channels through the products and the output transform.
//
// U is eight times as large as the weights and would mostly come from far memory. So it is made anew for each
// chunk and panel, a block of depths at a time, and stays in L2.
#pragma once

#include <string>

#include "kernels/conv/conv_s8.h"
#include "kernels/winograd/winograd_s8.h"

namespace qrt {

/// A convolution planned for one kernel and a number of threads.
class ConvWinogradS8 {
 public:
  /// `shape` must be one that winogradAppliesS8() allows.
  ConvWinogradS8(const ConvShape& shape, ConvQuantS8 quant, const WinogradKernelS8& kernel,
                 int threads);

  size_t packedBytes() const {
    return static_cast<size_t>(panels_ * panelBytes_) +
           static_cast<size_t>(panels_ * kernel_.nr) * sizeof(int32_t);
  }
  /// What the packing depends on beside the weights, for WeightCache.
  std::string packKey() const;
  /// Packing splits into so many independent parts.
  int64_t packTasks() const { return panels_; }
  /// Packs part `task` of the weights, and their sums.
  void pack(const int8_t* weights, std::byte* packed, int64_t task) const;
  /// Folds the sums of `packed` and the layer's bias (null if none), for all runs.
  void prepareBias(const std::byte* packed, const int32_t* bias);

  size_t scratchBytes() const { return scratchPerThread_ * static_cast<size_t>(threads_); }
  /// run() splits into so many independent tasks.
  int64_t tasks() const { return chunks_ * columnSplits_; }
  /// Computes the outputs of one task. `thread` indexes scratch.
  void run(const ConvArgsS8& args, int64_t task, int thread) const;

 private:
  struct Tile {
    int64_t image, oh, ow;  ///< of its first output
  };
  struct Memory {
    int16_t *v, *u;
    int32_t* products;
  };
  void planWork();
  void splitWork(int64_t least);
  Tile tileAt(int64_t index) const;
  void transformInput(const int8_t* x, int64_t first, int64_t count, const Memory& memory) const;
  void multiply(const int8_t* weights, int64_t count, const Memory& memory) const;
  void transformOutput(const ConvArgsS8& args, int64_t first, int64_t count, int64_t panel,
                       const Memory& memory) const;

  ConvShape shape_;
  ConvQuantS8 quant_;
  const WinogradKernelS8& kernel_;
  int threads_;
  int64_t depth_, panels_, panelBytes_;
  int64_t tilesH_, tilesW_, tiles_;
  int64_t chunks_ = 1, columnSplits_ = 1, blockDepth_ = 1;
  int64_t vStride_;  ///< from one tile to the next
  int64_t vPlane_ = 0, uPlane_ = 0, productPlane_ = 0;  ///< from one position to the next
  size_t vBytes_ = 0, uBytes_ = 0, scratchPerThread_ = 0;
  std::vector<int8_t> padding_;
  std::vector<int32_t> bias_;       ///< [panels·nr]
  std::vector<float> multipliers_;  ///< [panels·nr]
};

/// Whether Winograd computes such a convolution: 3 × 3 windows, strides, dilations and groups of 1, sums that
/// are exact.
bool winogradAppliesS8(const ConvShape& shape);
/// Whether it is expected to take less time than a direct convolution for a CPU at `level`.
bool chooseWinogradS8(const ConvShape& shape, const WinogradKernelS8& kernel, IsaLevel level);

}  // namespace qrt
