#include "quantize/recipe.h"

#include <algorithm>

#include "base/closest.h"
#include "base/error.h"
#include "quantize/eligible.h"
#include "quantize/json_value.h"
#include "quantize/prepare_graph.h"
#include "quantize/recipe_fields.h"

namespace qrt {
namespace {

bool lists(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// Takes the first field that is not as wanted.
struct Checker {
  std::string error;

  template <class T>
  void operator()(FieldName field, T value, const Limits& limits) {
    note(field, concat(value), numberObstacle(value, limits));
  }
  void operator()(FieldName field, const double (&pair)[2], const Limits& limits) {
    note(field, concat('[', pair[0], ", ", pair[1], ']'), pairObstacle(pair, limits));
  }
  template <class T>
  void operator()(FieldName, const T&) {}  // every value is right, or checked by name

  void note(FieldName field, const std::string& found, const std::string& wanted) {
    if (error.empty() && !wanted.empty()) error = concat(field.name, " is ", found, ", ", wanted);
  }
};

Status checkNumbers(const Recipe& recipe) {
  Checker check;
  forEachField(recipe, check);
  if (!check.error.empty()) return invalidArgument("recipe: ", check.error);
  for (const auto& [name, layer] : recipe.layers) {
    forEachField(layer.activation, check);
    forEachField(layer.weight, check);
    if (!check.error.empty()) return invalidArgument("recipe: layer '", name, "': ", check.error);
  }
  return {};
}

Status checkNames(const Graph& graph, const Recipe& recipe, const Recipe& defaults) {
  std::string obstacle;
  const auto check = [&](std::string found) {
    if (obstacle.empty()) obstacle = std::move(found);
  };
  for (const auto& [name, layer] : recipe.layers) check(listObstacle(graph, defaults, name));
  for (const std::string& name : recipe.skipLayers) check(skipObstacle(graph, name));
  for (const std::string& op : recipe.skipLayerTypes) check(skipTypeObstacle(op));
  return obstacle.empty() ? Status() : invalidArgument("recipe: ", obstacle);
}

std::vector<std::string> opNames() {
  std::vector<std::string> names;
  for (int op = 0; op < kOpCount; ++op) names.emplace_back(opName(static_cast<OpType>(op)));
  return names;
}

}  // namespace

std::string listObstacle(const Graph& graph, const Recipe& defaults, std::string_view name) {
  if (defaults.layers.contains(std::string(name))) return {};
  const auto layer = std::find_if(graph.layers.begin(), graph.layers.end(),
                                  [&](const Layer& one) { return one.name == name; });
  if (layer != graph.layers.end()) {
    return concat("layer ", jsonText(name), " (", opName(layer->op), ") cannot be int8: ",
                  int8Obstacle(graph, *layer));
  }
  std::vector<std::string> names;
  for (const auto& [listed, recipe] : defaults.layers) names.push_back(listed);
  return concat("there is no layer ", jsonText(name), " in the prepared model, where layers may be fused",
                suggestNames(name, names));
}

std::string skipObstacle(const Graph& graph, std::string_view name) {
  const bool found = std::any_of(graph.layers.begin(), graph.layers.end(),
                                 [&](const Layer& layer) { return layer.name == name; });
  if (found) return {};
  std::vector<std::string> names;
  for (const Layer& layer : graph.layers) names.push_back(layer.name);
  return concat("there is no layer ", jsonText(name), " in the prepared model, where layers may be fused",
                suggestNames(name, names));
}

std::string skipTypeObstacle(std::string_view op) {
  if (opFromName(op)) return {};
  return concat("there is no op ", jsonText(op), suggestNames(op, opNames()));
}

Recipe defaultRecipe(const Graph& graph) {
  Recipe recipe;
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
  return recipe;
}

Result<Recipe> resolveRecipe(const Model& model, const Recipe& recipe) {
  QRT_RETURN_IF_ERROR(checkNumbers(recipe));
  QRT_ASSIGN_OR_RETURN(const Graph graph, prepareLayers(model, recipe.doFusion));
  const Recipe defaults = defaultRecipe(graph);
  QRT_RETURN_IF_ERROR(checkNames(graph, recipe, defaults));
  Recipe resolved = recipe;
  resolved.layers.insert(defaults.layers.begin(), defaults.layers.end());
  for (auto& [name, layer] : resolved.layers) {
    layer.activation.asymmetric = layer.activation.asymmetric && recipe.activationOffset;
  }
  return resolved;
}

const LayerRecipe* int8Recipe(const Recipe& recipe, const Graph& graph, const Layer& layer) {
  const auto found = recipe.layers.find(layer.name);
  if (found == recipe.layers.end() || !found->second.quantEnable ||
      lists(recipe.skipLayers, layer.name) || lists(recipe.skipLayerTypes, opName(layer.op)) ||
      !int8Obstacle(graph, layer).empty()) {
    return nullptr;
  }
  return &found->second;
}

Result<Recipe> makeRecipe(const Model& model) {
  QRT_ASSIGN_OR_RETURN(const Graph graph, prepareLayers(model, Recipe().doFusion));
  Recipe recipe = defaultRecipe(graph);
  if (recipe.layers.empty()) {
    return unsupported("nothing in model '", model.name(), "' can be int8");
  }
  return recipe;
}

}  // namespace qrt
