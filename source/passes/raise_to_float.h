// Int8 layers back to float, for who wants them on a backend that computes in f32.
//
// A raised layer reads and writes f32: its constants are dequantized here, its activations where they come
// from an int8 layer, and its result is quantized where an int8 layer or the graph's output wants it so.
// What a raised layer and another float layer exchange is f32 all the way: Quantize, Requantize and
// Dequantize layers between the two are left out.
#pragma once

#include <map>
#include <vector>

#include "graph/graph.h"

namespace qrt {

/// An int8 layer as it is in float.
struct FloatForm {
  enum class Input { asIs, constant, activation };
  Graph graph;                ///< the layer alone, so that a backend can be asked
  std::vector<Input> inputs;  ///< by input: the original's, a constant of `graph`, or the original's in f32
};

/// The float form of a layer whose shapes are known. `unsupported` if it has none, with the reason.
Result<FloatForm> floatForm(const Graph& graph, const Layer& layer);

/// Puts the layers of these indices into the forms given for them, and conversions at their borders. The
/// layers keep their names.
void raiseToFloat(Graph& graph, std::map<int, FloatForm> forms);

}  // namespace qrt
