// Cross-layer equalization (Nagel et al. 2019, "Data-free quantization through weight equalization and bias
// correction", section 4.1): evens out the channels between layers, which otherwise share one scale however
// different their ranges are. Unlike there, factors come from one pass over ranges that are estimated for the whole
// network, so that they do not depend on how its channels were scaled before.
#pragma once

#include "graph/graph.h"
#include "qrt/status.h"

namespace qrt {

/// Multiplies each output channel of a layer by a factor > 0 and divides it out of the layers that read it,
/// so that the graph computes the same function. Only where that is exact: between layers with weights stand
/// nothing but functions with f(s·x) = s·f(x) in each channel (Relu, LeakyRelu, PRelu, pools, resizing,
/// means over other dims, reshapes that keep channels together).
///
/// Left alone: clips (a ReLU6 would need another bound in each channel, which int8 layers do not have),
/// layers with a residual input and tensors that an Add, a Concat or a graph output reads, as all of their
/// makers and readers would have to share factors; weights that several layers share.
Status equalize(Graph& graph);

}  // namespace qrt
