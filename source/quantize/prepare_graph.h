// The float graph that calibration observes and the quantizer changes: one function, so that both see
// the same layers and tensors.
#pragma once

#include "graph/graph.h"
#include "qrt/model.h"
#include "qrt/quantize.h"

namespace qrt {

/// The model's graph, optimized, with
///  - weights as floats;
///  - activations that an int8 layer cannot fuse (all but relu and clip) as layers of their own behind it,
///    "<layer>/<Op>"; without `do_fusion` all of them, and residual inputs as an Add "<layer>/Add";
///  - with `do_fusion` additions fused as residuals, also where a batch size still open hides that they fit;
///  - with `equalize` weights equalized.
/// Layers keep the names they have in the model, inputs and outputs everything. Open dims stay open.
Result<Graph> prepareGraph(const Model& model, const Recipe& recipe);

/// The same but without equalization: its layers and tensors, for who needs only their names.
Result<Graph> prepareLayers(const Model& model, bool doFusion);

}  // namespace qrt
