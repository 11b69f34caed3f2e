// Small valid graphs that together use every op: for the file format, the fuzzers, and whoever
// wants to see each op once.
#pragma once

#include <vector>

#include "graph/graph.h"

namespace qrt::test {

/// At least one graph of one layer, "op", for each op, in the order of QRT_OP_LIST. What a graph
/// may compute is a graph input, parameters are constants; shapes are inferred nowhere yet.
std::vector<Graph> opGraphs();

/// A little classifier with an open batch, quantized in one place: more than one layer.
Graph smallNet();

}  // namespace qrt::test
