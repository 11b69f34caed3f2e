// Which layers of a prepared graph become int8.
#pragma once

#include <vector>

#include "graph/graph.h"
#include "qrt/quantize.h"

namespace qrt {

/// By layer: true if it becomes int8. Layers with weights do where the recipe lets them, also MatMul. Of
/// the others those do that make the fewest elements cross between f32 and int8; on a tie a layer that
/// only keeps its precision by staying float (Softmax or Sigmoid before a float output) does so.
std::vector<bool> chooseInt8Layers(const Graph& graph, const Recipe& recipe);

}  // namespace qrt
