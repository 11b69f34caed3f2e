#include "kernels/elementwise/broadcast.h"

namespace qrt {

Broadcast::Broadcast(std::span<const int64_t> a, std::span<const int64_t> b,
                     std::span<const int64_t> out, int64_t elementBytes) {
  // Innermost first: loops of size > 1, merged where both operands go on without a gap.
  std::array<Loop, kMaxRank> merged{};
  int count = 0;
  int64_t aStride = 1;
  int64_t bStride = 1;
  for (size_t i = 1; i <= out.size(); ++i) {
    const int64_t size = out[out.size() - i];
    const int64_t aSize = i <= a.size() ? a[a.size() - i] : 1;
    const int64_t bSize = i <= b.size() ? b[b.size() - i] : 1;
    const Loop loop = {size, aSize == 1 ? 0 : aStride, bSize == 1 ? 0 : bStride};
    aStride *= aSize;
    bStride *= bSize;
    if (size == 0) return;
    if (size == 1) continue;
    Loop& last = merged[static_cast<size_t>(count > 0 ? count - 1 : 0)];
    if (count > 0 && loop.a == last.a * last.size && loop.b == last.b * last.size) {
      last.size *= size;
    } else {
      merged[static_cast<size_t>(count++)] = loop;
    }
  }
  if (count > 0) {
    n_ = merged[0].size;
    if (merged[0].a == 0) repeated_ = Repeated::a;
    if (merged[0].b == 0) repeated_ = Repeated::b;
  }
  constexpr int64_t kLongRow = 8192;
  splitsRow_ = n_ > kLongRow || count < 2;
  const int inner = splitsRow_ ? 1 : 2;
  if (!splitsRow_) {
    rows_ = merged[1].size;
    aRow_ = merged[1].a;
    bRow_ = merged[1].b;
  }
  int64_t planes = 1;
  for (int i = count - 1; i >= inner; --i) {
    loops_[static_cast<size_t>(outer_++)] = merged[static_cast<size_t>(i)];
    planes *= merged[static_cast<size_t>(i)].size;
  }
  const int64_t bytes = 3 * elementBytes;  // two read, one written
  split_ = splitsRow_ ? WorkSplit(planes, n_, bytes, 64) : WorkSplit(planes, rows_, n_ * bytes);
}

}  // namespace qrt
