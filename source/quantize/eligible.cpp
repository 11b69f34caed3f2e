#include "quantize/eligible.h"

#include <algorithm>

#include "graph/op.h"
#include "graph/quantized.h"
#include "passes/matching.h"

namespace qrt {
namespace {

std::string_view attributesObstacle(const Graph& graph, const Layer& layer) {
  switch (layer.op) {
    case OpType::Softmax: {
      const int rank = graph.tensor(layer.inputs[0]).shape.rank();
      const int axis = layer.attrs<AxisAttrs>().axis;
      return axis == -1 || axis == rank - 1 ? "" : "it is not over the last dim";
    }
    case OpType::Resize: {
      const auto& attrs = layer.attrs<ResizeAttrs>();
      if (attrs.mode == ResizeMode::nearest) return "";
      const bool linear = attrs.mode == ResizeMode::linear &&
                          attrs.coordinates != ResizeCoordinates::tfHalfPixelForNearest;
      return linear ? "" : "its interpolation is only in float";
    }
    case OpType::Pad:
      return layer.input(2) == kNoTensor || graph.constant(layer.input(2)) != nullptr
                 ? ""
                 : "the value it pads with is computed";
    default:
      return "";
  }
}

}  // namespace

bool hasWeights(OpType op) {
  return op == OpType::Conv || op == OpType::ConvTranspose || op == OpType::FullyConnected;
}

std::vector<size_t> activationSlots(const Layer& layer) {
  std::vector<size_t> slots;
  const auto add = [&](size_t slot) {
    if (layer.input(slot) != kNoTensor) slots.push_back(slot);
  };
  switch (layer.op) {
    case OpType::Add:
    case OpType::Concat:
    case OpType::MatMul:
    case OpType::Max:
    case OpType::Min:
    case OpType::Mul:
    case OpType::Sub:
      for (size_t slot = 0; slot < layer.inputs.size(); ++slot) add(slot);
      break;
    case OpType::Conv:
      add(0);
      add(3);  // residual
      break;
    case OpType::Pad:
      add(0);
      add(2);  // value
      break;
    default:
      add(0);
  }
  return slots;
}

std::string_view int8Obstacle(const Graph& graph, const Layer& layer) {
  if (int8Form(layer.op) == Int8Form::none) return "its op is only computed in float";
  const auto isFloat = [&](TensorId id) {
    const Tensor& tensor = graph.tensor(id);
    return tensor.dtype == DType::f32 && !tensor.quant;
  };
  bool computed = false;
  for (const size_t slot : activationSlots(layer)) {
    const TensorId id = layer.inputs[slot];
    if (!isFloat(id)) return "its inputs are not f32";
    computed = computed || graph.constant(id) == nullptr;
  }
  if (!computed) return "its inputs are constant";
  for (const TensorId id : layer.outputs) {
    if (id != kNoTensor && !isFloat(id)) return "its outputs are not f32";
  }
  if (hasWeights(layer.op)) {
    for (const size_t slot : {size_t{1}, size_t{2}}) {
      const TensorId id = layer.input(slot);
      if (id == kNoTensor) continue;
      if (graph.constant(id) == nullptr) return "its weights are not constant";
      if (!isFloat(id)) return "its weights are not f32";
    }
  }
  if (const Activation* activation = activationOf(const_cast<Layer&>(layer))) {
    const bool clamps = activation->kind == ActivationKind::none ||
                        activation->kind == ActivationKind::relu ||
                        (activation->kind == ActivationKind::clip && activation->a <= activation->b);
    if (!clamps) return "the activation fused into it is neither relu nor clip";
  }
  return attributesObstacle(graph, layer);
}

}  // namespace qrt
