// The order in which simd/bytes_s8.h splits a block of bytes in four, for tables that are read beside the
// quarters.
#pragma once

#include <algorithm>
#include <cstdint>

namespace qrt {

/// Which of the `width` values of a block is at `position` when quarters stand one behind the other.
constexpr int64_t quarterOrder(int64_t position, int64_t width) {
  const int64_t lane = std::min<int64_t>(16, width);
  const int64_t quarter = position / (width / 4), index = position % (width / 4);
  return index / (lane / 4) * lane + quarter * (lane / 4) + index % (lane / 4);
}

}  // namespace qrt
