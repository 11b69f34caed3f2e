// Shape: the dims [start, end) of the input's shape, as s64.
#include <algorithm>

#include "graph/ops/ops.h"
#include "graph/ops/shape_rules.h"

namespace qrt {
namespace {

// Negative counts from the end, then clamped.
int clampedAxis(int64_t axis, int rank) {
  return static_cast<int>(std::clamp<int64_t>(axis < 0 ? axis + rank : axis, 0, rank));
}

Status infer(InferContext& ctx) {
  const auto& attrs = ctx.attrs<ShapeAttrs>();
  const Shape& in = ctx.shape(0);
  int64_t count = Shape::kUnknown;
  if (in.ranked()) {
    count = std::max(0, clampedAxis(attrs.end, in.rank()) - clampedAxis(attrs.start, in.rank()));
  }
  return setOutput(ctx, 0, DType::s64, {count});
}

Status reference(const KernelContext& ctx) {
  const Shape& in = ctx.inputs[0].shape;
  const int start = clampedAxis(ctx.attrs<ShapeAttrs>().start, in.rank());
  std::copy_n(in.dims().data() + start, ctx.outputs[0].shape[0], ctx.out<int64_t>(0));
  return {};
}

}  // namespace

const OpDef kOpShape = {.type = OpType::Shape,
                        .minInputs = 1,
                        .maxInputs = 1,
                        .minOutputs = 1,
                        .maxOutputs = 1,
                        .infer = infer,
                        .reference = reference};

}  // namespace qrt
