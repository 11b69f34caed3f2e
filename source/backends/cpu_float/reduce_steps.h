// A reduction over any dims as a chain of [outer, reduced, inner] → [outer, inner] steps, the innermost
// reduced dims first. A long reduction is cut into blocks of fixed length whose results a further step
// combines: all threads have work, sums stay accurate, and the result does not depend on the threads.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "base/thread_pool.h"
#include "kernels/reduce/reduce.h"
#include "kernels/work_split.h"

namespace qrt {

class ReduceSteps {
 public:
  static constexpr int kMaxRank = 8;

  ReduceSteps() = default;
  /// reduced[i]: whether dim i goes. `divisor`: what the result is divided by.
  ReduceSteps(ReduceFunction function, std::span<const int64_t> dims,
              const std::array<bool, kMaxRank>& reduced, float divisor,
              const ReduceKernels& kernels);

  /// Floats of scratch that run() needs.
  int64_t scratchFloats() const { return halfScratch_ * 2; }
  void run(const float* x, float* y, float* scratch, ThreadPool& pool) const;

 private:
  struct Step {
    int64_t outer, rows, inner;
    int64_t blockRows, blocks;  ///< → [outer, blocks, inner]
    WorkSplit split;            ///< planes: outer × blocks; rows: inner
  };
  void addSteps(int64_t outer, int64_t rows, int64_t inner);
  void runStep(const Step& step, const float* x, float* y, bool last, ThreadPool& pool) const;

  // At most 4 runs of reduced dims; cutting one again divides it by 16 or more.
  std::array<Step, 24> steps_{};
  int count_ = 0;
  int64_t halfScratch_ = 0;  ///< of the largest result between two steps
  float divisor_ = 1;
  ReduceRowFn row_ = nullptr;
  ReduceColumnsFn columns_ = nullptr;
};

}  // namespace qrt
