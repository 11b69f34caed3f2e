#include "runtime/partition.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <set>

namespace qrt {
namespace {

void addOnce(std::vector<TensorId>& ids, TensorId id) {
  if (std::find(ids.begin(), ids.end(), id) == ids.end()) ids.push_back(id);
}

// The border of several layers.
void findBorder(const Graph& graph, const std::vector<int>& producers,
                const std::vector<std::vector<int>>& consumers, Partition& partition) {
  const auto inside = [&](int layer) {
    return std::binary_search(partition.layers.begin(), partition.layers.end(), layer);
  };
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

// An order that alternates between the backends as rarely as it can: one goes on as long as any of its
// layers is ready, and those that want no partitions go first.
class Schedule {
 public:
  Schedule(const Graph& graph, std::span<const Backend* const> backends, const std::vector<int>& producers,
           const std::vector<std::vector<int>>& consumers)
      : graph_(graph), backends_(backends), consumers_(consumers), missing_(graph.layers.size()) {
    for (size_t i = 0; i < graph.layers.size(); ++i) {
      std::set<TensorId> made;
      for (const TensorId id : graph.layers[i].inputs) {
        if (id != kNoTensor && producers[static_cast<size_t>(id)] >= 0) made.insert(id);
      }
      missing_[i] = made.size();
      if (made.empty()) ready_[key(static_cast<int>(i))].insert(static_cast<int>(i));
    }
  }

  std::vector<int> order() {
    std::vector<int> order;
    while (!ready_.empty()) {
      auto next = ready_.find(current_);
      if (next == ready_.end()) next = ready_.begin();  // null, if there is any
      current_ = next->first;
      const int layer = *next->second.begin();
      next->second.erase(next->second.begin());
      if (next->second.empty()) ready_.erase(next);
      order.push_back(layer);
      finish(layer);
    }
    return order;
  }

 private:
  // Backends that take layers one by one are all the same here.
  const Backend* key(int layer) const {
    const Backend* backend = backends_[static_cast<size_t>(layer)];
    return backend->wantsPartitions() ? backend : nullptr;
  }

  void finish(int layer) {
    for (const TensorId id : graph_.layers[static_cast<size_t>(layer)].outputs) {
      if (id == kNoTensor) continue;
      for (const int reader : consumers_[static_cast<size_t>(id)]) {
        if (--missing_[static_cast<size_t>(reader)] == 0) ready_[key(reader)].insert(reader);
      }
    }
  }

  const Graph& graph_;
  std::span<const Backend* const> backends_;
  const std::vector<std::vector<int>>& consumers_;
  std::vector<size_t> missing_;                                          // by layer: inputs not made yet
  std::map<const Backend*, std::set<int>> ready_;  // null: those that want no partitions
  const Backend* current_ = nullptr;
};

// Cuts where the backend changes.
std::vector<Partition> cut(const std::vector<int>& order, std::span<const Backend* const> backends) {
  std::vector<Partition> partitions;
  for (const int layer : order) {
    const Backend* backend = backends[static_cast<size_t>(layer)];
    if (partitions.empty() || partitions.back().backend != backend || !backend->wantsPartitions()) {
      partitions.push_back({backend, {}, {}, {}});
    }
    partitions.back().layers.push_back(layer);
  }
  return partitions;
}

}  // namespace

std::vector<Partition> partition(const Graph& graph, std::span<const Backend* const> backends) {
  const std::vector<int> producers = graph.producers();
  const std::vector<std::vector<int>> consumers = graph.consumers();
  std::vector<int> order(graph.layers.size());
  std::iota(order.begin(), order.end(), 0);
  std::vector<Partition> partitions = cut(order, backends);
  if (std::any_of(backends.begin(), backends.end(), [](const Backend* b) { return b->wantsPartitions(); })) {
    auto fewer = cut(Schedule(graph, backends, producers, consumers).order(), backends);
    if (fewer.size() < partitions.size()) partitions = std::move(fewer);
  }
  for (Partition& partition : partitions) {
    std::sort(partition.layers.begin(), partition.layers.end());
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
