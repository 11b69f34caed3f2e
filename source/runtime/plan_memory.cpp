#include "runtime/plan_memory.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "base/aligned_buffer.h"

namespace qrt {
namespace {

// Placing costs the square of the number of buffers, except in the order of time, which forgets those
// that are over. Larger graphs are only placed in that order.
constexpr size_t kMostForAllOrders = 4000;

using Order = std::vector<size_t>;

// Bytes of all buffers that live at each step.
std::vector<size_t> bytesByStep(std::span<const ArenaBuffer> buffers) {
  int steps = 0;
  for (const ArenaBuffer& buffer : buffers) steps = std::max(steps, buffer.last + 1);
  // First the changes (modulo 2^64), then their running sum.
  std::vector<size_t> bytes(static_cast<size_t>(steps) + 1);
  for (const ArenaBuffer& buffer : buffers) {
    bytes[static_cast<size_t>(buffer.first)] += buffer.bytes;
    bytes[static_cast<size_t>(buffer.last) + 1] -= buffer.bytes;
  }
  std::partial_sum(bytes.begin(), bytes.end(), bytes.begin());
  return bytes;
}

// Buffers sorted by a key, largest first; equal keys by size, then by time.
template <class Key>
Order orderBy(std::span<const ArenaBuffer> buffers, const Key& key) {
  Order order(buffers.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    const auto ka = key(a);
    const auto kb = key(b);
    return ka != kb ? ka > kb : buffers[a].bytes > buffers[b].bytes;
  });
  return order;
}

// Places the buffers one after another, each into the smallest gap that holds it between those placed
// before that live at the same time, else behind them.
MemoryPlan placeInOrder(std::span<const ArenaBuffer> buffers, const Order& order, bool byTime) {
  struct Placed {
    size_t begin, end;
    int first, last;
  };
  MemoryPlan plan{std::vector<size_t>(buffers.size()), 0};
  std::vector<Placed> placed;  // ascending by begin
  for (const size_t i : order) {
    const ArenaBuffer& buffer = buffers[i];
    const size_t size = alignUp(buffer.bytes);
    if (size == 0) continue;
    if (byTime) std::erase_if(placed, [&](const Placed& p) { return p.last < buffer.first; });
    size_t best = 0;
    size_t bestGap = std::numeric_limits<size_t>::max();
    size_t end = 0;
    for (const Placed& p : placed) {
      if (p.last < buffer.first || buffer.last < p.first) continue;
      if (p.begin >= end + size && p.begin - end < bestGap) {
        best = end;
        bestGap = p.begin - end;
      }
      end = std::max(end, p.end);
    }
    if (bestGap == std::numeric_limits<size_t>::max()) best = end;
    plan.offsets[i] = best;
    plan.bytes = std::max(plan.bytes, best + size);
    const auto behind = std::upper_bound(placed.begin(), placed.end(), best,
                                         [](size_t at, const Placed& p) { return at < p.begin; });
    placed.insert(behind, {best, best + size, buffer.first, buffer.last});
  }
  return plan;
}

}  // namespace

size_t memoryLowerBound(std::span<const ArenaBuffer> buffers) {
  const std::vector<size_t> bytes = bytesByStep(buffers);
  return *std::max_element(bytes.begin(), bytes.end());
}

MemoryPlan planMemory(std::span<const ArenaBuffer> buffers) {
  const auto earliness = [&](size_t i) { return -buffers[i].first; };
  MemoryPlan best = placeInOrder(buffers, orderBy(buffers, earliness), true);
  if (buffers.size() > kMostForAllOrders) return best;

  const std::vector<size_t> bytes = bytesByStep(buffers);
  const auto size = [&](size_t i) { return buffers[i].bytes; };
  const auto duration = [&](size_t i) { return buffers[i].last - buffers[i].first; };
  const auto area = [&](size_t i) { return static_cast<double>(size(i)) * (duration(i) + 1); };
  // The fullest step at which the buffer lives: what is hardest to fit comes first.
  const auto breadth = [&](size_t i) {
    return *std::max_element(bytes.begin() + buffers[i].first, bytes.begin() + buffers[i].last + 1);
  };
  const Order orders[] = {orderBy(buffers, size), orderBy(buffers, breadth),
                          orderBy(buffers, duration), orderBy(buffers, area)};
  for (const Order& order : orders) {
    MemoryPlan plan = placeInOrder(buffers, order, false);
    if (plan.bytes < best.bytes) best = std::move(plan);
  }
  return best;
}

}  // namespace qrt
