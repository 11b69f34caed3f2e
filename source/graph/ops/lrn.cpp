// Lrn: local response normalization over neighbouring channels.
#include <algorithm>
#include <cmath>

#include "graph/ops/dtypes.h"
#include "graph/ops/ops.h"
#include "graph/ops/shape_rules.h"

namespace qrt {
namespace {

Status infer(InferContext& ctx) {
  const auto& attrs = ctx.attrs<LrnAttrs>();
  QRT_RETURN_IF_ERROR(requireDType(ctx, 0, FloatTypes{}));
  if (attrs.size < 1) return invalidArgument("size is ", attrs.size, ", wanted at least 1");
  for (const float value : {attrs.alpha, attrs.beta, attrs.bias}) {
    if (!std::isfinite(value)) return invalidArgument("alpha, beta and bias must be finite");
  }
  if (ctx.shape(0).ranked()) {
    QRT_RETURN_IF_ERROR(checkedAxis(attrs.axis, ctx.shape(0).rank()).status());
  }
  ctx.setOutput(0, ctx.dtype(0), ctx.shape(0));
  return {};
}

Status reference(const KernelContext& ctx) {
  const auto& attrs = ctx.attrs<LrnAttrs>();
  const Shape& x = ctx.inputs[0].shape;
  QRT_ASSIGN_OR_RETURN(const int axis, checkedAxis(attrs.axis, x.rank()));
  const int64_t channels = x[axis];
  const int64_t inner = product(x, axis + 1, x.rank());
  const int64_t before = (attrs.size - 1) / 2;
  const int64_t after = attrs.size - 1 - before;
  const double alpha = static_cast<double>(attrs.alpha) / attrs.size;
  return visitType(FloatTypes{}, ctx.inputs[0].dtype, [&]<class T>() -> Status {
    for (int64_t i = 0; i < x.elements(); ++i) {
      const int64_t c = i / inner % channels;
      double squares = 0;
      for (int64_t near = std::max<int64_t>(c - before, 0);
           near <= std::min(c + after, channels - 1); ++near) {
        const auto value = static_cast<double>(ctx.in<T>(0)[i + (near - c) * inner]);
        squares += value * value;
      }
      const auto value = static_cast<double>(ctx.in<T>(0)[i]);
      ctx.out<T>(0)[i] = static_cast<T>(value / std::pow(attrs.bias + alpha * squares, attrs.beta));
    }
    return {};
  });
}

}  // namespace

const OpDef kOpLrn = {OpType::Lrn, 1, 1, 1, 1, infer, reference};

}  // namespace qrt
