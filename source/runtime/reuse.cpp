#include "runtime/reuse.h"

namespace qrt {
namespace {

const Layer& layerOf(const Graph& graph, const Partition& partition, size_t i) {
  return graph.layers[static_cast<size_t>(partition.layers[i])];
}

// Compares partitions of two graphs whose tensors have other ids.
class Comparison {
 public:
  Comparison(const Graph& a, const Graph& b) : a_(a), b_(b) {}

  bool equal(const Partition& a, const Partition& b) {
    if (a.backend != b.backend || a.layers.size() != b.layers.size()) return false;
    for (size_t i = 0; i < a.layers.size(); ++i) {
      const Layer &x = layerOf(a_, a, i), &y = layerOf(b_, b, i);
      if (x.name != y.name || x.op != y.op || !equal(x.inputs, y.inputs) || !equal(x.outputs, y.outputs)) return false;
    }
    return equal(a.inputs, b.inputs) && equal(a.outputs, b.outputs);
  }

 private:
  bool equal(const std::vector<TensorId>& a, const std::vector<TensorId>& b) {
    if (a.size() != b.size()) return false;
    for (size_t i = 0; i < a.size(); ++i) {
      if (!equal(a[i], b[i])) return false;
    }
    return true;
  }

  bool equal(TensorId a, TensorId b) {
    if (a == kNoTensor || b == kNoTensor) return a == b;
    if (const auto [known, isNew] = twins_.emplace(a, b); !isNew) return known->second == b;
    const Tensor &x = a_.tensor(a), &y = b_.tensor(b);
    return x.dtype == y.dtype && x.shape == y.shape && x.quant == y.quant && x.isConstant() == y.isConstant() &&
           (!x.isConstant() || x.name == y.name);
  }

  const Graph &a_, &b_;
  std::map<TensorId, TensorId> twins_;
};

}  // namespace

Reuse::Reuse(const Graph& graph, const std::vector<Step>& steps) : graph_(graph) {
  for (const Step& step : steps) {
    if (step.program) steps_[layerOf(graph, step.partition, 0).name] = &step;
  }
}

std::shared_ptr<Program> Reuse::find(const Graph& graph, const Partition& partition) const {
  const auto step = steps_.find(layerOf(graph, partition, 0).name);
  if (step == steps_.end()) return nullptr;
  const bool same = Comparison(graph_, graph).equal(step->second->partition, partition);
  return same ? step->second->program : nullptr;
}

}  // namespace qrt
