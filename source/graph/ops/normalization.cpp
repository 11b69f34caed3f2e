// BatchNormalization, InstanceNormalization, LayerNormalization:
// y = (x − mean) / √(variance + epsilon) · scale + bias; they differ in where the statistics come from.
#include <cmath>

#include "graph/ops/checks.h"
#include "graph/ops/dtypes.h"
#include "graph/ops/ops.h"
#include "graph/ops/shape_rules.h"

namespace qrt {
namespace {

// dtypes and epsilon, and the axis if the rank is known (else 0).
Result<int> checkInputs(const InferContext& ctx) {
  const auto& attrs = ctx.attrs<NormAttrs>();
  QRT_RETURN_IF_ERROR(requireDType(ctx, 0, FloatTypes{}));
  QRT_RETURN_IF_ERROR(requireOneDType(ctx));
  if (!std::isfinite(attrs.epsilon) || attrs.epsilon < 0) {
    return invalidArgument("epsilon is ", attrs.epsilon, ", wanted a finite number, at least 0");
  }
  if (!ctx.shape(0).ranked()) return 0;
  return checkedAxis(attrs.axis, ctx.shape(0).rank());
}

// BatchNormalization and InstanceNormalization: all inputs but x have one value per channel.
Status inferPerChannel(InferContext& ctx) {
  QRT_ASSIGN_OR_RETURN(const int axis, checkInputs(ctx));
  const Shape& x = ctx.shape(0);
  if (ctx.layer().op == OpType::InstanceNormalization && x.ranked() && axis == 0) {
    return invalidArgument("the channel axis of shape ", x.toString(),
                           " is 0, wanted one behind the batch");
  }
  for (size_t i = 1; i < ctx.inputCount(); ++i) {
    QRT_RETURN_IF_ERROR(requireRank(ctx, i, 1, "one value per channel"));
    QRT_RETURN_IF_ERROR(
        requireDim("number of values per channel", dimOf(ctx.shape(i), 0), dimOf(x, axis)));
  }
  ctx.setOutput(0, ctx.dtype(0), x);
  return {};
}

Status inferLayerNormalization(InferContext& ctx) {
  QRT_ASSIGN_OR_RETURN(const int axis, checkInputs(ctx));
  const Shape& x = ctx.shape(0);
  Shape statistics = x;
  for (int i = axis; i < x.rank(); ++i) statistics[i] = 1;
  for (size_t i = 1; x.ranked() && i < ctx.inputCount(); ++i) {
    if (!ctx.has(i)) continue;
    QRT_RETURN_IF_ERROR(requireRank(ctx, i, x.rank() - axis, "the normalized dimensions"));
    for (int k = axis; k < x.rank(); ++k) {
      QRT_RETURN_IF_ERROR(requireDim("a dimension of the scale or bias",
                                     dimOf(ctx.shape(i), k - axis), x[k]));
    }
  }
  for (size_t i = 1; i < ctx.outputCount(); ++i) ctx.setOutput(i, ctx.dtype(0), statistics);
  ctx.setOutput(0, ctx.dtype(0), x);
  return {};
}

struct Statistics {
  double mean = 0;
  double inverseDeviation = 1;

  Statistics(double m, double variance, float epsilon)
      : mean(m), inverseDeviation(1 / std::sqrt(variance + static_cast<double>(epsilon))) {}

