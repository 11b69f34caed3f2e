// From an int8 model, quantized here or elsewhere, to the float model that it stands for.
#include "base/error.h"
#include "base/out_of_memory.h"
#include "graph/model_data.h"
#include "graph/op.h"
#include "graph/quantized.h"
#include "passes/passes.h"
#include "passes/quantized_edges.h"
#include "passes/raise_to_float.h"
#include "qrt/quantize.h"

namespace qrt {
namespace {

bool converts(OpType op) {
  return op == OpType::Quantize || op == OpType::Dequantize || op == OpType::Requantize;
}

Result<std::map<int, FloatForm>> allFloatForms(const Graph& graph) {
  std::map<int, FloatForm> forms;
  for (size_t i = 0; i < graph.layers.size(); ++i) {
    const Layer& layer = graph.layers[i];
    if (converts(layer.op) || !isQuantized(graph, layer)) continue;
    auto form = floatForm(graph, layer);
    if (!form.ok()) return annotate(form.status(), "layer '", layer.name, "'");
    forms.emplace(static_cast<int>(i), std::move(form).value());
  }
  return forms;
}

// What is still quantized are inputs, outputs, and pairs of Quantize and Dequantize around float layers.
void dropConversions(Graph& graph) {
  for (Tensor& tensor : graph.tensors) {
    if (tensor.isConstant() || !isQuantized8(tensor)) continue;
    tensor.dtype = DType::f32;
    tensor.quant.reset();
  }
  for (Layer& layer : graph.layers) {
    if (!converts(layer.op) || graph.tensor(layer.inputs[0]).isConstant()) continue;
    layer.op = OpType::Identity;
    layer.attributes = NoAttrs{};
  }
}

Result<Model> dequantizeModel(const Model& model) {
  Graph graph = model.data().graph;
  QRT_ASSIGN_OR_RETURN(auto forms, allFloatForms(graph));
  raiseToFloat(graph, std::move(forms));
  dropConversions(graph);
  graph.metadata.erase("recipe");
  QRT_RETURN_IF_ERROR(optimize(graph, Quantized::fold));
  return makeModel(std::move(graph));
}

}  // namespace

Result<Model> dequantize(const Model& model) {
  return catchOutOfMemory([&] { return dequantizeModel(model); });
}

}  // namespace qrt
