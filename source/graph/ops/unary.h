// Frame of the ops that map each element of one tensor: the shape rule and the loop.
#pragma once

#include "graph/ops/dtypes.h"
#include "graph/ops/int8.h"
#include "graph/ops/shape_rules.h"

namespace qrt {

/// out = x's dtype and shape, for the dtypes of the list.
template <class Types>
Status inferUnary(InferContext& ctx) {
  QRT_RETURN_IF_ERROR(requireReals(ctx, Types{}));
  return setOutput(ctx, 0, ctx.dtype(0), ctx.shape(0));
}

/// out[i] = Fn{}(layer, x[i]), computed in Compute<T>.
template <class Types, class Fn>
Status runUnary(const KernelContext& ctx) {
  if (ctx.inputs[0].quant != nullptr && ctx.outputs[0].quant != nullptr) return runInt8Table(ctx);
  QRT_RETURN_IF_ERROR(requireUnquantized(ctx));
  return visitType(Types{}, ctx.inputs[0].dtype, [&]<class T>() -> Status {
    const T* x = ctx.in<T>(0);
    T* y = ctx.out<T>(0);
    const int64_t count = ctx.outputs[0].shape.elements();
    for (int64_t i = 0; i < count; ++i) {
      y[i] = static_cast<T>(Fn{}(ctx.layer, static_cast<Compute<T>>(x[i])));
    }
    return {};
  });
}

template <class Types, class Fn>
constexpr OpDef unaryOp(OpType type) {
  return {.type = type,
          .minInputs = 1,
          .maxInputs = 1,
          .minOutputs = 1,
          .maxOutputs = 1,
          .infer = inferUnary<Types>,
          .reference = runUnary<Types, Fn>};
}

}  // namespace qrt
