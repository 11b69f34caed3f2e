// Which layers of a float graph int8 kernels could compute: what a recipe lists and the quantizer takes.
#pragma once

#include <string_view>
#include <vector>

#include "graph/graph.h"

namespace qrt {

/// Whether the layer's input 1 holds weights, and input 2 a bias: Conv, ConvTranspose, FullyConnected.
bool hasWeights(OpType op);

/// The inputs of an int8 layer that are s8 with one scale: activations, or constants in their place.
std::vector<size_t> activationSlots(const Layer& layer);

/// Why the layer cannot be int8, a half sentence; empty if it can. Fused activations must be relu or clip:
/// prepareGraph() splits others off.
std::string_view int8Obstacle(const Graph& graph, const Layer& layer);

}  // namespace qrt
