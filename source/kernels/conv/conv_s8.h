// int8 convolutions and products: a ConvPlan over the microkernels of gemm_s8.h.
//
// Packed B is the panels, then the sums of their columns, s32, one per column of a panel, then for each
// panel whether it holds a -128. Conv's are packed once; a MatMul of two activations packs b at each
// run and folds the zero points into the sums in place.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "kernels/conv/conv_plan.h"
#include "kernels/gemm/gemm_s8.h"

namespace qrt {

/// The numbers of base/requantize.h that a layer requantizes by.
struct ConvQuantS8 {
  int32_t zeroX = 0, zeroB = 0, zeroY = 0, zeroResidual = 0;
  int32_t low = -128, high = 127;  ///< range of y, narrowed by the activation
  std::vector<float> multipliers;  ///< one per output channel, or one for all
  float residualMultiplier = 0;
};

/// Memory of one run.
struct ConvArgsS8 {
  const int8_t* x;
  const std::byte* packed;  ///< from pack()
  const int8_t* residual;   ///< null if none; shaped as y
  int8_t* y;
  void* scratch;  ///< scratchBytes(), 64-byte aligned
  /// Elements of y between pixels; 0: its channels. With a residual only 0.
  int64_t yStep = 0;
};

/// A convolution or product planned for one kernel and a number of threads.
class ConvS8 {
 public:
  ConvS8(const ConvShape& shape, ConvQuantS8 quant, const GemmKernelS8& kernel, int threads);
  ConvS8(const MatMulShape& shape, ConvQuantS8 quant, const GemmKernelS8& kernel, int threads);

  size_t packedBytes() const { return panelBytes_ + sumBytes_ + static_cast<size_t>(packTasks()); }
  /// What the packing depends on beside b, for WeightCache.
  std::string packKey() const;
  /// Packing splits into so many independent parts.
  int64_t packTasks() const {
    return static_cast<int64_t>(plan_.packs().size()) * plan_.panelCount();
  }
  /// Packs part `task` of weights (Conv) or of all b (MatMul).
  void pack(const int8_t* b, std::byte* packed, int64_t task) const;
  /// The same, with zero points folded into the sums, so that run() needs no prepareBias().
  void packAndFold(const int8_t* b, std::byte* packed, int64_t task) const;
  /// Folds the sums of `packed` and the layer's bias (null if none), for all runs.
  void prepareBias(const std::byte* packed, const int32_t* bias);

  /// Scratch memory of one thread.
  size_t scratchPerThread() const { return scratchPerThread_; }
  size_t scratchBytes() const { return scratchPerThread_ * static_cast<size_t>(plan_.threads()); }
  /// run() splits into so many independent tasks; 1 where threads would not pay.
  int64_t tasks() const { return plan_.serial() ? 1 : plan_.taskCount(); }
  /// Computes the outputs of one task. `thread` indexes scratch.
  void run(const ConvArgsS8& args, int64_t task, int thread) const;
  const ConvPlan& plan() const { return plan_; }
  /// The same for task `task` of the plan's taskCount(), which the plan's units count.
  void runTask(const ConvArgsS8& args, int64_t task, int thread) const;

 private:
  struct Scratch {
    std::byte* a;
    const int8_t** rows;
    int64_t* dst;
    int32_t* rowBias;
    int8_t* copies;
  };

  ConvS8(ConvPlan plan, ConvQuantS8 quant, const GemmKernelS8& kernel);
  int64_t columns() const { return plan_.panelCount() * kernel_.nr; }  ///< padded, of one pack
  Scratch scratchOf(void* memory, int thread) const;
  void fold(const int32_t* sums, size_t pack, int64_t panel, const int32_t* bias,
            int32_t* folded) const;
  bool readsInput(const ConvPlan::Work& work, int64_t block) const;
  void gatherChunk(const ConvPlan::Work& work, const int8_t* x, int64_t yStep, const Scratch& scratch) const;

  ConvPlan plan_;
  ConvQuantS8 quant_;
  const GemmKernelS8& kernel_;
  int64_t stride_;  ///< elements between rows of gathered A
  std::vector<int8_t> padding_;
  std::vector<int32_t> bias_;       ///< [packs][columns()]
  std::vector<float> multipliers_;  ///< [groups][columns()]
  size_t panelBytes_, sumBytes_;
  size_t aBytes_, rowsBytes_, dstBytes_, rowBiasBytes_, scratchPerThread_;
};

}  // namespace qrt
