// ConstantOfShape: shape, value? → a tensor filled with the value, f32 0 by default.
#include "graph/ops/ops.h"
#include "graph/ops/shape_rules.h"

namespace qrt {
namespace {

Status infer(InferContext& ctx) {
  const DType dtype = ctx.has(1) ? ctx.dtype(1) : DType::f32;
  if (ctx.has(1) && ctx.shape(1).known() && ctx.shape(1).elementCount() != 1) {
    return invalidArgument("value of shape ", ctx.shape(1).toString(), ", wanted one element");
  }
  QRT_ASSIGN_OR_RETURN(const Shape shape, wantedShape(ctx, 0));
  return setOutput(ctx, 0, dtype, shape);
}

Status reference(const KernelContext& ctx) {
  constexpr float kZero = 0;
  const Shape& shape = ctx.outputs[0].shape;
  copyStrided(dtypeSize(ctx.outputs[0].dtype), shape.dims(), ctx.outputs[0].data,
              ctx.has(1) ? ctx.inputs[1].data : &kZero, broadcastStrides({}, shape));
  return {};
}

}  // namespace

const OpDef kOpConstantOfShape = {.type = OpType::ConstantOfShape,
                                  .minInputs = 1,
                                  .maxInputs = 2,
                                  .minOutputs = 1,
                                  .maxOutputs = 1,
                                  .infer = infer,
                                  .reference = reference};

}  // namespace qrt
