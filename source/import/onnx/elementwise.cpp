#include "import/onnx/elementwise.h"

#include <cmath>
#include <limits>

#include "graph/op.h"
#include "import/onnx/node.h"
#include "import/onnx/tensor_proto.h"

namespace qrt::onnx_import {
namespace {

bool isFloat(DType dtype) {
  return dtype == DType::f32 || dtype == DType::f64 || dtype == DType::f16 || dtype == DType::bf16;
}

// Before opset 7, `b` was aligned to dimension `axis` of `a` instead of to its end.
TensorId alignOldBroadcast(Node& n, TensorId a, TensorId b) {
  if (n.opset() >= 7 || !n.getBool("broadcast", false) || !n.hasAttribute("axis")) return b;
  const int64_t axis = n.getInt("axis", 0);
  const Shape shapeA = n.shape(a);
  const Shape shapeB = n.shape(b);
  if (!shapeA.ranked() || !shapeB.ranked()) {
    n.refuse("attribute 'axis' with inputs of unknown rank");
    return b;
  }
  const auto first = normalizeAxis(axis, shapeA.rank());
  const int missing = first ? shapeA.rank() - *first - shapeB.rank() : -1;
  if (missing < 0) {
    n.wrong("attribute 'axis' is ", axis, " for shapes ", shapeA.toString(), " and ",
            shapeB.toString());
    return b;
  }
  if (missing == 0) return b;
  AxesAttrs axes;
  for (int i = 0; i < missing; ++i) axes.axes.push_back(shapeB.rank() + i);
  return n.add(OpType::Unsqueeze, axes, {b}, "aligned");
}

}  // namespace

void translateSame(Node& n) {
  std::vector<TensorId> inputs;
  for (size_t i = 0; i < n.inputCount(); ++i) inputs.push_back(n.in(i));
  n.output(0, n.add(n.op(), std::move(inputs)));
}

void translateBinary(Node& n) {
  const TensorId b = alignOldBroadcast(n, n.in(0), n.in(1));
  n.output(0, n.add(n.op(), {n.in(0), b}));
}

void translateVariadic(Node& n) {
  TensorId result = n.in(0);
  for (size_t i = 1; i < n.inputCount(); ++i) {
    if (!n.has(i)) return n.wrong("input ", i, " is missing");
    result = n.add(n.op(), {result, n.in(i)}, i + 1 == n.inputCount() ? "" : "part");
  }
  n.output(0, n.inputCount() == 1 ? n.add(OpType::Identity, {result}) : result);
}

// ONNX lets the exponent have another type; the result has the base's.
void translatePow(Node& n) {
  const TensorId base = n.in(0);
  const TensorId exponent = alignOldBroadcast(n, base, n.in(1));
  const DType type = n.dtype(base);
  const DType exponentType = n.dtype(exponent);
  if (type == exponentType) return n.output(0, n.add(OpType::Pow, {base, exponent}));
  if (isFloat(type) || !isFloat(exponentType)) {
    const TensorId cast = n.add(OpType::Cast, CastAttrs{type}, {exponent}, "exponent");
    return n.output(0, n.add(OpType::Pow, {base, cast}));
  }
  const TensorId wideBase = n.add(OpType::Cast, CastAttrs{DType::f64}, {base}, "base");
  const TensorId wideExponent = n.add(OpType::Cast, CastAttrs{DType::f64}, {exponent}, "exponent");
  const TensorId power = n.add(OpType::Pow, {wideBase, wideExponent});
  n.output(0, n.add(OpType::Cast, CastAttrs{type}, {power}, "narrowed"));
}

void translatePRelu(Node& n) {
  TensorId slope = n.in(1);
  const Shape x = n.shape(n.in(0));
  // Before opset 7, a slope of one dimension went along the channels.
  if (n.opset() < 7 && n.shape(slope).rank() == 1 && n.shape(slope)[0] != 1) {
    if (!x.ranked()) return n.refuse("input of unknown rank");
    AxesAttrs axes;
    for (int i = 1; i + 1 < x.rank(); ++i) axes.axes.push_back(i);
    if (!axes.axes.empty()) slope = n.add(OpType::Unsqueeze, axes, {slope}, "slope");
  }
  n.output(0, n.add(OpType::PRelu, {n.in(0), slope}));
}

void translateClip(Node& n) {
  ClipAttrs attrs;
  if (n.opset() < 11) {
    attrs.min = n.getFloat("min", std::numeric_limits<float>::lowest());
    attrs.max = n.getFloat("max", std::numeric_limits<float>::max());
    return n.output(0, n.add(OpType::Clip, attrs, {n.in(0)}));
  }
  // A bound that is one number a float can hold goes into the layer.
  const auto bound = [&](size_t i, float& value) {
    if (!n.has(i)) return true;
    const auto numbers = n.numbers(n.in(i));
    if (!numbers || numbers->size() != 1) return false;
    value = static_cast<float>(numbers->front());
    return isFloat(n.dtype(n.in(i))) ? n.dtype(n.in(i)) != DType::f64
                                     : std::abs(numbers->front()) <= (1 << 24);
  };
  if (bound(1, attrs.min) && bound(2, attrs.max)) {
    return n.output(0, n.add(OpType::Clip, attrs, {n.in(0)}));
  }
  TensorId result = n.in(0);
  if (n.has(1)) result = n.add(OpType::Max, {result, n.in(1)}, n.has(2) ? "min" : "");
  if (n.has(2)) result = n.add(OpType::Min, {result, n.in(2)});
  n.output(0, result);
}

void translateLeakyRelu(Node& n) {
  n.output(0, n.add(OpType::LeakyRelu, AlphaAttrs{n.getFloat("alpha", 0.01f)}, {n.in(0)}));
}

void translateElu(Node& n) {
  n.output(0, n.add(OpType::Elu, AlphaAttrs{n.getFloat("alpha", 1.0f)}, {n.in(0)}));
}

void translateHardSigmoid(Node& n) {
  const HardSigmoidAttrs attrs{n.getFloat("alpha", 0.2f), n.getFloat("beta", 0.5f)};
  n.output(0, n.add(OpType::HardSigmoid, attrs, {n.in(0)}));
}

void translateCast(Node& n) {
  if (!n.hasAttribute("to")) return n.wrong("attribute 'to' is missing");
  const int64_t to = n.getInt("to", 0);
  const auto dtype = dtypeFromOnnx(to);
  if (!dtype) return n.refuse("cast to ", onnxTypeName(to));
  n.output(0, n.add(OpType::Cast, CastAttrs{*dtype}, {n.in(0)}));
}

// Inference only: the input passes, and the mask says that all of it did.
void translateDropout(Node& n) {
  n.ignore({"ratio", "seed"});
  if (n.opset() < 7 && !n.getBool("is_test", false)) return n.refuse("training (is_test is 0)");
  if (n.has(2)) {
    const auto training = n.numbers(n.in(2));
    const auto ratio = n.has(1) ? n.numbers(n.in(1)) : std::vector<double>{0.5};
    const bool off = training && training->size() == 1 && training->front() == 0;
    if (!off && !(ratio && ratio->size() == 1 && ratio->front() == 0)) {
      return n.refuse("training_mode must be the constant false");
    }
  }
  n.output(0, n.add(OpType::Identity, {n.in(0)}));
  if (n.wants(1)) {
    const DType dtype = n.opset() < 10 ? n.dtype(n.in(0)) : DType::boolean;
    const TensorId shape = n.add(OpType::Shape, {n.in(0)}, "shape");
    n.output(1, n.add(OpType::ConstantOfShape, {shape, n.scalar("one", dtype, 1)}, "mask"));
  }
}

}  // namespace qrt::onnx_import
