#include "runtime/reuse.h"

#include <algorithm>
#include <map>

#include "runtime/identity.h"

namespace qrt {
namespace {

std::vector<std::shared_ptr<const void>> constantsOf(const Graph& graph, const Partition& partition) {
  std::vector<std::shared_ptr<const void>> owners;
  for (const int index : partition.layers) {
    for (const TensorId id : graph.layers[static_cast<size_t>(index)].inputs) {
      if (const Tensor* constant = graph.constant(id)) owners.push_back(constant->constant->owner);
    }
  }
  return owners;
}

}  // namespace

std::shared_ptr<Program> Reuse::find(const Graph& graph, const Partition& partition) const {
  const auto entry = entries_.find(identity(graph, partition));
  return entry != entries_.end() && entry->second.program->usable() ? entry->second.program : nullptr;
}

void Reuse::use(const Graph& graph, const std::vector<Step>& steps) {
  ++now_;
  for (const Step& step : steps) {
    if (!step.program) continue;
    Entry& entry = entries_[identity(graph, step.partition)];
    if (entry.program != step.program) {
      entry = {step.program, constantsOf(graph, step.partition), step.partition.layers.size(), 0};
    }
    entry.used = now_;
  }
  mostLayers_ = std::max(mostLayers_, graph.layers.size());
  std::map<int64_t, size_t, std::greater<>> layers;  // by when they were used last
  for (const auto& [identity, entry] : entries_) layers[entry.used] += entry.layers;
  size_t unused = 0;
  int64_t oldest = now_;
  for (const auto& [used, count] : layers) {
    if (used != now_ && (unused += count) > mostLayers_) break;
    oldest = used;
  }
  std::erase_if(entries_, [&](const auto& entry) { return entry.second.used < oldest; });
}

bool Reuse::dropUnused() {
  return std::erase_if(entries_, [&](const auto& entry) { return entry.second.used != now_; }) > 0;
}

}  // namespace qrt
