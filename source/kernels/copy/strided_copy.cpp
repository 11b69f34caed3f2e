#include "kernels/copy/strided_copy.h"

#include <algorithm>
#include <cstring>

#include "base/error.h"
#include "kernels/copy/transpose.h"

namespace qrt {
namespace {

int64_t srcOffsetOf(const CopyDim& dim, int64_t i) {
  return dim.table != nullptr ? dim.table[i] : i * dim.src;
}

// Rows [begin, end) of units of `Unit` bytes, or of `unit` bytes if Unit is 0.
template <size_t Unit>
void copyRows(const std::byte* src, std::byte* dst, const CopyDim& rows, const CopyDim& cols,
              int64_t begin, int64_t end, int64_t unit) {
  for (int64_t r = begin; r < end; ++r) {
    const std::byte* s = src + srcOffsetOf(rows, r);
    std::byte* d = dst + r * rows.dst;
    for (int64_t c = 0; c < cols.size; ++c) {
      std::memcpy(d + c * cols.dst, s + srcOffsetOf(cols, c),
                  Unit != 0 ? Unit : static_cast<size_t>(unit));
    }
  }
}

// Every row is one element, repeated.
template <class T>
void fillRows(const std::byte* src, std::byte* dst, const CopyDim& rows, const CopyDim& cols,
              int64_t begin, int64_t end) {
  for (int64_t r = begin; r < end; ++r) {
    T value;
    std::memcpy(&value, src + srcOffsetOf(rows, r), sizeof value);
    std::byte* d = dst + r * rows.dst;
    for (int64_t c = 0; c < cols.size; ++c) {
      std::memcpy(d + c * int64_t{sizeof value}, &value, sizeof value);
    }
  }
}

bool mergeable(const CopyDim& outer, const CopyDim& inner) {
  return outer.table == nullptr && inner.table == nullptr && outer.dst == inner.dst * inner.size &&
         outer.src == inner.src * inner.size;
}

}  // namespace

StridedCopy StridedCopy::plan(int64_t elementBytes, std::span<const CopyDim> dims,
                              int64_t srcOffset, int64_t dstOffset) {
  StridedCopy copy;
  copy.srcOffset_ = srcOffset;
  copy.dstOffset_ = dstOffset;
  for (const CopyDim& dim : dims) {
    if (dim.size == 0) return copy;
    if (dim.size == 1 && dim.table == nullptr) continue;
    QRT_CHECK(copy.rank_ < kMaxDims);
    copy.dims_[static_cast<size_t>(copy.rank_++)] = dim;
  }
  copy.order(elementBytes);
  copy.chooseTasks();
  return copy;
}

// Writes in order of memory, merges what is contiguous, picks the innermost loops.
void StridedCopy::order(int64_t elementBytes) {
  CopyDim* const dims = dims_.data();
  std::sort(dims, dims + rank_, [](const CopyDim& a, const CopyDim& b) { return a.dst > b.dst; });
  int kept = 0;
  for (int i = 0; i < rank_; ++i) {
    if (kept > 0 && mergeable(dims[kept - 1], dims[i])) {
      const int64_t outerSize = dims[kept - 1].size;
      dims[kept - 1] = dims[i];
      dims[kept - 1].size *= outerSize;
    } else {
      dims[kept++] = dims[i];
    }
  }
  rank_ = kept;
  unit_ = elementBytes;
  const auto isUnit = [this](const CopyDim& dim) { return dim.table == nullptr && dim.src == unit_; };
  if (rank_ > 0 && isUnit(dims[rank_ - 1]) && dims[rank_ - 1].dst == unit_) {
    unit_ *= dims[--rank_].size;
  }
  if (rank_ == 0 || unit_ >= WorkSplit::kTaskBytes) {
    inner_ = Inner::memcpy;
    return;
  }
  inner_ = Inner::rows;
  const CopyDim last = dims[rank_ - 1];
  if (last.dst == unit_ && canTranspose(unit_) && last.table == nullptr) {
    CopyDim* const band = std::find_if(dims, dims + rank_ - 1, isUnit);
    if (last.src == 0) {
      inner_ = Inner::fill;
    } else if (band != dims + rank_ - 1) {
      inner_ = Inner::transpose;
      std::rotate(band, band + 1, dims + rank_ - 1);
    }
  }
  if (rank_ == 1) {
    dims[1] = dims[0];
    dims[0] = CopyDim{};
    rank_ = 2;
  }
}

void StridedCopy::chooseTasks() {
  const bool isMemcpy = inner_ == Inner::memcpy;
  const int outer = isMemcpy ? rank_ : rank_ - 2;
  int64_t planes = 1;
  for (int i = 0; i < outer; ++i) planes *= dims_[static_cast<size_t>(i)].size;
  if (isMemcpy) {
    split_ = WorkSplit(planes, unit_, 1);
  } else {
    split_ = WorkSplit(planes, dims_[static_cast<size_t>(outer)].size,
                       unit_ * dims_[static_cast<size_t>(outer + 1)].size,
                       inner_ == Inner::transpose ? kTransposeRows : 1);
  }
}

void StridedCopy::run(const void* src, void* dst, int64_t task) const {
  const int outer = inner_ == Inner::memcpy ? rank_ : rank_ - 2;
  split_.forEachPiece(task, [&](int64_t plane, int64_t begin, int64_t end) {
    const auto* s = static_cast<const std::byte*>(src) + srcOffset_;
    auto* d = static_cast<std::byte*>(dst) + dstOffset_;
    for (int k = outer - 1; k >= 0; --k) {
      const CopyDim& dim = dims_[static_cast<size_t>(k)];
      const int64_t index = plane % dim.size;
      plane /= dim.size;
      s += srcOffsetOf(dim, index);
      d += index * dim.dst;
    }
    copyPlane(s, d, begin, end);
  });
}

void StridedCopy::copyPlane(const std::byte* src, std::byte* dst, int64_t begin,
                            int64_t end) const {
  if (inner_ == Inner::memcpy) {
    std::memcpy(dst + begin, src + begin, static_cast<size_t>(end - begin));
    return;
  }
  const CopyDim& rows = dims_[static_cast<size_t>(rank_ - 2)];
  const CopyDim& cols = dims_[static_cast<size_t>(rank_ - 1)];
  if (inner_ == Inner::transpose) {
    transpose2d(unit_, src + begin * unit_, cols.src, dst + begin * rows.dst, rows.dst, end - begin,
                cols.size);
    return;
  }
  if (inner_ == Inner::fill) {
    switch (unit_) {
      case 1: return fillRows<uint8_t>(src, dst, rows, cols, begin, end);
      case 2: return fillRows<uint16_t>(src, dst, rows, cols, begin, end);
      case 4: return fillRows<uint32_t>(src, dst, rows, cols, begin, end);
      default: return fillRows<uint64_t>(src, dst, rows, cols, begin, end);
    }
  }
  switch (unit_) {
    case 1: return copyRows<1>(src, dst, rows, cols, begin, end, 1);
    case 2: return copyRows<2>(src, dst, rows, cols, begin, end, 2);
    case 4: return copyRows<4>(src, dst, rows, cols, begin, end, 4);
    case 8: return copyRows<8>(src, dst, rows, cols, begin, end, 8);
    case 12: return copyRows<12>(src, dst, rows, cols, begin, end, 12);
    case 16: return copyRows<16>(src, dst, rows, cols, begin, end, 16);
    case 32: return copyRows<32>(src, dst, rows, cols, begin, end, 32);
    case 64: return copyRows<64>(src, dst, rows, cols, begin, end, 64);
    default: return copyRows<0>(src, dst, rows, cols, begin, end, unit_);
  }
}

std::string_view StridedCopy::algorithm() const {
  constexpr std::string_view kNames[] = {"memcpy", "fill", "rows", "transpose"};
  return kNames[static_cast<size_t>(inner_)];
}

}  // namespace qrt
