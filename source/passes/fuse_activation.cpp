// Conv → Relu becomes a Conv with an activation, and so on for every op that has the attribute.
#include <limits>

#include "passes/matching.h"
#include "passes/passes.h"

namespace qrt {
namespace {

// The activation that a layer computes; none if it is no activation.
Activation computedBy(const Layer& layer) {
  switch (layer.op) {
    case OpType::Relu:
      return {ActivationKind::relu};
    case OpType::Clip: {
      const auto& attrs = layer.attrs<ClipAttrs>();
      if (attrs.min == 0 && attrs.max == std::numeric_limits<float>::infinity()) {
        return {ActivationKind::relu};
      }
      return {ActivationKind::clip, attrs.min, attrs.max};
    }
    case OpType::LeakyRelu:
      return {ActivationKind::leakyRelu, layer.attrs<AlphaAttrs>().alpha};
    case OpType::Elu:
      return {ActivationKind::elu, layer.attrs<AlphaAttrs>().alpha};
    case OpType::Sigmoid:
      return {ActivationKind::sigmoid};
    case OpType::Tanh:
      return {ActivationKind::tanh};
    case OpType::HardSigmoid: {
      const auto& attrs = layer.attrs<HardSigmoidAttrs>();
      return {ActivationKind::hardSigmoid, attrs.alpha, attrs.beta};
    }
    case OpType::HardSwish:
      return {ActivationKind::hardSwish};
    default:
      return {};
  }
}

}  // namespace

void fuseActivation(GraphEditor& editor) {
  for (int i = 0; i < editor.layerCount(); ++i) {
    if (!editor.alive(i)) continue;
    const Activation computed = computedBy(editor.layer(i));
    if (computed.kind == ActivationKind::none) continue;
    const TensorId in = editor.layer(i).inputs[0];
    const TensorId out = editor.layer(i).outputs[0];
    const int maker = editor.producer(in);
    if (maker < 0 || !editor.hasOneReader(in) || editor.tensor(in).dtype != DType::f32) continue;
    Activation* activation = activationOf(editor.layer(maker));
    if (activation == nullptr || activation->kind != ActivationKind::none) continue;
    *activation = computed;
    editor.remove(i);
    editor.setOutput(maker, 0, out);
  }
}

}  // namespace qrt
