#include "backends/common/resize_plan.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"

namespace qrt {

Result<ResizeAxes> resizeAxesOf(const Graph& graph, const Layer& layer) {
  ConstTensorView given[2];
  for (size_t i = 0; i < 2; ++i) {
    const TensorId id = layer.input(i + 1);
    if (id == kNoTensor || graph.tensor(id).shape == Shape{0}) continue;
    if (!graph.tensor(id).isConstant()) {
      return unsupported(i == 0 ? "scales" : "sizes", " is computed by the graph, wanted a constant");
    }
    given[i] = graph.tensor(id).constantView();
  }
  return resizeAxes(layer.attrs<ResizeAttrs>().coordinates, graph.tensor(layer.inputs[0]).shape,
                    given[0], given[1]);
}

Result<ResizeExtents> resizeExtents(const ResizeAxes& axes, int rank) {
  int first = rank;
  int last = -1;
  for (int i = 0; i < rank; ++i) {
    if (axes[static_cast<size_t>(i)].identity) continue;
    first = std::min(first, i);
    last = i;
  }
  if (last - first > 1) {
    return unsupported("dims ", first, " to ", last, " change, wanted at most two side by side");
  }
  ResizeExtents result;
  for (int i = 0; i < rank; ++i) {
    const ResizeAxis& axis = axes[static_cast<size_t>(i)];
    if (i < first) result.outer *= axis.in;
    else if (i == last) result.columns = axis;
    else if (i == first) result.rows = axis;
    else result.inner *= axis.in;
  }
  return result;
}

namespace {

double roundIndex(ResizeRounding rounding, double x) {
  switch (rounding) {
    case ResizeRounding::preferFloor: return std::ceil(x - 0.5);
    case ResizeRounding::preferCeil: return std::floor(x + 0.5);
    case ResizeRounding::floor: return std::floor(x);
    default: return std::ceil(x);
  }
}

}  // namespace

CopyPlan planNearestResize(const Graph& graph, const Layer& layer, const ResizeAxes& axes) {
  const Tensor& in = graph.tensor(layer.inputs[0]);
  const auto src = byteStrides(in);
  const auto dst = byteStrides(graph.tensor(layer.outputs[0]));
  CopyPlan plan;
  std::vector<CopyDim> dims;
  for (size_t i = 0; i < static_cast<size_t>(in.shape.rank()); ++i) {
    const ResizeAxis& axis = axes[i];
    dims.push_back({axis.out, dst[i], src[i]});
    if (axis.identity) continue;
    auto table = std::make_unique<int64_t[]>(static_cast<size_t>(axis.out));
    for (int64_t o = 0; o < axis.out; ++o) {
      const double index = roundIndex(layer.attrs<ResizeAttrs>().rounding, axis.source(o));
      table[static_cast<size_t>(o)] =
          std::clamp<int64_t>(static_cast<int64_t>(index), 0, axis.in - 1) * src[i];
    }
    dims.back().table = table.get();
    plan.tables.push_back(std::move(table));
  }
  plan.pieces.push_back({StridedCopy::plan(static_cast<int64_t>(dtypeSize(in.dtype)), dims), 0, 0});
  return plan;
}

}  // namespace qrt
