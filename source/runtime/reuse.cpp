#include "runtime/reuse.h"

#include <algorithm>
#include <map>

namespace qrt {
namespace {

// A partition as text: what tells it from others, in whatever graph it is.
class Identity {
 public:
  Identity(const Graph& graph, const Partition& partition) : graph_(graph) {
    add(partition.backend);
    add(partition.layers.size());
    for (const int index : partition.layers) {
      const Layer& layer = graph.layers[static_cast<size_t>(index)];
      add(layer.name.size());
      text += layer.name;
      add(layer.op);
      add(layer.inputs);
      add(layer.outputs);
    }
    add(partition.inputs);
    add(partition.outputs);
  }

  std::string text;

 private:
  template <class T>
  void add(const T& value) {
    text.append(reinterpret_cast<const char*>(&value), sizeof value);
  }

  void add(const std::vector<TensorId>& ids) {
    add(ids.size());
    for (const TensorId id : ids) tensor(id);
  }

  // Ids differ between graphs, so tensors are numbered as they appear.
  void tensor(TensorId id) {
    if (id == kNoTensor) return add(-1);
    const auto [known, isNew] = numbers_.emplace(id, static_cast<int>(numbers_.size()));
    add(known->second);
    if (!isNew) return;
    const Tensor& tensor = graph_.tensor(id);
    add(tensor.dtype);
    add(tensor.shape.dims().size());
    for (const int64_t dim : tensor.shape.dims()) add(dim);
    add(tensor.isConstant());
    if (tensor.isConstant()) return;
    add(tensor.quant ? tensor.quant->scales.size() : 0);
    if (!tensor.quant) return;
    add(tensor.quant->axis);
    for (const float scale : tensor.quant->scales) add(scale);
    for (const int32_t zeroPoint : tensor.quant->zeroPoints) add(zeroPoint);
  }

  const Graph& graph_;
  std::map<TensorId, int> numbers_;
};

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
  const auto entry = entries_.find(Identity(graph, partition).text);
  return entry != entries_.end() ? entry->second.program : nullptr;
}

void Reuse::use(const Graph& graph, const std::vector<Step>& steps) {
  ++now_;
  for (const Step& step : steps) {
    if (!step.program) continue;
    Entry& entry = entries_[Identity(graph, step.partition).text];
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
