// Frame of the ops that combine two tensors by numpy broadcasting: the shape rule and the loop.
#pragma once

#include "graph/ops/checks.h"
#include "graph/ops/dtypes.h"
#include "graph/ops/shape_rules.h"

namespace qrt {

/// out[i] = fn(a[i], b[i]) for every element of the output, a and b broadcast to it.
template <class A, class B, class Out, class Fn>
void mapBroadcast(const KernelContext& ctx, Fn fn) {
  const Shape& shape = ctx.outputs[0].shape;
  Out* out = ctx.out<Out>(0);
  forEachRow<2>(
      shape.dims(),
      {broadcastStrides(ctx.inputs[0].shape, shape), broadcastStrides(ctx.inputs[1].shape, shape)},
      [&](int64_t count, const auto& at, const auto& step) {
        const A* a = ctx.in<A>(0) + at[0];
        const B* b = ctx.in<B>(1) + at[1];
        for (int64_t i = 0; i < count; ++i) *out++ = fn(a[i * step[0]], b[i * step[1]]);
      });
}

/// Out = the broadcast shape, in `dtype`; the inputs share one dtype of the list.
template <class Types>
Status inferBroadcast(InferContext& ctx, DType dtype) {
  QRT_RETURN_IF_ERROR(requireDType(ctx, 0, Types{}));
  QRT_RETURN_IF_ERROR(requireOneDType(ctx));
  QRT_ASSIGN_OR_RETURN(const Shape shape, broadcastShapes(ctx.shape(0), ctx.shape(1)));
  return setOutput(ctx, 0, dtype, shape);
}

/// In the dtype of the inputs.
template <class Types>
Status inferBinary(InferContext& ctx) {
  return inferBroadcast<Types>(ctx, ctx.dtype(0));
}

/// Giving booleans.
template <class Types>
Status inferCompare(InferContext& ctx) {
  return inferBroadcast<Types>(ctx, DType::boolean);
}

constexpr OpDef binaryOp(OpType type, Status (*infer)(InferContext&),
                         Status (*reference)(const KernelContext&)) {
  return {.type = type,
          .minInputs = 2,
          .maxInputs = 2,
          .minOutputs = 1,
          .maxOutputs = 1,
          .infer = infer,
          .reference = reference};
}

}  // namespace qrt
