#include "import/onnx/weights.h"

namespace qrt::onnx_import {
namespace {

// The quantized constant that `id` is dequantized from, or kNoTensor.
TensorId quantizedConstant(const Node& n, TensorId id) {
  const Layer* layer = n.producer(id);
  if (layer == nullptr || layer->op != OpType::Dequantize) return kNoTensor;
  const Tensor& source = n.tensor(layer->inputs[0]);
  return source.isConstant() && source.quant ? layer->inputs[0] : kNoTensor;
}

}  // namespace

bool isWeight(const Node& n, TensorId id) {
  return n.tensor(id).isConstant() || quantizedConstant(n, id) != kNoTensor;
}

TensorId rearrangeWeights(Node& n, TensorId weights, int axis, int newAxis,
                          const std::function<TensorId(TensorId)>& rearrange) {
  const TensorId quantized = quantizedConstant(n, weights);
  if (quantized == kNoTensor) return rearrange(weights);
  QuantParams quant = *n.tensor(quantized).quant;
  if (quant.axis != -1 && quant.axis != axis) return rearrange(weights);
  if (quant.axis == axis) quant.axis = newAxis;
  const TensorId moved = rearrange(quantized);
  if (moved == quantized) return weights;
  if (!n.tensor(moved).isConstant()) return rearrange(weights);
  n.setQuant(moved, std::move(quant));
  return n.add(OpType::Dequantize, {moved}, "weights");
}

}  // namespace qrt::onnx_import
