// What the tiles of a product fetch into L2 while they multiply. The weights of late layers come from a
// far cache or memory, and rows are few there: a panel that waits for its first use waits long.
#pragma once

#include <cstdint>

namespace qrt {

/// The share of each tile in fetching.
class FetchAhead {
 public:
  /// `blocks` tiles in turn read each panel, `stepBytes` of it in each step. They share the fetching of the
  /// next panel; or each fetches its own shortly before use, where it is read but once or leaves no room.
  FetchAhead(int64_t blocks, int64_t panelBytes, int64_t stepBytes)
      : share_(blocks > 1 && panelBytes <= kLargePanel),
        step_(share_ ? (stepBytes + blocks - 1) / blocks : stepBytes),
        tileBytes_(step_ * (panelBytes / stepBytes)) {}

  /// Bytes to fetch in each step.
  uintptr_t step() const { return static_cast<uintptr_t>(step_); }
  /// Where tile `block` of `panel` begins to fetch; `next` is the panel after that one, or null.
  /// An address, since it may lie beyond the panels.
  uintptr_t from(const void* panel, const void* next, int64_t block) const {
    return share_ && next != nullptr ? reinterpret_cast<uintptr_t>(next) + static_cast<uintptr_t>(block * tileBytes_)
                                     : reinterpret_cast<uintptr_t>(panel) + kDistance;
  }

 private:
  static constexpr int64_t kLargePanel = 768 * 1024;
  static constexpr uintptr_t kDistance = 4096;

  bool share_;
  int64_t step_, tileBytes_;
};

}  // namespace qrt
