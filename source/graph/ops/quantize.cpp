// Quantize and Dequantize: between f32 and the quantized tensor that carries the parameters.
//   q = clamp(rint(x / scale) + zeroPoint)    x = (q − zeroPoint) · scale
#include <algorithm>
#include <cmath>

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

// Clamped before rounding, so that the conversion to T cannot overflow; NaN becomes the lowest value.
Status quantize(const KernelContext& ctx) {
  const TensorView& out = ctx.outputs[0];
  return visitType(QuantizedTypes{}, out.dtype, [&]<class T>() -> Status {
    return forEachElement(out.shape, out.quant, [&](int64_t i, float scale, int32_t zeroPoint) {
      const auto low = static_cast<float>(std::numeric_limits<T>::min() - zeroPoint);
      const auto high = static_cast<float>(std::numeric_limits<T>::max() - zeroPoint);
      const float value = std::min(high, std::max(low, ctx.in<float>(0)[i] / scale));
      ctx.out<T>(0)[i] = static_cast<T>(static_cast<int32_t>(std::rint(value)) + zeroPoint);
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

const OpDef kOpQuantize = {OpType::Quantize, 1, 1, 1, 1, inferQuantize, quantize};
const OpDef kOpDequantize = {OpType::Dequantize, 1, 1, 1, 1, inferDequantize, dequantize};

}  // namespace qrt
