// The program of a convolution planned by a ConvPlan, or by tiles, whatever its element type.
#pragma once

#include <string>
#include <utility>

#include "backends/backend.h"

namespace qrt {

/// Runs `conv` on the memory that kMemoryOf(args, packed weights) gives.
template <class Conv, auto kMemoryOf>
class ConvProgram final : public Program, public Rowwise {
 public:
  /// `residual`: input 3 is added; inPlaceInput as in Program.
  ConvProgram(std::string kernel, Conv conv, WeightCache::Packed packed, int inPlaceInput, bool residual)
      : kernel_(std::move(kernel)),
        conv_(std::move(conv)),
        packed_(std::move(packed)),
        inPlaceInput_(inPlaceInput),
        residual_(residual) {}

  Status run(const RunArgs& args) override {
    const auto memory = kMemoryOf(args, *packed_);
    args.pool.parallelFor(conv_.tasks(), [&](int64_t task, int thread) { conv_.run(memory, task, thread); });
    return {};
  }

  std::string_view kernel() const override { return kernel_; }
  size_t scratchBytes() const override { return conv_.scratchBytes(); }
  int inPlaceInput(int) const override { return inPlaceInput_; }
  bool writesSlices() const override { return !residual_; }
  Rowwise* rowwise() override { return units() > 0 ? this : nullptr; }

  int64_t units() const override {
    if constexpr (kInRows) return conv_.plan().units();
    return 0;
  }
  RowRange rowsWritten(int64_t unit) const override {
    if constexpr (kInRows) return conv_.plan().rowsWritten(unit);
    return {};
  }
  RowRange rowsRead(int64_t unit) const override {
    if constexpr (kInRows) return conv_.plan().rowsRead(unit);
    return {};
  }
  size_t unitScratchBytes() const override {
    if constexpr (kInRows) return conv_.scratchPerThread();
    return 0;
  }
  void runUnits(const RunArgs& args, int64_t first, int64_t last) override {
    if constexpr (kInRows) {
      const auto memory = kMemoryOf(args, *packed_);
      const int64_t tasks = conv_.plan().unitTasks();
      for (int64_t task = first * tasks; task < last * tasks; ++task) conv_.runTask(memory, task, 0);
    }
  }

 private:
  static constexpr bool kInRows = requires(const Conv& conv) { conv.plan(); };

  std::string kernel_;
  Conv conv_;
  WeightCache::Packed packed_;
  int inPlaceInput_;
  bool residual_;
};

}  // namespace qrt
