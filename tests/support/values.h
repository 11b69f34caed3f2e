// Tensors with values: random ones, and comparing them.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "graph/graph.h"

namespace qrt::test {

/// A constant of random values for every input of a graph: f32 and f64 normal, integers in [0, 4).
/// The inputs' shapes must be known.
std::vector<Tensor> randomInputs(const Graph& graph, unsigned seed);

/// "" if both have the same names, dtypes, shapes and quantization, and values within
/// `tolerance`·(1 + |wanted|); else what differs first.
std::string difference(std::span<const Tensor> found, std::span<const Tensor> wanted,
                       double tolerance);

}  // namespace qrt::test
