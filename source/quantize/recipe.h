// What the quantizer asks a recipe, and what holds it against a model.
#pragma once

#include <string>
#include <string_view>

#include "graph/graph.h"
#include "qrt/quantize.h"

namespace qrt {

/// The default recipe of a graph of prepareLayers(); its layers are empty if nothing can be int8.
Recipe defaultRecipe(const Graph& graph);

/// What the recipe means for a model: layers that it does not list get their defaults, and without
/// activation_offset all activations are symmetric. Errors: invalidArgument (layers and ops that are not
/// there, numbers out of range).
Result<Recipe> resolveRecipe(const Model& model, const Recipe& recipe);

/// Why a recipe cannot list layer `name`, empty if it can.
std::string listObstacle(const Graph& graph, const Recipe& defaults, std::string_view name);
/// Why it cannot skip it.
std::string skipObstacle(const Graph& graph, std::string_view name);
/// Why it cannot skip layers of that op.
std::string skipTypeObstacle(std::string_view op);

/// What the recipe says of a layer of the prepared graph; null if it stays float: not enabled, skipped by
/// name or type, or unable to be int8.
const LayerRecipe* int8Recipe(const Recipe& recipe, const Graph& graph, const Layer& layer);

}  // namespace qrt
