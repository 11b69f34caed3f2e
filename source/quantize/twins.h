// Which tensor of the float graph a quantized tensor stands for.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "graph/graph.h"

namespace qrt {

/// By tensor of the int8 graph: the tensor of the prepared float graph that has the same value but for
/// quantization, kNoTensor where there is none. Names are kept where a graph becomes int8; what Quantize,
/// Requantize and Dequantize layers make or read stands for the tensor at their other end.
std::vector<TensorId> floatTwins(const Graph& int8, const Graph& prepared);

/// By name.
std::map<std::string, TensorId> tensorsByName(const Graph& graph);

/// Whether the layer computes on s8 and is no conversion.
bool isInt8Layer(const Graph& graph, const Layer& layer);

}  // namespace qrt
