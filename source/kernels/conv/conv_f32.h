// Convolutions and products over the microkernels of gemm_f32.h: which rows of A each output needs,
// how the work is cut for caches and threads.
//
// A convolution is planned as phases. Conv has one; ConvTranspose has one per remainder of the
// output position by the stride, since outputs of one phase use the same taps of the window and so
// form a convolution of their own. Output q = (qh, qw) of a phase is pixel (oh0 + qh·ohStep, ow0 +
// qw·owStep), and its tap t reads input pixel (qh·ihStep + taps[t].ih, qw·iwStep + taps[t].iw), or
// zeros outside. A slice is one product: a phase for one group, or one matrix of a batch.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "kernels/gemm/gemm_f32.h"

namespace qrt {

/// Sizes of a Conv or ConvTranspose; x [n,h,w,c], y [n,oh,ow,o], weights [o,kh,kw,c/groups].
struct ConvShape {
  int64_t n = 1, h = 1, w = 1, c = 1;
  int64_t oh = 1, ow = 1, o = 1;
  int64_t kh = 1, kw = 1;
  int64_t strideH = 1, strideW = 1;
  int64_t dilationH = 1, dilationW = 1;
  int64_t padTop = 0, padLeft = 0;
  int64_t groups = 1;
  bool transposed = false;
};

/// Sizes of batched products: y[i] = a[aIndex[i]] · b[bIndex[i]], a [·,m,k], b [·,k,n].
struct MatMulShape {
  int64_t m = 1, k = 1, n = 1;
  std::vector<int64_t> aIndex, bIndex;
  int64_t bCount = 1;
};

/// Memory of one run.
struct ConvArgsF32 {
  const float* x;
  const float* panels;
  const float* bias;      ///< null if none
  const float* residual;  ///< null if none; shaped as y
  float* y;
  void* scratch;  ///< scratchBytes(), 64-byte aligned
};

/// A convolution or product planned for one kernel and a number of threads.
class ConvF32 {
 public:
  ConvF32(const ConvShape& shape, const Activation& activation, const GemmKernelF32& kernel,
          int threads);
  ConvF32(const MatMulShape& shape, const GemmKernelF32& kernel, int threads);

  /// Floats of packed B.
  int64_t packedFloats() const { return packedFloats_; }
  /// What the packing depends on beside b, for WeightCache.
  std::string packKey() const;
  /// Packing splits into so many independent parts.
  int64_t packTasks() const { return static_cast<int64_t>(packs_.size()) * panelCount(); }
  /// Packs part `task` of weights (Conv) or of all b (MatMul).
  void pack(const float* b, float* panels, int64_t task) const;

  size_t scratchBytes() const { return scratchPerThread_ * static_cast<size_t>(threads_); }
  /// run() splits into so many independent tasks; 1 where threads would not pay.
  int64_t tasks() const { return serial_ ? 1 : taskCount_; }
  /// Computes the outputs of one task. `thread` indexes scratch.
  void run(const ConvArgsF32& args, int64_t task, int thread) const;

 private:
  struct Tap {
    int64_t ih, iw;
    int64_t offset;  ///< of its pixel in x, from the pixel that the output stands on
  };
  struct Phase {
    int64_t rows, columns;  ///< outputs of one image
    int64_t oh0, ow0, ohStep, owStep, ihStep, iwStep;
    std::vector<Tap> taps;
    /// Output positions in the input between which all taps lie inside the image.
    int64_t insideTop, insideLeft, insideBottom, insideRight;
    int64_t blocks;       ///< of mr outputs
    int64_t chunkBlocks;  ///< blocks whose A rows share the cache while B panels pass
    int64_t chunks, columnSplits;
  };
  struct Slice {
    size_t phase;
    int64_t x, panels, bias, y;  ///< offsets
    int64_t firstTask;
  };
  struct Pack {
    size_t phase;
    int64_t b, panels;  ///< offsets
    std::vector<int64_t> tapOffsets;
  };
  /// How rows of A come about: pointers into x; the same with whole window rows as taps, copied
  /// where they hang over the border, so that few channels still make a long k; or all copied,
  /// where the distance of rows in x would map them to the same cache set.
  enum class RowMode { direct, segments, copied };

  int64_t panelCount() const { return (n_ + kernel_.nr - 1) / kernel_.nr; }
  void planConv();
  void planPhase(int64_t phaseH, int64_t phaseW);
  void planWork(int64_t macs);
  void runTask(const ConvArgsF32& args, int64_t task, int thread) const;
  void findInside(Phase& phase) const;
  void fillRows(const Phase& phase, const float* x, int64_t first, int count, const float** rows,
                int64_t* dst, float* copies) const;
  const float* borderRow(const float* image, int64_t ih, int64_t iw, float* copy) const;

  ConvShape shape_;
  Activation activation_;  ///< what the kernel's clamp does not do
  float low_, high_;
  const GemmKernelF32& kernel_;
  int threads_;
  int64_t k_ = 1;          ///< per tap
  int64_t n_ = 1;          ///< outputs channels of a slice
  GemmBLayout bLayout_{};  ///< without taps
  RowMode rowMode_ = RowMode::direct;
  int64_t copyStride_ = 0;  ///< floats per copied row
  std::vector<Phase> phases_;
  std::vector<Slice> slices_;
  std::vector<Pack> packs_;
  std::vector<float> zeros_;
  int64_t packedFloats_ = 0;
  int64_t taskCount_ = 0;
  bool serial_ = false;
  size_t rowsBytes_ = 0, dstBytes_ = 0, scratchPerThread_ = 0;
};

}  // namespace qrt
