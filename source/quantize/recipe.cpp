#include "quantize/recipe.h"

#include <algorithm>

#include "base/error.h"
#include "quantize/eligible.h"
#include "quantize/prepare_graph.h"

namespace qrt {

const LayerRecipe* int8Recipe(const Recipe& recipe, const Graph& graph, const Layer& layer) {
  const auto lists = [](const std::vector<std::string>& names, std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  const auto found = recipe.layers.find(layer.name);
  if (found == recipe.layers.end() || !found->second.quantEnable ||
      lists(recipe.skipLayers, layer.name) || lists(recipe.skipLayerTypes, opName(layer.op)) ||
      !int8Obstacle(graph, layer).empty()) {
    return nullptr;
  }
  return &found->second;
}

Result<Recipe> makeRecipe(const Model& model) {
  Recipe recipe;
  QRT_ASSIGN_OR_RETURN(const Graph graph, prepareLayers(model, recipe.doFusion));
  // Boxes and scores are answers: a clipped one is a wrong one, while inside a network a few clipped
  // values buy finer steps for all others. So layers behind the last weights keep the whole range.
  std::vector<bool> leadsToWeights(graph.tensors.size());
  for (auto layer = graph.layers.rbegin(); layer != graph.layers.rend(); ++layer) {
    const bool leads = hasWeights(layer->op) ||
                       std::any_of(layer->outputs.begin(), layer->outputs.end(), [&](TensorId id) {
                         return id != kNoTensor && leadsToWeights[static_cast<size_t>(id)];
                       });
    for (const TensorId id : layer->inputs) {
      if (id != kNoTensor && leads) leadsToWeights[static_cast<size_t>(id)] = true;
    }
    if (!int8Obstacle(graph, *layer).empty()) continue;
    LayerRecipe& entry = recipe.layers[layer->name];
    if (!leads) entry.activation.algorithm = ActivationAlgorithm::minmax;
  }
  if (recipe.layers.empty()) {
    return unsupported("nothing in model '", model.name(), "' can be int8");
  }
  return recipe;
}

}  // namespace qrt
