// Expand: x broadcast together with a shape.
#include "graph/ops/ops.h"
#include "graph/ops/shape_rules.h"

namespace qrt {
namespace {

Status infer(InferContext& ctx) {
  QRT_ASSIGN_OR_RETURN(const Shape wanted, wantedShape(ctx, 1));
  QRT_ASSIGN_OR_RETURN(const Shape shape, broadcastShapes(ctx.shape(0), wanted));
  return setOutput(ctx, 0, ctx.dtype(0), shape);
}

Status reference(const KernelContext& ctx) {
  const Shape& shape = ctx.outputs[0].shape;
  copyStrided(dtypeSize(ctx.inputs[0].dtype), shape.dims(), ctx.outputs[0].data, ctx.inputs[0].data,
              broadcastStrides(ctx.inputs[0].shape, shape));
  return {};
}

}  // namespace

const OpDef kOpExpand = {.type = OpType::Expand,
                         .minInputs = 2,
                         .maxInputs = 2,
                         .minOutputs = 1,
                         .maxOutputs = 1,
                         .infer = infer,
                         .reference = reference};

}  // namespace qrt
