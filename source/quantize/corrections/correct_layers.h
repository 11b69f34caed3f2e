// Corrections that need the model's data: AdaRound and bias correction, layer by layer in order, each layer
// seeing what the corrected layers before it make.
#pragma once

#include "graph/graph.h"
#include "qrt/quantize.h"

namespace qrt {

/// Whether the recipe asks for one of them.
bool wantsCorrections(const Recipe& recipe);

/// Changes weights and biases of `int8`, which was written from `prepared`. Uses at most
/// options.maxSamples samples, fewer where they would take more than 512 MB. Errors: invalidArgument (no
/// samples), those of the sample source.
Status correctLayers(const Graph& prepared, const Recipe& recipe, const QuantizeOptions& options,
                     Graph& int8);

}  // namespace qrt
