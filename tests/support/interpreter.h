// A second opinion on every graph: layer by layer on the reference kernels, with no runtime, no
// passes and no plan in between.
#pragma once

#include <span>
#include <vector>

#include "graph/graph.h"

namespace qrt::test {

/// Runs a graph. `inputs` are constants, found by name; all of the graph's inputs must be there.
Result<std::vector<Tensor>> interpret(Graph graph, std::span<const Tensor> inputs);

}  // namespace qrt::test
