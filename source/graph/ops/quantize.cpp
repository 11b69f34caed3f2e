// Quantize and Dequantize: between f32 and the quantized tensor that carries the parameters; Requantize:
// between parameters.
//   q = clamp(rint(x / scale) + zeroPoint)    x = (q − zeroPoint) · scale
#include <algorithm>
#include <cmath>

#include "base/requantize.h"
#include "graph/ops/dtypes.h"
#include "graph/ops/ops.h"
#include "graph/ops/shape_rules.h"

namespace qrt {
namespace {

using QuantizedTypes = TypeList<int8_t, uint8_t>;
using DequantizedTypes = TypeList<int8_t, uint8_t, int32_t>;

// That the parameters of an output fit its dtype and shape is checked behind every shape rule.
template <class Types>
Status requireQuantized(const Tensor& tensor, Types types) {
  if (!contains(types, tensor.dtype)) {
    return unsupportedDType(types, concat("the quantized tensor '", tensor.name, "'"), tensor.dtype);
  }
  if (!tensor.quant) return invalidArgument("'", tensor.name, "' has no quantization parameters");
  return {};
}

Status inferQuantize(InferContext& ctx) {
  QRT_RETURN_IF_ERROR(requireDType(ctx, 0, TypeList<float>{}));
  QRT_RETURN_IF_ERROR(requireQuantized(ctx.output(0), QuantizedTypes{}));
  ctx.setOutput(0, ctx.output(0).dtype, ctx.shape(0));
  return {};
}

Status inferRequantize(InferContext& ctx) {
  for (const Tensor* tensor : {&ctx.input(0), &ctx.output(0)}) {
    QRT_RETURN_IF_ERROR(requireQuantized(*tensor, QuantizedTypes{}));
    if (tensor->quant->axis != -1) {
      return invalidArgument("'", tensor->name, "' has one scale per index of dim ",
                             tensor->quant->axis, ", wanted one for all");
    }
  }
  ctx.setOutput(0, ctx.output(0).dtype, ctx.shape(0));
  return {};
}

Status inferDequantize(InferContext& ctx) {
  QRT_RETURN_IF_ERROR(requireQuantized(ctx.input(0), DequantizedTypes{}));
  QRT_RETURN_IF_ERROR(checkTensor(ctx.input(0)));  // a graph input may just have got its shape
  ctx.setOutput(0, DType::f32, ctx.shape(0));
  return {};
}

// Calls convert(i, scale, zeroPoint) for every element.
template <class Convert>
Status forEachElement(const Shape& shape, const QuantParams* quant, Convert convert) {
  if (quant == nullptr) return internalError("the kernel was given no quantization parameters");
  const bool perAxis = quant->axis != -1;
  const int64_t inner = perAxis ? product(shape, quant->axis + 1, shape.rank()) : 1;
  for (int64_t i = 0; i < shape.elements(); ++i) {
    const auto p = static_cast<size_t>(perAxis ? i / inner % shape[quant->axis] : 0);
    convert(i, quant->scales[p], quant->zeroPoints[p]);
  }
  return {};
}

template <class T>
QuantizedRange rangeOf(int32_t zeroPoint) {
  return {zeroPoint, std::numeric_limits<T>::min(), std::numeric_limits<T>::max()};
}

Status quantize(const KernelContext& ctx) {
  const TensorView& out = ctx.outputs[0];
  return visitType(QuantizedTypes{}, out.dtype, [&]<class T>() -> Status {
    return forEachElement(out.shape, out.quant, [&](int64_t i, float scale, int32_t zeroPoint) {
      ctx.out<T>(0)[i] =
          static_cast<T>(requantize(ctx.in<float>(0)[i] / scale, rangeOf<T>(zeroPoint)));
    });
  });
}

template <class From, class To>
void requantizeAll(const KernelContext& ctx) {
  const QuantParams& from = *ctx.inputs[0].quant;
  const QuantParams& to = *ctx.outputs[0].quant;
  const float scale = requantizeScale(from.scales[0], to.scales[0]);
  const QuantizedRange range = rangeOf<To>(to.zeroPoints[0]);
  for (int64_t i = 0; i < ctx.outputs[0].shape.elements(); ++i) {
    const auto steps = static_cast<float>(ctx.in<From>(0)[i] - from.zeroPoints[0]);
    ctx.out<To>(0)[i] = static_cast<To>(requantize(steps * scale, range));
  }
}

Status requantize(const KernelContext& ctx) {
  if (ctx.inputs[0].quant == nullptr || ctx.outputs[0].quant == nullptr) {
    return internalError("the kernel was given no quantization parameters");
  }
  return visitType(QuantizedTypes{}, ctx.inputs[0].dtype, [&]<class From>() -> Status {
    return visitType(QuantizedTypes{}, ctx.outputs[0].dtype, [&]<class To>() -> Status {
      requantizeAll<From, To>(ctx);
      return {};
    });
  });
}

Status dequantize(const KernelContext& ctx) {
  const ConstTensorView& in = ctx.inputs[0];
  return visitType(DequantizedTypes{}, in.dtype, [&]<class T>() -> Status {
    return forEachElement(in.shape, in.quant, [&](int64_t i, float scale, int32_t zeroPoint) {
      const int64_t steps = int64_t{ctx.in<T>(0)[i]} - zeroPoint;
      ctx.out<float>(0)[i] = static_cast<float>(steps) * scale;
    });
  });
}

}  // namespace

const OpDef kOpRequantize = {OpType::Requantize, 1, 1, 1, 1, inferRequantize, requantize};
const OpDef kOpQuantize = {OpType::Quantize, 1, 1, 1, 1, inferQuantize, quantize};
const OpDef kOpDequantize = {OpType::Dequantize, 1, 1, 1, 1, inferDequantize, dequantize};

}  // namespace qrt
