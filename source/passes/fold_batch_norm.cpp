// BatchNormalization with constant parameters → Mul and Add per channel, which foldAffine() merges
// into a layer before and fuseActivation() can give an activation.
#include <algorithm>
#include <cmath>

#include "graph/op.h"
#include "passes/matching.h"
#include "passes/passes.h"

namespace qrt {
namespace {

struct Affine {
  std::vector<float> scale;
  std::vector<float> shift;
};

// scale · (x − mean) / √(variance + ε) + bias as one multiplication and one addition.
std::optional<Affine> affineOf(const GraphEditor& editor, const Layer& layer) {
  std::vector<float> params[4];  // scale, bias, mean, variance
  for (size_t i = 0; i < 4; ++i) {
    auto values = constantFloats(editor, layer.inputs[i + 1]);
    if (!values || (i > 0 && values->size() != params[0].size())) return std::nullopt;
    params[i] = std::move(*values);
  }
  Affine affine;
  const double epsilon = layer.attrs<NormAttrs>().epsilon;
  for (size_t c = 0; c < params[0].size(); ++c) {
    const double scale = params[0][c] / std::sqrt(params[3][c] + epsilon);
    affine.scale.push_back(static_cast<float>(scale));
    affine.shift.push_back(static_cast<float>(params[1][c] - params[2][c] * scale));
    if (!std::isfinite(affine.scale[c]) || !std::isfinite(affine.shift[c])) return std::nullopt;
  }
  return affine;
}

}  // namespace

void foldBatchNorm(GraphEditor& editor) {
  for (int i = 0; i < editor.layerCount(); ++i) {
    if (!editor.alive(i) || editor.layer(i).op != OpType::BatchNormalization) continue;
    const Layer layer = editor.layer(i);
    const Tensor x = editor.tensor(layer.inputs[0]);
    if (!x.shape.ranked() || x.dtype != DType::f32) continue;
    const auto axis = normalizeAxis(layer.attrs<NormAttrs>().axis, x.shape.rank());
    const auto affine = affineOf(editor, layer);
    if (!axis || !affine) continue;
    Shape shape = Shape::filled(x.shape.rank() - *axis, 1);
    shape[0] = static_cast<int64_t>(affine->scale.size());
    const TensorId scale = editor.addConstant<float>(layer.name + "_scale", shape, affine->scale);
    const TensorId shift = editor.addConstant<float>(layer.name + "_shift", shape, affine->shift);
    const TensorId scaled = editor.addTensor({layer.name + "_scaled", DType::f32, x.shape});
    editor.become(i, OpType::Mul, BinaryAttrs{}, {layer.inputs[0], scale});
    editor.setOutput(i, 0, scaled);
    editor.addLayer(
        {layer.name + "_shift", OpType::Add, BinaryAttrs{}, {scaled, shift}, {layer.outputs[0]}},
        i);
  }
}

}  // namespace qrt
