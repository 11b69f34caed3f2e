#include "quantize/prepare_graph.h"

#include <utility>

#include "base/error.h"
#include "graph/model_data.h"
#include "passes/matching.h"
#include "passes/passes.h"
#include "quantize/corrections/equalize.h"

namespace qrt {
namespace {

struct UnaryOp {
  OpType op;
  Attributes attributes;
};

// The layer that computes what a fused activation does.
UnaryOp layerOf(const Activation& activation) {
  switch (activation.kind) {
    case ActivationKind::none:
      return {OpType::Identity, NoAttrs{}};
    case ActivationKind::relu:
      return {OpType::Relu, NoAttrs{}};
    case ActivationKind::clip:
      return {OpType::Clip, ClipAttrs{activation.a, activation.b}};
    case ActivationKind::leakyRelu:
      return {OpType::LeakyRelu, AlphaAttrs{activation.a}};
    case ActivationKind::elu:
      return {OpType::Elu, AlphaAttrs{activation.a}};
    case ActivationKind::sigmoid:
      return {OpType::Sigmoid, NoAttrs{}};
    case ActivationKind::tanh:
      return {OpType::Tanh, NoAttrs{}};
    case ActivationKind::hardSigmoid:
      return {OpType::HardSigmoid, HardSigmoidAttrs{activation.a, activation.b}};
    case ActivationKind::hardSwish:
      return {OpType::HardSwish, NoAttrs{}};
  }
  return {OpType::Identity, NoAttrs{}};
}

bool fusesInInt8(const Activation& activation) {
  return activation.kind == ActivationKind::relu ||
         (activation.kind == ActivationKind::clip && activation.a <= activation.b);
}

// Puts a layer "<name>/<Op>" between layer `i` and its first output, which keeps its name. `rest` are
// its inputs after the first.
int addBehind(GraphEditor& editor, int i, UnaryOp added, std::vector<TensorId> rest = {}) {
  const std::string name = concat(editor.layer(i).name, '/', opName(added.op));
  const TensorId out = editor.layer(i).outputs[0];
  Tensor before = editor.tensor(out);
  before.name = concat(before.name, "/before_", opName(added.op));
  const TensorId between = editor.addTensor(std::move(before));
  std::vector<TensorId> inputs = {between};
  inputs.insert(inputs.end(), rest.begin(), rest.end());
  editor.setOutput(i, 0, between);
  return editor.addLayer({name, added.op, std::move(added.attributes), std::move(inputs), {out}}, i);
}

void splitResiduals(GraphEditor& editor) {
  const int count = editor.layerCount();
  for (int i = 0; i < count; ++i) {
    const TensorId residual = editor.layer(i).input(3);
    if (editor.layer(i).op != OpType::Conv || residual == kNoTensor ||
        editor.tensor(editor.layer(i).outputs[0]).dtype != DType::f32) {
      continue;
    }
    const Activation activation =
        std::exchange(editor.layer(i).attrs<ConvAttrs>().activation, Activation{});
    editor.setInput(i, 3, kNoTensor);
    addBehind(editor, i, {OpType::Add, BinaryAttrs{activation}}, {residual});
  }
  editor.sort();
}

// All but those that an int8 layer fuses, or all.
void splitActivations(GraphEditor& editor, bool all) {
  const int count = editor.layerCount();
  for (int i = 0; i < count; ++i) {
    Activation* fused = activationOf(editor.layer(i));
    if (fused == nullptr || fused->kind == ActivationKind::none ||
        (!all && fusesInInt8(*fused)) ||
        editor.tensor(editor.layer(i).outputs[0]).dtype != DType::f32) {
      continue;
    }
    addBehind(editor, i, layerOf(std::exchange(*fused, Activation{})));
  }
  editor.sort();
}

Status inferAnew(Graph& graph) {
  for (const Layer& layer : graph.layers) {
    for (const TensorId id : layer.outputs) {
      if (id != kNoTensor) graph.tensor(id).shape = Shape::unranked();
    }
  }
  return inferShapes(graph);
}

// An Add whose operands have an open batch size is only known to fit a convolution's residual input once
// the batch is given. What fits at one size fits at every other: both operands are computed from the input.
Status fuseAtBatchOne(Graph& graph) {
  std::vector<Shape> open;
  for (const TensorId id : graph.inputs) {
    Shape& shape = graph.tensor(id).shape;
    open.push_back(shape);
    if (shape.rank() > 0 && shape[0] == Shape::kUnknown) shape[0] = 1;
  }
  QRT_RETURN_IF_ERROR(inferAnew(graph));
  GraphEditor editor(graph);
  fuseResidual(editor);
  editor.sort();
  fuseActivation(editor);
  editor.sort();
  for (size_t i = 0; i < open.size(); ++i) graph.tensor(graph.inputs[i]).shape = open[i];
  return {};
}

}  // namespace

Result<Graph> prepareLayers(const Model& model, bool doFusion) {
  Graph graph = model.data().graph;
  QRT_RETURN_IF_ERROR(optimize(graph, Quantized::fold));
  if (doFusion) QRT_RETURN_IF_ERROR(fuseAtBatchOne(graph));
  GraphEditor editor(graph);
  if (!doFusion) splitResiduals(editor);
  splitActivations(editor, !doFusion);
  graph.compact();
  QRT_RETURN_IF_ERROR(inferAnew(graph));
  return graph;
}

Result<Graph> prepareGraph(const Model& model, const Recipe& recipe) {
  QRT_ASSIGN_OR_RETURN(Graph graph, prepareLayers(model, recipe.doFusion));
  if (recipe.equalize) QRT_RETURN_IF_ERROR(equalize(graph));
  return graph;
}

}  // namespace qrt
