// Runs of steps that take turns, a band of rows at a time, so that the rows between them never leave the
// cache: depthwise separable blocks on large maps are bound by memory otherwise.
//
// The image is cut into stripes, one for each thread; a stripe computes what it needs of the rows at its border
// itself. Between two steps lies a ring, one for each thread: memory for the rows that are written and still to be
// read. When it is full, the rows still to be read move to its front. Steps compute with absolute rows: a ring whose
// front is row `base` is given to them as if row 0 were there, `base` rows before its memory, at an address that
// is computed but never read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "runtime/compile.h"

namespace qrt {

/// Steps of a chain have at most so many inputs.
inline constexpr size_t kMostChainInputs = 4;

/// One turn: units first … last − 1 of a step.
struct Turn {
  size_t step;
  int64_t first, last;
  int64_t inputBase, outputBase;  ///< rows at the fronts of the rings it reads and writes; 0 where there is none
  /// Rows of its output's ring to be moved to the front before: from this one behind the front.
  int64_t moveFrom, moveRows;
};

/// Memory of an output of which only some rows are live.
struct Ring {
  int64_t rowBytes = 0;
  size_t bytes = 0;  ///< for each thread
};

/// Steps that take turns.
struct Chain {
  size_t first = 0, last = 0;  ///< steps, both included
  std::vector<Ring> rings;     ///< of the outputs of all steps but the last
  std::vector<std::vector<Turn>> stripes;
  size_t scratchBytes = 0;     ///< for each thread
};

/// The chains of a graph, in order: neighbouring Rowwise steps, each reading what only the one before gives,
/// where that would not stay in the cache and the rings do.
/// `cacheBytes`: of each thread's cache.
std::vector<Chain> planChains(const Graph& graph, const std::vector<Step>& steps, int threads, size_t cacheBytes);

}  // namespace qrt
