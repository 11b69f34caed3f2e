// Softmax and LogSoftmax along one axis, the maximum taken off first so that no exponential overflows.
#include <algorithm>
#include <cmath>

#include "graph/ops/dtypes.h"
#include "graph/ops/int8.h"
#include "graph/ops/ops.h"
#include "graph/ops/shape_rules.h"

namespace qrt {
namespace {

Status infer(InferContext& ctx) {
  QRT_RETURN_IF_ERROR(requireReals(ctx, FloatTypes{}));
  if (const Shape& x = ctx.shape(0); x.ranked()) {
    QRT_ASSIGN_OR_RETURN(const int axis, checkedAxis(ctx.attrs<AxisAttrs>().axis, x.rank()));
    if (ctx.input(0).quant && axis != x.rank() - 1) {
      return unsupported("int8 Softmax along axis ", axis, " of ", x.toString(), ", wanted the last");
    }
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

Status int8Softmax(const KernelContext& ctx) {
  QRT_ASSIGN_OR_RETURN(const QuantizedRange range, int8Range(ctx, {}));
  const Shape& shape = ctx.inputs[0].shape;
  const auto exponentials = int8ExpTable(ctx.inputs[0].quant->scales[0]);
  const int64_t size = shape[shape.rank() - 1];
  for (int64_t first = 0; first < shape.elements(); first += size) {
    const int8_t* src = ctx.in<int8_t>(0) + first;
    const int max = *std::max_element(src, src + size);
    const auto e = [&](int64_t k) { return exponentials[static_cast<size_t>(max - src[k])]; };
    uint64_t sum = 0;
    for (int64_t k = 0; k < size; ++k) sum += e(k);
    const float scale = int8SoftmaxScale(sum, ctx.outputs[0].quant->scales[0]);
    for (int64_t k = 0; k < size; ++k) {
      ctx.out<int8_t>(0)[first + k] =
          static_cast<int8_t>(requantize(static_cast<float>(e(k)) * scale, range));
    }
  }
  return {};
}

Status softmax(const KernelContext& ctx) {
  if (ctx.inputs[0].quant != nullptr) return int8Softmax(ctx);
  return reference(ctx, [](double x, double sum) { return std::exp(x) / sum; });
}

Status logSoftmax(const KernelContext& ctx) {
  return reference(ctx, [](double x, double sum) { return x - std::log(sum); });
}

}  // namespace

const OpDef kOpSoftmax = {OpType::Softmax, 1, 1, 1, 1, infer, softmax};
const OpDef kOpLogSoftmax = {OpType::LogSoftmax, 1, 1, 1, 1, infer, logSoftmax};

}  // namespace qrt
