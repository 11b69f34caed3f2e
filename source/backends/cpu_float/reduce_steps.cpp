#include "backends/cpu_float/reduce_steps.h"

#include <algorithm>

namespace qrt {

ReduceSteps::ReduceSteps(ReduceFunction function, std::span<const int64_t> dims,
                         const std::array<bool, kMaxRank>& reduced, float divisor,
                         const ReduceKernels& kernels)
    : divisor_(divisor),
      row_(kernels.row[static_cast<size_t>(function)]),
      columns_(kernels.columns[static_cast<size_t>(function)]) {
  int64_t inner = 1;
  size_t i = dims.size();
  while (i > 0) {
    int64_t rows = 1;
    bool any = false;
    // A dim of 1 goes with its neighbours.
    while (i > 0 && (reduced[i - 1] || (any && dims[i - 1] == 1))) {
      any = true;
      rows *= dims[--i];
    }
    if (any && rows != 1) {
      int64_t outer = 1;
      for (size_t k = 0; k < i; ++k) outer *= dims[k];
      addSteps(outer, rows, inner);
    }
    if (i > 0 && !reduced[i - 1]) inner *= dims[--i];
  }
  if (count_ == 0) addSteps(1, 1, inner);
}

void ReduceSteps::addSteps(int64_t outer, int64_t rows, int64_t inner) {
  constexpr int64_t kBlockFloats = WorkSplit::kTaskBytes / int64_t{sizeof(float)};
  constexpr int64_t kManyColumns = 4096;  // enough to share out as they are
  const bool cut = rows > 16 && inner < kManyColumns && rows * inner > 2 * kBlockFloats;
  const int64_t blockRows = cut ? std::min(rows, std::max<int64_t>(16, kBlockFloats / inner)) : rows;
  const int64_t blocks = rows == 0 ? 1 : (rows + blockRows - 1) / blockRows;
  const int64_t rowBytes = std::max<int64_t>(1, blockRows) * int64_t{sizeof(float)};
  if (count_ > 0) halfScratch_ = std::max(halfScratch_, outer * rows * inner);
  steps_[static_cast<size_t>(count_++)] = {
      outer, rows, inner, blockRows, blocks, WorkSplit(outer * blocks, inner, rowBytes, 64)};
  if (blocks > 1) addSteps(outer, blocks, inner);
}

void ReduceSteps::run(const float* x, float* y, float* scratch, ThreadPool& pool) const {
  for (int i = 0; i < count_; ++i) {
    const bool last = i + 1 == count_;
    float* const out = last ? y : scratch + i % 2 * halfScratch_;
    runStep(steps_[static_cast<size_t>(i)], x, out, last, pool);
    x = out;
  }
}

void ReduceSteps::runStep(const Step& step, const float* x, float* y, bool last,
                          ThreadPool& pool) const {
  pool.parallelFor(step.split.tasks(), [&](int64_t task, int) {
    step.split.forEachPiece(task, [&](int64_t plane, int64_t begin, int64_t end) {
      const int64_t first = plane % step.blocks * step.blockRows;
      const int64_t rows = std::min(step.blockRows, step.rows - first);
      const float* src = x + (plane / step.blocks * step.rows + first) * step.inner + begin;
      float* dst = y + plane * step.inner + begin;
      if (step.inner == 1) {
        *dst = row_(src, rows);
      } else {
        columns_(src, rows, step.inner, dst, end - begin);
      }
      if (last && divisor_ != 1) {
        for (int64_t i = 0; i < end - begin; ++i) dst[i] /= divisor_;
      }
    });
  });
}

}  // namespace qrt
