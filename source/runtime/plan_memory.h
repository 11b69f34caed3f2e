// Where each buffer lies in the arena: offsets such that buffers that live at the same time do not
// overlap, and the arena is small.
//
// Finding the smallest arena is NP-hard (dynamic storage allocation). Greedy placement, one buffer
// after another into the tightest gap, is within a few percent of the lower bound on real networks
// when several orders of placing are tried; see Pisarchyk and Lee, "Efficient Memory Management for
// Deep Neural Net Inference", 2020.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace qrt {

/// A piece of memory and the steps during which it must keep its content, both included.
struct ArenaBuffer {
  size_t bytes = 0;
  int first = 0;
  int last = 0;
};

struct MemoryPlan {
  std::vector<size_t> offsets;  ///< by buffer; multiples of kAlignment
  size_t bytes = 0;             ///< size of the arena
};

/// Sizes must add up without overflow.
MemoryPlan planMemory(std::span<const ArenaBuffer> buffers);

/// The largest sum of buffers that live at one step: no plan can need less.
size_t memoryLowerBound(std::span<const ArenaBuffer> buffers);

}  // namespace qrt
