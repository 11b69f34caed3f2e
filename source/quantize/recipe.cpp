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
  for (const Layer& layer : graph.layers) {
    if (int8Obstacle(graph, layer).empty()) recipe.layers[layer.name] = {};
  }
  if (recipe.layers.empty()) {
    return unsupported("nothing in model '", model.name(), "' can be int8");
  }
  return recipe;
}

}  // namespace qrt
