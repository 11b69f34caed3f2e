// f32 convolutions and products: a ConvPlan over the microkernels of gemm_f32.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "kernels/conv/conv_plan.h"
#include "kernels/gemm/gemm_f32.h"

namespace qrt {

/// Memory of one run.
struct ConvArgsF32 {
  const float* x;
  const float* panels;
  const float* bias;      ///< null if none
  const float* residual;  ///< null if none; shaped as y
  float* y;
  void* scratch;  ///< scratchBytes(), 64-byte aligned
  /// Elements of y between pixels; 0: its channels. With a residual only 0.
  int64_t yStep = 0;
};

/// A convolution or product planned for one kernel and a number of threads.
class ConvF32 {
 public:
  ConvF32(const ConvShape& shape, const Activation& activation, const GemmKernelF32& kernel,
          int threads);
  ConvF32(const MatMulShape& shape, const GemmKernelF32& kernel, int threads);

  /// Floats of packed B.
  int64_t packedFloats() const { return plan_.packedElements(); }
  /// What the packing depends on beside b, for WeightCache.
  std::string packKey() const { return "gemm_f32_" + plan_.packKey(); }
  /// Packing splits into so many independent parts.
  int64_t packTasks() const {
    return static_cast<int64_t>(plan_.packs().size()) * plan_.panelCount();
  }
  /// Packs part `task` of weights (Conv) or of all b (MatMul).
  void pack(const float* b, float* panels, int64_t task) const;

  /// Scratch memory of one thread.
  size_t scratchPerThread() const { return scratchPerThread_; }
  size_t scratchBytes() const { return scratchPerThread_ * static_cast<size_t>(plan_.threads()); }
  /// run() splits into so many independent tasks; 1 where threads would not pay.
  int64_t tasks() const { return plan_.serial() ? 1 : plan_.taskCount(); }
  /// Computes the outputs of one task. `thread` indexes scratch.
  void run(const ConvArgsF32& args, int64_t task, int thread) const;
  const ConvPlan& plan() const { return plan_; }
  /// The same for task `task` of the plan's taskCount(), which the plan's units count.
  void runTask(const ConvArgsF32& args, int64_t task, int thread) const;

 private:
  ConvF32(ConvPlan plan, const Activation& activation, const GemmKernelF32& kernel);

  ConvPlan plan_;
  const GemmKernelF32& kernel_;
  Activation activation_;  ///< what the kernel's clamp does not do
  float low_, high_;
  std::vector<float> zeros_;
  size_t rowsBytes_, dstBytes_, scratchPerThread_;
};

}  // namespace qrt
