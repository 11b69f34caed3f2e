// One-layer graphs of every kind that backends are asked to run, with odd shapes.
#pragma once

#include <functional>
#include <vector>

#include "graph/graph.h"

namespace qrt::test {

/// Calls use(graph) with graphs of one layer, "op": each op as f32, s8 and what else it takes; random shapes,
/// attributes and parameters, `rounds` of each kind, the same for the same seed. Shapes are inferred; what is no valid
/// layer is left out.
void forEachCase(unsigned seed, int rounds, const std::function<void(const Graph&)>& use);

/// Bytes for a tensor: f32 around zero, other types all values that they have (indices small).
std::vector<std::byte> randomValues(const Tensor& tensor, unsigned seed);

}  // namespace qrt::test
