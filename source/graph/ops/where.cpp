// Where: cond ? a : b, all three broadcast together.
#include "graph/ops/dtypes.h"
#include "graph/ops/ops.h"
#include "graph/ops/shape_rules.h"

namespace qrt {
namespace {

Status infer(InferContext& ctx) {
  QRT_RETURN_IF_ERROR(requireDType(ctx, 0, TypeList<bool>{}));
  if (ctx.dtype(1) != ctx.dtype(2)) {
    return invalidArgument("input 2 is ", dtypeName(ctx.dtype(2)), ", wanted ",
                           dtypeName(ctx.dtype(1)), " as input 1");
  }
  QRT_ASSIGN_OR_RETURN(const Shape values, broadcastShapes(ctx.shape(1), ctx.shape(2)));
  QRT_ASSIGN_OR_RETURN(const Shape shape, broadcastShapes(ctx.shape(0), values));
  return setOutput(ctx, 0, ctx.dtype(1), shape);
}

Status reference(const KernelContext& ctx) {
  const Shape& shape = ctx.outputs[0].shape;
  const auto strides = [&](size_t i) { return broadcastStrides(ctx.inputs[i].shape, shape); };
  visitSize(dtypeSize(ctx.outputs[0].dtype), [&]<class T>() {
    T* out = ctx.out<T>(0);
    forEachRow<3>(shape.dims(), {strides(0), strides(1), strides(2)},
                  [&](int64_t count, const auto& at, const auto& step) {
                    const uint8_t* cond = ctx.in<uint8_t>(0) + at[0];
                    const T* a = ctx.in<T>(1) + at[1];
                    const T* b = ctx.in<T>(2) + at[2];
                    for (int64_t i = 0; i < count; ++i) {
                      *out++ = cond[i * step[0]] != 0 ? a[i * step[1]] : b[i * step[2]];
                    }
                  });
  });
  return {};
}

}  // namespace

const OpDef kOpWhere = {.type = OpType::Where,
                        .minInputs = 3,
                        .maxInputs = 3,
                        .minOutputs = 1,
                        .maxOutputs = 1,
                        .infer = infer,
                        .reference = reference};

}  // namespace qrt
