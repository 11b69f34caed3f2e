// Small questions that several fusions ask.
#pragma once

#include <optional>
#include <vector>

#include "passes/editor.h"

namespace qrt {

/// The activation attribute of a layer whose op has one, else null.
inline Activation* activationOf(Layer& layer) {
  switch (layer.op) {
    case OpType::Conv:
      return &layer.attrs<ConvAttrs>().activation;
    case OpType::ConvTranspose:
      return &layer.attrs<ConvTransposeAttrs>().activation;
    case OpType::FullyConnected:
      return &layer.attrs<FullyConnectedAttrs>().activation;
    case OpType::Add:
    case OpType::Div:
    case OpType::Mul:
    case OpType::Sub:
      return &layer.attrs<BinaryAttrs>().activation;
    default:
      return nullptr;
  }
}

inline bool hasActivation(const Layer& layer) {
  const Activation* activation = activationOf(const_cast<Layer&>(layer));
  return activation != nullptr && activation->kind != ActivationKind::none;
}

/// The values of a constant f32 tensor; nullopt if `id` is not one.
inline std::optional<std::vector<float>> constantFloats(const GraphEditor& editor, TensorId id) {
  const Tensor* tensor = editor.graph().constant(id);
  if (tensor == nullptr) return std::nullopt;
  const auto values = tensor->constantView().as<float>();
  if (!values.ok()) return std::nullopt;
  return std::vector<float>(values->begin(), values->end());
}

/// The value of a constant f32 tensor of one element and at most `rank` dims.
inline std::optional<float> constantScalar(const GraphEditor& editor, TensorId id, int rank) {
  const Tensor* tensor = editor.graph().constant(id);
  if (tensor == nullptr || tensor->shape.rank() > rank || tensor->shape.elementCount() != 1) {
    return std::nullopt;
  }
  const auto values = constantFloats(editor, id);
  return values ? std::optional<float>(values->front()) : std::nullopt;
}

}  // namespace qrt
