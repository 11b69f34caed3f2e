// Cuts the layers into partitions: what one backend runs in one go.
#pragma once

#include <span>
#include <vector>

#include "backends/backend.h"

namespace qrt {

/// Layers that one backend runs in one go, and the tensors at its border. One layer: its own inputs and
/// outputs, absent ones included. Several: each tensor once, in order of first use; outputs are those
/// that others read or that the graph gives out.
struct Partition {
  const Backend* backend = nullptr;
  std::vector<int> layers;  ///< ascending indices into graph.layers
  std::vector<TensorId> inputs;
  std::vector<TensorId> outputs;
};

/// Partitions in execution order, which together hold every layer once. A backend that wants
/// partitions gets maximal runs of neighbouring layers, all others one layer at a time. A run of
/// neighbours in execution order is convex: no path leaves it and comes back. If fewer partitions result,
/// layers run in another order than that of the graph; with one such backend no order gives fewer.
std::vector<Partition> partition(const Graph& graph, std::span<const Backend* const> backends);

}  // namespace qrt
