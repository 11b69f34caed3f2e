// Equal, Greater, Less, And, Not: their results are booleans. Bools are read as bytes, since those
// of a broken file may be others than 0 and 1.
#include "graph/ops/binary.h"
#include "graph/ops/ops.h"

namespace qrt {
namespace {

struct EqualFn {
  template <class T>
  bool operator()(T a, T b) const {
    return a == b;
  }
};
struct GreaterFn {
  template <class T>
  bool operator()(T a, T b) const {
    return a > b;
  }
};
struct LessFn {
  template <class T>
  bool operator()(T a, T b) const {
    return a < b;
  }
};

template <class Fn>
Status compare(const KernelContext& ctx) {
  QRT_RETURN_IF_ERROR(requireUnquantized(ctx));
  return visitType(NumericTypes{}, ctx.inputs[0].dtype, [&]<class T>() -> Status {
    using C = Compute<T>;
    mapBroadcast<T, T, bool>(ctx,
                             [](T a, T b) { return Fn{}(static_cast<C>(a), static_cast<C>(b)); });
    return {};
  });
}

Status equal(const KernelContext& ctx) {
  if (ctx.inputs[0].dtype != DType::boolean) return compare<EqualFn>(ctx);
  mapBroadcast<uint8_t, uint8_t, bool>(ctx,
                                       [](uint8_t a, uint8_t b) { return (a != 0) == (b != 0); });
  return {};
}

Status both(const KernelContext& ctx) {
  mapBroadcast<uint8_t, uint8_t, bool>(ctx, [](uint8_t a, uint8_t b) { return a != 0 && b != 0; });
  return {};
}

Status inferNot(InferContext& ctx) {
  QRT_RETURN_IF_ERROR(requireDType(ctx, 0, TypeList<bool>{}));
  return setOutput(ctx, 0, DType::boolean, ctx.shape(0));
}

Status negate(const KernelContext& ctx) {
  const auto* x = ctx.in<uint8_t>(0);
  std::transform(x, x + ctx.inputs[0].shape.elements(), ctx.out<bool>(0),
                 [](uint8_t value) { return value == 0; });
  return {};
}

}  // namespace

const OpDef kOpAnd = binaryOp(OpType::And, inferCompare<TypeList<bool>>, both);
const OpDef kOpEqual = binaryOp(OpType::Equal, inferCompare<AllTypes>, equal);
const OpDef kOpGreater = binaryOp(OpType::Greater, inferCompare<NumericTypes>, compare<GreaterFn>);
const OpDef kOpLess = binaryOp(OpType::Less, inferCompare<NumericTypes>, compare<LessFn>);
const OpDef kOpNot = {.type = OpType::Not,
                      .minInputs = 1,
                      .maxInputs = 1,
                      .minOutputs = 1,
                      .maxOutputs = 1,
                      .infer = inferNot,
                      .reference = negate};

}  // namespace qrt
