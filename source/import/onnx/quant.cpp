#include "import/onnx/quant.h"

#include <cmath>

#include "graph/op.h"

namespace qrt::onnx_import {
namespace {

// Scale and zero point as parameters of a tensor of shape `x`; refused if they are not constants.
QuantParams readParams(Node& n, DType dtype, const Shape& x, TensorId scale, TensorId zeroPoint,
                       int64_t axis) {
  QuantParams quant;
  if (n.dtype(scale) != DType::f32) {
    n.refuse("scale of type ", dtypeName(n.dtype(scale)), ", wanted f32");
    return quant;
  }
  if (zeroPoint != kNoTensor && n.dtype(zeroPoint) != dtype) {
    n.wrong("zero point of type ", dtypeName(n.dtype(zeroPoint)), " for values of type ",
            dtypeName(dtype));
    return quant;
  }
  const auto scales = n.numbers(scale);
  const auto zeros = zeroPoint == kNoTensor ? std::vector<double>(scales ? scales->size() : 0)
                                            : n.numbers(zeroPoint);
  if (!scales || !zeros) {
    n.refuse(scales ? "zero point" : "scale", " must be a constant");
    return quant;
  }
  if (scales->empty() || zeros->size() != scales->size()) {
    n.wrong(scales->size(), " scales and ", zeros->size(), " zero points");
    return quant;
  }
  for (const double value : *scales) {
    if (!std::isfinite(value) || value <= 0) {
      n.refuse("scale ", value, ", wanted a positive finite number");
    }
    quant.scales.push_back(static_cast<float>(value));
  }
  quant.zeroPoints.assign(zeros->begin(), zeros->end());
  if (scales->size() > 1) {
    const auto channel = normalizeAxis(axis, x.rank());
    if (!channel) {
      n.refuse("axis ", axis, " of an input of shape ", x.toString());
      return quant;
    }
    const int64_t size = x[*channel];
    if (size != Shape::kUnknown && size != static_cast<int64_t>(scales->size())) {
      n.wrong(scales->size(), " scales for dimension ", *channel, " of shape ", x.toString());
    }
    quant.axis = *channel;
  }
  return quant;
}

}  // namespace

TensorId addDequantize(Node& n, TensorId x, TensorId scale, TensorId zeroPoint, int64_t axis,
                       std::string_view suffix) {
  const DType dtype = n.dtype(x);
  if (dtype != DType::s8 && dtype != DType::u8 && dtype != DType::s32) {
    n.refuse("quantized values of type ", dtypeName(dtype));
    return x;
  }
  QuantParams quant = readParams(n, dtype, n.shape(x), scale, zeroPoint, axis);
  if (!n.ok()) return x;
  // The parameters belong to the tensor; one that others may read as it is gets copied.
  if (n.tensor(x).quant != quant) {
    const bool own = n.tensor(x).isConstant() && !n.tensor(x).quant && n.hasOneReader(x);
    if (!own) x = n.copyTensor(x, suffix);
    if (!n.ok()) return x;
    n.setQuant(x, std::move(quant));
  }
  return n.add(OpType::Dequantize, {x}, suffix);
}

TensorId addQuantize(Node& n, TensorId x, TensorId scale, TensorId zeroPoint, int64_t axis,
                     std::string_view suffix) {
  const DType dtype = zeroPoint == kNoTensor ? DType::u8 : n.dtype(zeroPoint);
  if (dtype != DType::s8 && dtype != DType::u8) {
    n.refuse("quantized values of type ", dtypeName(dtype));
    return x;
  }
  QuantParams quant = readParams(n, dtype, n.shape(x), scale, zeroPoint, axis);
  if (!n.ok()) return x;
  Tensor y{{}, dtype, Shape::unranked(), std::move(quant), {}};
  return n.addMany(OpType::Quantize, NoAttrs{}, {x}, {std::move(y)}, suffix)[0];
}

void translateQuantizeLinear(Node& n) {
  n.output(0, addQuantize(n, n.in(0), n.in(1), n.in(2), n.getInt("axis", 1), ""));
}

void translateDequantizeLinear(Node& n) {
  n.output(0, addDequantize(n, n.in(0), n.in(1), n.in(2), n.getInt("axis", 1), ""));
}

// Dequantize → MatMul → Quantize; scales may be per row of a and per column of b.
void translateQLinearMatMul(Node& n) {
  const TensorId a = addDequantize(n, n.in(0), n.in(1), n.in(2), -2, "a");
  const TensorId b = addDequantize(n, n.in(3), n.in(4), n.in(5), -1, "b");
  if (!n.ok()) return;
  const TensorId y = n.add(OpType::MatMul, {a, b});
  n.output(0, addQuantize(n, y, n.in(6), n.in(7), -2));
}

}  // namespace qrt::onnx_import
