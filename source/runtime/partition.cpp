#include "runtime/partition.h"

#include <algorithm>

namespace qrt {
namespace {

void addOnce(std::vector<TensorId>& ids, TensorId id) {
  if (std::find(ids.begin(), ids.end(), id) == ids.end()) ids.push_back(id);
}

// The border of several layers.
void findBorder(const Graph& graph, const std::vector<int>& producers,
                const std::vector<std::vector<int>>& consumers, Partition& partition) {
  const int first = partition.layers.front();
  const int last = partition.layers.back();
  const auto inside = [&](int layer) { return first <= layer && layer <= last; };
  for (const int index : partition.layers) {
    const Layer& layer = graph.layers[static_cast<size_t>(index)];
    for (const TensorId id : layer.inputs) {
      if (id == kNoTensor || inside(producers[static_cast<size_t>(id)])) continue;
      addOnce(partition.inputs, id);
    }
    for (const TensorId id : layer.outputs) {
      if (id == kNoTensor) continue;
      const std::vector<int>& readers = consumers[static_cast<size_t>(id)];
      if (graph.isOutput(id) || !std::all_of(readers.begin(), readers.end(), inside)) {
        addOnce(partition.outputs, id);
      }
    }
  }
}

}  // namespace

std::vector<Partition> partition(const Graph& graph, std::span<const Backend* const> backends) {
  std::vector<Partition> partitions;
  for (size_t i = 0; i < graph.layers.size(); ++i) {
    const Backend* backend = backends[i];
    if (partitions.empty() || partitions.back().backend != backend || !backend->wantsPartitions()) {
      partitions.push_back({backend, {}, {}, {}});
    }
    partitions.back().layers.push_back(static_cast<int>(i));
  }
  const std::vector<int> producers = graph.producers();
  const std::vector<std::vector<int>> consumers = graph.consumers();
  for (Partition& partition : partitions) {
    if (partition.layers.size() > 1) {
      findBorder(graph, producers, consumers, partition);
    } else {
      const Layer& layer = graph.layers[static_cast<size_t>(partition.layers.front())];
      partition.inputs = layer.inputs;
      partition.outputs = layer.outputs;
    }
  }
  return partitions;
}

}  // namespace qrt