  // Of value(0) … value(n − 1).
  template <class Value>
  static Statistics of(int64_t n, float epsilon, Value value) {
    double mean = 0;
    for (int64_t i = 0; i < n; ++i) mean += value(i);
    mean /= static_cast<double>(n);
    double variance = 0;
    for (int64_t i = 0; i < n; ++i) variance += (value(i) - mean) * (value(i) - mean);
    return {mean, variance / static_cast<double>(n), epsilon};
  }
};

// y of element x[i] with scale[p] and bias[p].
template <class T>
void store(const KernelContext& ctx, int64_t i, const Statistics& s, int64_t p) {
  const auto x = static_cast<double>(ctx.in<T>(0)[i]);
  const double y = (x - s.mean) * s.inverseDeviation * static_cast<double>(ctx.in<T>(1)[p]);
  ctx.out<T>(0)[i] = static_cast<T>(ctx.has(2) ? y + static_cast<double>(ctx.in<T>(2)[p]) : y);
}

Status batchNormalization(const KernelContext& ctx) {
  const auto& attrs = ctx.attrs<NormAttrs>();
  const Shape& x = ctx.inputs[0].shape;
  QRT_ASSIGN_OR_RETURN(const int axis, checkedAxis(attrs.axis, x.rank()));
  const int64_t inner = product(x, axis + 1, x.rank());
  return visitType(FloatTypes{}, ctx.inputs[0].dtype, [&]<class T>() -> Status {
    for (int64_t i = 0; i < x.elements(); ++i) {
      const int64_t c = i / inner % x[axis];
      const Statistics s(static_cast<double>(ctx.in<T>(3)[c]), static_cast<double>(ctx.in<T>(4)[c]),
                         attrs.epsilon);
      store<T>(ctx, i, s, c);
    }
    return {};
  });
}

Status instanceNormalization(const KernelContext& ctx) {
  const auto& attrs = ctx.attrs<NormAttrs>();
  const Shape& x = ctx.inputs[0].shape;
  QRT_ASSIGN_OR_RETURN(const int axis, checkedAxis(attrs.axis, x.rank()));
  const int64_t channels = x[axis];
  const int64_t outer = product(x, 1, axis);
  const int64_t inner = product(x, axis + 1, x.rank());
  return visitType(FloatTypes{}, ctx.inputs[0].dtype, [&]<class T>() -> Status {
    for (int64_t nc = 0; nc < x[0] * channels; ++nc) {
      const int64_t n = nc / channels;
      const int64_t c = nc % channels;
      const auto at = [&](int64_t i) {
        return ((n * outer + i / inner) * channels + c) * inner + i % inner;
      };
      const auto s = Statistics::of(outer * inner, attrs.epsilon, [&](int64_t i) {
        return static_cast<double>(ctx.in<T>(0)[at(i)]);
      });
      for (int64_t i = 0; i < outer * inner; ++i) store<T>(ctx, at(i), s, c);
    }
    return {};
  });
}

Status layerNormalization(const KernelContext& ctx) {
  const auto& attrs = ctx.attrs<NormAttrs>();
  const Shape& x = ctx.inputs[0].shape;
  QRT_ASSIGN_OR_RETURN(const int axis, checkedAxis(attrs.axis, x.rank()));
  const int64_t n = product(x, axis, x.rank());
  const auto wants = [&](size_t i) {
    return i < ctx.outputs.size() && ctx.outputs[i].data != nullptr;
  };
  return visitType(FloatTypes{}, ctx.inputs[0].dtype, [&]<class T>() -> Status {
    for (int64_t row = 0; row < product(x, 0, axis); ++row) {
      const T* src = ctx.in<T>(0) + row * n;
      const auto s = Statistics::of(n, attrs.epsilon,
                                    [&](int64_t i) { return static_cast<double>(src[i]); });
      for (int64_t i = 0; i < n; ++i) store<T>(ctx, row * n + i, s, i);
      if (wants(1)) ctx.out<T>(1)[row] = static_cast<T>(s.mean);
      if (wants(2)) ctx.out<T>(2)[row] = static_cast<T>(s.inverseDeviation);
    }
    return {};
  });
}

}  // namespace

const OpDef kOpBatchNormalization = {OpType::BatchNormalization, 5, 5, 1, 1, inferPerChannel,
                                     batchNormalization};
const OpDef kOpInstanceNormalization = {OpType::InstanceNormalization, 3, 3, 1, 1, inferPerChannel,
                                        instanceNormalization};
const OpDef kOpLayerNormalization = {
    OpType::LayerNormalization, 2, 3, 1, 3, inferLayerNormalization, layerNormalization};

}  // namespace qrt
