// Add, Sub, Mul, Div with a fused activation, Min, Max and PRelu. Integers wrap around; dividing
// one by zero gives 0.
#include "graph/ops/binary.h"
#include "graph/ops/checks.h"
#include "graph/ops/int8.h"
#include "graph/ops/ops.h"

namespace qrt {
namespace {

// Integer arithmetic in uint64_t, whose low bits are those of the wrapped result in any width.
#define QRT_ARITHMETIC(name, op)                                                     \
  struct name##Fn {                                                                  \
    template <class T>                                                               \
    T operator()(T a, T b) const {                                                   \
      if constexpr (kIsFloat<T>)                                                     \
        return a op b;                                                               \
      else                                                                           \
        return static_cast<T>(static_cast<uint64_t>(a) op static_cast<uint64_t>(b)); \
    }                                                                                \
  }
QRT_ARITHMETIC(Add, +);
QRT_ARITHMETIC(Sub, -);
QRT_ARITHMETIC(Mul, *);

struct DivFn {
  template <class T>
  T operator()(T a, T b) const {
    if constexpr (!kIsFloat<T>) {
      if (b == 0) return 0;
      if constexpr (std::is_signed_v<T>) {
        if (b == -1) return SubFn{}(T(0), a);  // the lowest value / −1 would trap
      }
    }
    return static_cast<T>(a / b);
  }
};

struct MinFn {
  template <class T>
  T operator()(T a, T b) const {
    return a < b || a != a ? a : b;  // NaN wins, as in numpy
  }
};
struct MaxFn {
  template <class T>
  T operator()(T a, T b) const {
    return a > b || a != a ? a : b;
  }
};

struct PReluFn {
  template <class T>
  T operator()(T x, T slope) const {
    return x < 0 ? MulFn{}(x, slope) : x;
  }
};

// The slope broadcasts to x, not x to the slope.
Status inferPRelu(InferContext& ctx) {
  using Types = TypeList<float, double, Half, BFloat16, int32_t, uint32_t, int64_t, uint64_t>;
  QRT_RETURN_IF_ERROR(inferBinary<Types>(ctx));
  const Shape& x = ctx.shape(0);
  const Shape& slope = ctx.shape(1);
  QRT_ASSIGN_OR_RETURN(const Shape both, broadcastShapes(x, slope));
  for (int i = 0; i < both.rank(); ++i) {
    if (both.rank() != x.rank() || (x[i] != Shape::kUnknown && x[i] != both[i])) {
      return invalidArgument("slope of shape ", slope.toString(), " does not broadcast to ",
                             x.toString());
    }
  }
  return {};
}

Status inferArithmetic(InferContext& ctx) {
  QRT_RETURN_IF_ERROR(inferBinary<NumericTypes>(ctx));
  return requireReals(ctx, NumericTypes{}, ctx.attrs<BinaryAttrs>().activation);
}

Status int8Arithmetic(const KernelContext& ctx) {
  QRT_ASSIGN_OR_RETURN(const QuantizedRange range,
                       int8Range(ctx, ctx.attrs<BinaryAttrs>().activation));
  const float scaleA = ctx.inputs[0].quant->scales[0];
  const float scaleB = ctx.inputs[1].quant->scales[0];
  const float scaleOut = ctx.outputs[0].quant->scales[0];
  const int32_t zeroA = ctx.inputs[0].quant->zeroPoints[0];
  const int32_t zeroB = ctx.inputs[1].quant->zeroPoints[0];
  const auto run = [&](auto value) {
    mapBroadcast<int8_t, int8_t, int8_t>(ctx, [&](int8_t a, int8_t b) {
      return static_cast<int8_t>(requantize(value(a - zeroA, b - zeroB), range));
    });
  };
  if (ctx.layer.op == OpType::Mul) {
    const float scale = productScale(scaleA, scaleB, scaleOut);
    run([&](int32_t a, int32_t b) { return static_cast<float>(a * b) * scale; });
    return {};
  }
  const SumScales scales(scaleA, scaleB, scaleOut);
  const int32_t sign = ctx.layer.op == OpType::Sub ? -1 : 1;
  run([&](int32_t a, int32_t b) {  // a float holds what is not far out of range
    const int32_t sum = a * scales.a + sign * b * scales.b + (1 << (scales.shift - 1));
    return static_cast<float>(sum >> scales.shift);
  });
  return {};
}

template <class Fn>
Status run(const KernelContext& ctx) {
  const bool quantized = ctx.inputs[0].quant != nullptr;
  if (quantized && int8Form(ctx.layer.op) == Int8Form::arithmetic) return int8Arithmetic(ctx);
  // Of equal parameters, which the rule demands, the larger value has the larger integer.
  if (int8Form(ctx.layer.op) != Int8Form::move) QRT_RETURN_IF_ERROR(requireUnquantized(ctx));
  const auto* attrs = std::get_if<BinaryAttrs>(&ctx.layer.attributes);
  const Activation activation = attrs != nullptr ? attrs->activation : Activation{};
  return visitType(NumericTypes{}, ctx.inputs[0].dtype, [&]<class T>() -> Status {
    using C = Compute<T>;
    mapBroadcast<T, T, T>(ctx, [&](T a, T b) {
      const C result = Fn{}(static_cast<C>(a), static_cast<C>(b));
      if constexpr (kIsFloat<T>) {
        if (activation.kind != ActivationKind::none) {
          return static_cast<T>(static_cast<C>(applyActivation(activation, double{result})));
        }
      }
      return static_cast<T>(result);
    });
    return {};
  });
}

}  // namespace

const OpDef kOpAdd = binaryOp(OpType::Add, inferArithmetic, run<AddFn>);
const OpDef kOpDiv = binaryOp(OpType::Div, inferArithmetic, run<DivFn>);
const OpDef kOpMax = binaryOp(OpType::Max, inferBinary<NumericTypes>, run<MaxFn>);
const OpDef kOpMin = binaryOp(OpType::Min, inferBinary<NumericTypes>, run<MinFn>);
const OpDef kOpMul = binaryOp(OpType::Mul, inferArithmetic, run<MulFn>);
const OpDef kOpPRelu = binaryOp(OpType::PRelu, inferPRelu, run<PReluFn>);
const OpDef kOpSub = binaryOp(OpType::Sub, inferArithmetic, run<SubFn>);

}  // namespace qrt
