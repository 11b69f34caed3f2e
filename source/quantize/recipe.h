// What the quantizer asks a recipe.
#pragma once

#include "graph/graph.h"
#include "qrt/quantize.h"

namespace qrt {

/// What the recipe says of a layer of the prepared graph; null if it stays float: not enabled, skipped by
/// name or type, or unable to be int8.
const LayerRecipe* int8Recipe(const Recipe& recipe, const Graph& graph, const Layer& layer);

}  // namespace qrt
