#include "import/onnx/gemm.h"

#include "import/onnx/node.h"
#include "import/onnx/weights.h"

namespace qrt::onnx_import {
namespace {

// factor · x; constants are multiplied now.
TensorId scaled(Node& n, TensorId x, float factor, std::string_view suffix) {
  if (factor == 1) return x;
  const TensorId scalar = n.scalar(suffix, n.dtype(x), factor);
  return n.add(OpType::Mul, {x, scalar}, suffix, Fold::always);
}

// C as the bias [N] of a FullyConnected layer, or kNoTensor if it is not the same for all rows.
TensorId biasOf(Node& n, TensorId c, float beta, int64_t outputs) {
  const Shape shape = n.shape(c);
  if (outputs == Shape::kUnknown || !isWeight(n, c)) return kNoTensor;
  const auto count = shape.elementCount();
  if (shape.rank() > 2 || (shape.rank() == 2 && shape[0] != 1)) return kNoTensor;
  if (shape.rank() == 1 && count == outputs && beta == 1) return c;
  if (!n.tensor(c).isConstant()) return kNoTensor;
  c = scaled(n, c, beta, "beta");
  if (count == outputs) {
    return n.add(OpType::Reshape, {c, n.constant("bias_shape", {outputs})}, "bias", Fold::always);
  }
  if (count != 1) return kNoTensor;
  c = n.add(OpType::Reshape, {c, n.constant("bias_one", {1})}, "bias", Fold::always);
  return n.add(OpType::Expand, {c, n.constant("bias_shape", {outputs})}, "bias", Fold::small);
}

}  // namespace

void translateGemm(Node& n) {
  const float alpha = n.getFloat("alpha", 1);
  const float beta = n.getFloat("beta", 1);
  const bool transB = n.getBool("transB", false);
  TensorId a = n.in(0);
  TensorId b = n.in(1);
  if (n.getBool("transA", false)) a = n.transpose(a, {1, 0}, "a");
  // Before opset 7 it said whether C may be broadcast, which it now always may.
  n.ignore({"broadcast"});
  const bool useC = n.has(2) && beta != 0;

  const bool weights = n.tensor(b).isConstant() || (isWeight(n, b) && alpha == 1);
  if (!weights || n.shape(b).rank() != 2) {
    if (transB) b = n.transpose(b, {1, 0}, "b");
    const TensorId y = scaled(n, n.add(OpType::MatMul, {a, b}), alpha, "alpha");
    if (!useC) return n.output(0, y);
    return n.output(0, n.add(OpType::Add, {y, scaled(n, n.in(2), beta, "beta")}, "bias"));
  }
  if (n.shape(b).elementCount() == 0) {
    return n.refuse("weights of shape ", n.shape(b).toString(), " are empty");
  }
  const int64_t outputs = n.shape(b)[transB ? 0 : 1];
  if (!transB) {
    b = rearrangeWeights(n, b, 1, 0, [&](TensorId w) {
      return n.transpose(w, {1, 0}, "weights", Fold::always);
    });
  }
  b = scaled(n, b, alpha, "alpha");
  const TensorId bias = useC ? biasOf(n, n.in(2), beta, outputs) : kNoTensor;
  const TensorId y = n.add(OpType::FullyConnected, {a, b, bias});
  if (!useC || bias != kNoTensor) return n.output(0, y);
  n.output(0, n.add(OpType::Add, {y, scaled(n, n.in(2), beta, "beta")}, "bias"));
}

}  // namespace qrt::onnx_import
