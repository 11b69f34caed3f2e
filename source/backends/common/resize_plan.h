// What Resize layers of any element type share: where the output's positions lie in the input, and nearest
// as a copy by tables of offsets.
#pragma once

#include "backends/common/copy_plan.h"
#include "graph/ops/resize.h"

namespace qrt {

/// The dims of a Resize whose scales or sizes are constant.
Result<ResizeAxes> resizeAxesOf(const Graph& graph, const Layer& layer);

/// x as [outer, rows, columns, inner], where only rows and columns change. One changing dim is columns.
struct ResizeExtents {
  int64_t outer = 1, inner = 1;
  ResizeAxis rows{.in = 1, .out = 1, .identity = true};
  ResizeAxis columns = rows;
};
/// Fails unless at most two dims change, side by side.
Result<ResizeExtents> resizeExtents(const ResizeAxes& axes, int rank);

/// Resize to the nearest, of any dtype.
CopyPlan planNearestResize(const Graph& graph, const Layer& layer, const ResizeAxes& axes);

}  // namespace qrt
