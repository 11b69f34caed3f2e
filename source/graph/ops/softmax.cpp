// Softmax and LogSoftmax along one axis, the maximum taken off first so that no exponential overflows.
#include <algorithm>
#include <cmath>

#include "graph/ops/dtypes.h"
#include "graph/ops/ops.h"
#include "graph/ops/shape_rules.h"

namespace qrt {
namespace {

Status infer(InferContext& ctx) {
  QRT_RETURN_IF_ERROR(requireDType(ctx, 0, FloatTypes{}));
  if (ctx.shape(0).ranked()) {
    QRT_RETURN_IF_ERROR(checkedAxis(ctx.attrs<AxisAttrs>().axis, ctx.shape(0).rank()).status());
  }
  ctx.setOutput(0, ctx.dtype(0), ctx.shape(0));
  return {};
}

// store(x − max, Σ exp(x − max)) is the result.
template <class Store>
Status reference(const KernelContext& ctx, Store store) {
  const Shape& shape = ctx.inputs[0].shape;
  QRT_ASSIGN_OR_RETURN(const int axis, checkedAxis(ctx.attrs<AxisAttrs>().axis, shape.rank()));
  const int64_t outer = product(shape, 0, axis);
  const int64_t size = shape[axis];
  const int64_t inner = product(shape, axis + 1, shape.rank());
  return visitType(FloatTypes{}, ctx.inputs[0].dtype, [&]<class T>() -> Status {
    for (int64_t i = 0; i < outer * inner; ++i) {
      const int64_t first = i / inner * size * inner + i % inner;
      const T* src = ctx.in<T>(0) + first;
      T* dst = ctx.out<T>(0) + first;
      double max = kLowest<double>;
      for (int64_t k = 0; k < size; ++k) max = std::max(max, static_cast<double>(src[k * inner]));
      double sum = 0;
      for (int64_t k = 0; k < size; ++k) sum += std::exp(static_cast<double>(src[k * inner]) - max);
      for (int64_t k = 0; k < size; ++k) {
        dst[k * inner] = static_cast<T>(store(static_cast<double>(src[k * inner]) - max, sum));
      }
    }
    return {};
  });
}

Status softmax(const KernelContext& ctx) {
  return reference(ctx, [](double x, double sum) { return std::exp(x) / sum; });
}

Status logSoftmax(const KernelContext& ctx) {
  return reference(ctx, [](double x, double sum) { return x - std::log(sum); });
}

}  // namespace

const OpDef kOpSoftmax = {OpType::Softmax, 1, 1, 1, 1, infer, softmax};
const OpDef kOpLogSoftmax = {OpType::LogSoftmax, 1, 1, 1, 1, infer, logSoftmax};

}  // namespace qrt
