// Numpy broadcasting of two dense tensors as loops over rows: dims that are contiguous for both merge,
// so that most pairs end as one long row, or as rows against one row or one value.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "kernels/elementwise/binary.h"
#include "kernels/work_split.h"

namespace qrt {

class Broadcast {
 public:
  /// `a` and `b` broadcast to `out`; ranks at most kMaxRank, shapes checked before.
  Broadcast(std::span<const int64_t> a, std::span<const int64_t> b, std::span<const int64_t> out,
            int64_t elementBytes = sizeof(float));

  static constexpr int kMaxRank = 8;

  Repeated repeated() const { return repeated_; }
  int64_t tasks() const { return split_.tasks(); }

  /// Calls rows(aOffset, bOffset, yOffset, rows, n) for each block of rows of a task, with offsets in
  /// elements. Rows of y follow each other without gaps.
  template <class Fn>
  void forEachBlock(int64_t task, Fn&& block) const {
    split_.forEachPiece(task, [&](int64_t plane, int64_t begin, int64_t end) {
      int64_t a = 0;
      int64_t b = 0;
      int64_t rest = plane;
      for (int k = outer_ - 1; k >= 0; --k) {
        const Loop& loop = loops_[static_cast<size_t>(k)];
        a += rest % loop.size * loop.a;
        b += rest % loop.size * loop.b;
        rest /= loop.size;
      }
      if (splitsRow_) {
        block(a + begin * aStep(), b + begin * bStep(), plane * n_ + begin, int64_t{1}, end - begin);
      } else {
        block(a + begin * aRow_, b + begin * bRow_, (plane * rows_ + begin) * n_, end - begin, n_);
      }
    });
  }

  int64_t aRow() const { return aRow_; }
  int64_t bRow() const { return bRow_; }

 private:
  struct Loop {
    int64_t size, a, b;
  };
  int64_t aStep() const { return repeated_ == Repeated::a ? 0 : 1; }
  int64_t bStep() const { return repeated_ == Repeated::b ? 0 : 1; }

  std::array<Loop, kMaxRank> loops_{};  ///< outside rows and row
  int outer_ = 0;
  int64_t rows_ = 1, aRow_ = 0, bRow_ = 0;
  int64_t n_ = 1;
  Repeated repeated_ = Repeated::none;
  bool splitsRow_ = false;  ///< long rows are cut, short ones bundled
  WorkSplit split_;
};

}  // namespace qrt
