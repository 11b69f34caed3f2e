// From a prepared float graph and its parameters to the int8 graph.
#pragma once

#include <optional>
#include <vector>

#include "graph/graph.h"
#include "qrt/quantize.h"

namespace qrt {

/// What was decided of a prepared graph.
struct Int8Plan {
  std::vector<const LayerRecipe*> recipes;         ///< by layer; null: stays float
  std::vector<std::optional<QuantParams>> params;  ///< by tensor, as chooseActivationParams() gives them
};

/// Layers keep names and ops; int8 ones read and make s8 tensors. Quantize and Dequantize layers stand
/// where int8 and float layers meet and at inputs and outputs of the graph, which keep everything;
/// Requantize layers where a layer that moves bytes reads other parameters than it makes. Errors name the
/// layer: those of makeInt8Weights().
Result<Graph> writeInt8(Graph graph, const Int8Plan& plan);

}  // namespace qrt
