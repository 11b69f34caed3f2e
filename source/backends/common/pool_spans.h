// Where the windows of a pooling layer lie, for the kernels of any element type.
#pragma once

#include <algorithm>
#include <vector>

#include "graph/ops/spatial.h"
#include "kernels/pool/pool.h"

namespace qrt {

/// The taps inside of each output position along one axis. `countPadding`: an average counts the padding.
inline std::vector<PoolSpan> poolSpans(const Window& window, int64_t in, int64_t out,
                                       bool countPadding) {
  std::vector<PoolSpan> spans;
  for (int64_t o = 0; o < out; ++o) {
    const int64_t first = window.firstTap(o);
    const int64_t count = std::max<int64_t>(0, window.endTap(o, in) - first);
    const int64_t padded =
        std::min(window.kernel, in + window.padEnd - window.position(o, 0));
    // A window without taps reads nothing, but its position must be a valid one.
    spans.push_back({count > 0 ? window.position(o, first) : 0, count,
                     countPadding ? padded : count});
  }
  return spans;
}

}  // namespace qrt
