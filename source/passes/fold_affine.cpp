// A Mul, Div, Add or Sub with one constant per channel (or one for all) behind a Conv,
// ConvTranspose or FullyConnected with constant weights: (w ∗ x + b)·s + t = (w·s) ∗ x + (b·s + t).
#include <algorithm>
#include <cmath>

#include "passes/matching.h"
#include "passes/passes.h"

namespace qrt {
namespace {

struct Affine {
  std::vector<double> scale;
  std::vector<double> shift;
};

// The values of a constant that differs at most along the last of `rank` dims, one for each of
// `channels`.
std::optional<std::vector<float>> perChannel(const GraphEditor& editor, TensorId id, int rank,
                                             size_t channels) {
  auto values = constantFloats(editor, id);
  if (!values) return std::nullopt;
  const auto dims = editor.tensor(id).shape.dims();
  if (static_cast<int>(dims.size()) > rank) return std::nullopt;
  if (values->size() == 1) return std::vector<float>(channels, values->front());
  if (values->size() != channels || dims.back() != static_cast<int64_t>(channels))
    return std::nullopt;
  return values;
}

// What `layer` does to its input `slot`, its other input holding `values`.
std::optional<Affine> affineOf(OpType op, size_t slot, const std::vector<float>& values) {
  Affine affine{std::vector<double>(values.size(), 1), std::vector<double>(values.size(), 0)};
  for (size_t c = 0; c < values.size(); ++c) {
    const double value = values[c];
    if (op == OpType::Mul) {
      affine.scale[c] = value;
    } else if (op == OpType::Div) {
      affine.scale[c] = 1 / value;
    } else if (op == OpType::Add) {
      affine.shift[c] = value;
    } else {
      affine.scale[c] = slot == 0 ? 1 : -1;
      affine.shift[c] = slot == 0 ? -value : value;
    }
    if (!std::isfinite(affine.scale[c]) || !std::isfinite(affine.shift[c])) return std::nullopt;
  }
  if (op == OpType::Div && slot == 1) return std::nullopt;
  return affine;
}

class Folder {
 public:
  explicit Folder(GraphEditor& editor) : editor_(editor) {}

  void fold(int i) {
    const OpType op = editor_.layer(i).op;
    if (op != OpType::Mul && op != OpType::Div && op != OpType::Add && op != OpType::Sub) return;
    for (const size_t slot : {0, 1}) {
      const int maker = editor_.producer(editor_.layer(i).inputs[slot]);
      if (maker < 0 || !takesAffine(maker)) continue;
      const Layer& main = editor_.layer(maker);
      const Shape& weights = editor_.tensor(main.inputs[1]).shape;
      const int rank = main.op == OpType::FullyConnected ? 2 : 4;
      const auto values = perChannel(editor_, editor_.layer(i).inputs[1 - slot], rank,
                                     static_cast<size_t>(weights[0]));
      const auto affine = values ? affineOf(op, slot, *values) : std::nullopt;
      if (!affine) continue;
      scaleWeights(maker, *affine);
      changeBias(maker, *affine);
      *activationOf(editor_.layer(maker)) = editor_.layer(i).attrs<BinaryAttrs>().activation;
      const TensorId out = editor_.layer(i).outputs[0];
      editor_.remove(i);
      editor_.setOutput(maker, 0, out);
      return;
    }
  }

 private:
  bool takesAffine(int i) const {
    const Layer& layer = editor_.layer(i);
    if (layer.op != OpType::Conv && layer.op != OpType::ConvTranspose &&
        layer.op != OpType::FullyConnected) {
      return false;
    }
    const auto isFloats = [&](TensorId id) {
      const Tensor* tensor = editor_.graph().constant(id);
      return tensor != nullptr && tensor->dtype == DType::f32;
    };
    return editor_.hasOneReader(layer.outputs[0]) && !hasActivation(layer) &&
           layer.input(3) == kNoTensor && isFloats(layer.inputs[1]) &&
           (layer.input(2) == kNoTensor || isFloats(layer.inputs[2]));
  }

  void scaleWeights(int i, const Affine& affine) {
    if (std::all_of(affine.scale.begin(), affine.scale.end(), [](double s) { return s == 1; }))
      return;
    const TensorId id = editor_.layer(i).inputs[1];
    std::vector<float> weights = *constantFloats(editor_, id);
    const size_t each = weights.size() / affine.scale.size();
    for (size_t at = 0; at < weights.size(); ++at) {
      weights[at] = static_cast<float>(weights[at] * affine.scale[at / each]);
    }
    const std::string name = editor_.tensor(id).name;
    const Shape shape = editor_.tensor(id).shape;
    editor_.setInput(i, 1, editor_.addConstant<float>(name, shape, weights));
  }

  void changeBias(int i, const Affine& affine) {
    const TensorId id = editor_.layer(i).input(2);
    std::vector<float> bias(affine.shift.size());
    if (id != kNoTensor) bias = *constantFloats(editor_, id);
    bool any = id != kNoTensor;
    for (size_t c = 0; c < bias.size(); ++c) {
      bias[c] = static_cast<float>(bias[c] * affine.scale[c] + affine.shift[c]);
      any = any || bias[c] != 0;
    }
    if (!any) return;
    const std::string name =
        id != kNoTensor ? editor_.tensor(id).name : editor_.layer(i).name + "_bias";
    editor_.setInput(i, 2,
                     editor_.addConstant<float>(name, {static_cast<int64_t>(bias.size())}, bias));
  }

  GraphEditor& editor_;
};

}  // namespace

void foldAffine(GraphEditor& editor) {
  Folder folder(editor);
  for (int i = 0; i < editor.layerCount(); ++i) {
    if (editor.alive(i)) folder.fold(i);
  }
}

}  // namespace qrt
