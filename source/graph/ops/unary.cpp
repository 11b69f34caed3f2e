// The elementwise functions of one tensor: a functor each.
#include "graph/ops/unary.h"

#include <cmath>

#include "graph/ops/convert.h"
#include "graph/ops/ops.h"

namespace qrt {
namespace {

using SignedTypes = TypeList<float, double, Half, BFloat16, int8_t, int16_t, int32_t, int64_t>;

// −x, where the lowest integer stays as it is.
template <class T>
T negated(T x) {
  if constexpr (kIsFloat<T>)
    return -x;
  else
    return static_cast<T>(uint64_t{0} - static_cast<uint64_t>(x));
}

#define QRT_UNARY(name, expression)   \
  struct name##Fn {                   \
    template <class T>                \
    T operator()(const Layer&, T x) { \
      return expression;              \
    }                                 \
  }

QRT_UNARY(Neg, negated(x));
QRT_UNARY(Sign, x > 0 ? T(1) : x < 0 ? static_cast<T>(-1) : x);
QRT_UNARY(Sqrt, std::sqrt(x));
QRT_UNARY(Exp, std::exp(x));
QRT_UNARY(Log, std::log(x));
QRT_UNARY(Erf, std::erf(x));
QRT_UNARY(Floor, std::floor(x));
QRT_UNARY(Ceil, std::ceil(x));
QRT_UNARY(Round, std::nearbyint(x));  // to nearest even, the default rounding mode
QRT_UNARY(Reciprocal, 1 / x);
// log(eˣ + 1) without overflow.
QRT_UNARY(Softplus, std::fmax(x, T(0)) + std::log1p(std::exp(-std::abs(x))));

struct AbsFn {
  template <class T>
  T operator()(const Layer&, T x) {
    if constexpr (kIsFloat<T>)
      return std::abs(x);
    else
      return x < 0 ? negated(x) : x;
  }
};

struct ClipFn {
  template <class T>
  T operator()(const Layer& layer, T x) {
    const auto& attrs = layer.attrs<ClipAttrs>();
    const T low = saturate<T>(attrs.min);
    const T high = saturate<T>(attrs.max);
    const T raised = x < low ? low : x;  // in this order NaN stays
    return raised > high ? high : raised;
  }
};

struct ReluFn {
  template <class T>
  T operator()(const Layer&, T x) {
    return x < 0 ? T(0) : x;
  }
};

// The layers that can also be fused behind others: one formula for both.
template <class Fn>
struct ActivationFn {
  template <class T>
  T operator()(const Layer& layer, T x) {
    return static_cast<T>(applyActivation(Fn{}(layer), static_cast<double>(x)));
  }
};
#define QRT_ACTIVATION(name, ...)                                                      \
  struct name##Activation {                                                            \
    Activation operator()([[maybe_unused]] const Layer& layer) { return __VA_ARGS__; } \
  };                                                                                   \
  using name##Fn = ActivationFn<name##Activation>

QRT_ACTIVATION(LeakyRelu, {ActivationKind::leakyRelu, layer.attrs<AlphaAttrs>().alpha});
QRT_ACTIVATION(Elu, {ActivationKind::elu, layer.attrs<AlphaAttrs>().alpha});
QRT_ACTIVATION(Sigmoid, {ActivationKind::sigmoid});
QRT_ACTIVATION(Tanh, {ActivationKind::tanh});
QRT_ACTIVATION(HardSwish, {ActivationKind::hardSwish});
QRT_ACTIVATION(HardSigmoid, {ActivationKind::hardSigmoid, layer.attrs<HardSigmoidAttrs>().alpha,
                             layer.attrs<HardSigmoidAttrs>().beta});

}  // namespace

#define QRT_UNARY_OP(name, types) const OpDef kOp##name = unaryOp<types, name##Fn>(OpType::name)

QRT_UNARY_OP(Abs, NumericTypes);
QRT_UNARY_OP(Ceil, FloatTypes);
QRT_UNARY_OP(Clip, NumericTypes);
QRT_UNARY_OP(Elu, FloatTypes);
QRT_UNARY_OP(Erf, FloatTypes);
QRT_UNARY_OP(Exp, FloatTypes);
QRT_UNARY_OP(Floor, FloatTypes);
QRT_UNARY_OP(HardSigmoid, FloatTypes);
QRT_UNARY_OP(HardSwish, FloatTypes);
QRT_UNARY_OP(LeakyRelu, FloatTypes);
QRT_UNARY_OP(Log, FloatTypes);
QRT_UNARY_OP(Neg, SignedTypes);
QRT_UNARY_OP(Reciprocal, FloatTypes);
QRT_UNARY_OP(Relu, SignedTypes);
QRT_UNARY_OP(Round, FloatTypes);
QRT_UNARY_OP(Sigmoid, FloatTypes);
QRT_UNARY_OP(Sign, NumericTypes);
QRT_UNARY_OP(Softplus, FloatTypes);
QRT_UNARY_OP(Sqrt, FloatTypes);
QRT_UNARY_OP(Tanh, FloatTypes);

}  // namespace qrt
