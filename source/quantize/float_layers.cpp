// Which layers stay float, and why: for people.
#include <algorithm>

#include "base/error.h"
#include "base/out_of_memory.h"
#include "graph/op.h"
#include "quantize/eligible.h"
#include "quantize/precision.h"
#include "quantize/prepare_graph.h"

namespace qrt {
namespace {

std::string reasonFor(const Graph& graph, const Layer& layer, const Recipe& recipe) {
  const auto lists = [](const std::vector<std::string>& names, std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  if (const std::string_view obstacle = int8Obstacle(graph, layer); !obstacle.empty()) {
    return std::string(obstacle);
  }
  if (lists(recipe.skipLayers, layer.name)) return "the recipe's skip_layers has it";
  if (lists(recipe.skipLayerTypes, opName(layer.op))) return "the recipe's skip_layer_types has its op";
  const auto found = recipe.layers.find(layer.name);
  if (found == recipe.layers.end()) return "the recipe does not list it";
  if (!found->second.quantEnable) return "the recipe's quant_enable is false";
  return "in int8 it would only add conversions";
}

}  // namespace

Result<std::vector<FloatLayer>> floatLayers(const Model& model, const Recipe& recipe) {
  return catchOutOfMemory([&]() -> Result<std::vector<FloatLayer>> {
    QRT_ASSIGN_OR_RETURN(const Graph graph, prepareLayers(model, recipe.doFusion));
    const std::vector<bool> int8 = chooseInt8Layers(graph, recipe);
    std::vector<FloatLayer> layers;
    for (size_t i = 0; i < int8.size(); ++i) {
      const Layer& layer = graph.layers[i];
      if (int8[i] || graph.tensor(layer.outputs[0]).dtype != DType::f32) continue;
      layers.push_back({layer.name, std::string(opName(layer.op)), reasonFor(graph, layer, recipe)});
    }
    return layers;
  });
}

}  // namespace qrt
