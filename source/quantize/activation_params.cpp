#include "quantize/activation_params.h"

#include <algorithm>
#include <deque>
#include <numeric>

#include "base/error.h"
#include "graph/quantized.h"
#include "quantize/eligible.h"

namespace qrt {
namespace {

constexpr double kMuchNarrower = 0.5;  // a narrower input would lose more than a bit

double width(const ClipRange& range) { return range.high - range.low; }

ClipRange unionOf(const ClipRange& a, const ClipRange& b) {
  return {std::min(a.low, b.low), std::max(a.high, b.high)};
}

// The range of ops that have it beforehand: what 1/256 and −128, or 1/128 and 0, stand for.
std::optional<ClipRange> fixedRange(OpType op, const ActivationQuantParams& params) {
  if (params.numBits != 8 || !params.asymmetric) return std::nullopt;
  switch (op) {
    case OpType::HardSigmoid:
    case OpType::Sigmoid:
    case OpType::Softmax:
      return ClipRange{0, 255.0 / 256};
    case OpType::Tanh:
      return ClipRange{-1, 127.0 / 128};
    default:
      return std::nullopt;
  }
}

// Tensors that share parameters.
struct Class {
  ClipRange range;
  const ActivationQuantParams* params = nullptr;  // of the first tensor that made the range
  bool empty = true;                 // nothing made the range yet

  void include(const Class& other) {
    if (other.empty) return;
    if (empty) {
      *this = other;
      return;
    }
    range = unionOf(range, other.range);
  }
};

class Chooser {
 public:
  Chooser(const Graph& graph, const std::vector<const LayerRecipe*>& recipes,
          const ChooseRange& choose)
      : graph_(graph), recipes_(recipes), choose_(choose),
        parent_(graph.tensors.size()), classes_(graph.tensors.size()),
        params_(graph.tensors.size()), readers_(graph.tensors.size()),
        concerned_(graph.tensors.size()) {
    std::iota(parent_.begin(), parent_.end(), TensorId{0});
  }

  Result<std::vector<std::optional<QuantParams>>> run() {
    findTensors();
    QRT_RETURN_IF_ERROR(chooseRanges());
    for (size_t i = 0; i < graph_.layers.size(); ++i) {
      const Layer& layer = graph_.layers[i];
      if (recipes_[i] != nullptr && movesBytes(layer) && activations(layer).size() == 1) joinAll(layer);
    }
    for (size_t i = 0; i < graph_.layers.size(); ++i) {
      if (recipes_[i] != nullptr && movesBytes(graph_.layers[i])) joinWhereGood(graph_.layers[i]);
    }
    for (size_t i = 0; i < graph_.layers.size(); ++i) {  // now that every class has its range
      if (recipes_[i] != nullptr && movesBytes(graph_.layers[i])) includeConstants(graph_.layers[i]);
    }
    std::vector<std::optional<QuantParams>> result(graph_.tensors.size());
    for (size_t t = 0; t < result.size(); ++t) {
      if (!concerned_[t]) continue;
      const Class& shared = classOf(static_cast<TensorId>(t));
      result[t] = paramsForRange(shared.range, *shared.params);
    }
    return result;
  }

 private:
  std::vector<TensorId> activations(const Layer& layer) const {
    std::vector<TensorId> ids;
    for (const size_t slot : activationSlots(layer)) {
      if (graph_.constant(layer.inputs[slot]) == nullptr) ids.push_back(layer.inputs[slot]);
    }
    return ids;
  }

  // Which tensors are concerned, and whose recipe counts.
  void findTensors() {
    for (size_t i = 0; i < graph_.layers.size(); ++i) {
      const Layer& layer = graph_.layers[i];
      for (const TensorId id : layer.inputs) {
        if (id != kNoTensor) ++readers_[static_cast<size_t>(id)];
      }
      if (recipes_[i] == nullptr) continue;
      for (const TensorId id : activations(layer)) concern(id, i);
    }
    for (size_t i = 0; i < graph_.layers.size(); ++i) {
      if (recipes_[i] == nullptr) continue;
      for (const TensorId id : graph_.layers[i].outputs) {
        if (id != kNoTensor) concernOutput(id, i);
      }
    }
    for (const TensorId id : graph_.outputs) ++readers_[static_cast<size_t>(id)];
  }

  void concern(TensorId id, size_t layer) {
    const auto t = static_cast<size_t>(id);
    concerned_[t] = true;
    if (params_[t] == nullptr) params_[t] = &recipes_[layer]->activation;
  }

  // A recipe speaks of a layer's inputs: a result that no int8 layer reads is not clipped.
  void concernOutput(TensorId id, size_t layer) {
    const auto t = static_cast<size_t>(id);
    concerned_[t] = true;
    if (params_[t] != nullptr) return;
    params_[t] = &unclipped_.emplace_back(recipes_[layer]->activation);
    unclipped_.back().algorithm = ActivationAlgorithm::minmax;
  }

  // Ranges of all tensors but those that take over another's.
  Status chooseRanges() {
    const std::vector<int> producers = graph_.producers();
    for (size_t t = 0; t < concerned_.size(); ++t) {
      if (!concerned_[t]) continue;
      const auto producer = static_cast<size_t>(producers[t]);
      const bool made = producers[t] >= 0 && recipes_[producer] != nullptr;
      const Layer* maker = made ? &graph_.layers[producer] : nullptr;
      if (maker != nullptr && movesBytes(*maker)) continue;
      std::optional<ClipRange> range = maker != nullptr ? fixedRange(maker->op, *params_[t]) : std::nullopt;
      if (!range) {
        QRT_ASSIGN_OR_RETURN(range, choose_(graph_.tensors[t], *params_[t]));
      }
      classes_[t] = {unionOf(*range, {}), params_[t], false};
    }
    return {};
  }

  TensorId root(TensorId id) {
    while (parent_[static_cast<size_t>(id)] != id) {
      TensorId& parent = parent_[static_cast<size_t>(id)];
      parent = parent_[static_cast<size_t>(parent)];
      id = parent;
    }
    return id;
  }
  Class& classOf(TensorId id) { return classes_[static_cast<size_t>(root(id))]; }

  void join(TensorId a, TensorId b) {
    a = root(a);
    b = root(b);
    if (a == b) return;
    classes_[static_cast<size_t>(a)].include(classes_[static_cast<size_t>(b)]);
    parent_[static_cast<size_t>(b)] = a;
  }

  void joinAll(const Layer& layer) {
    const TensorId in = activations(layer)[0];
    for (const TensorId id : layer.outputs) {
      if (id != kNoTensor) join(in, id);
    }
  }

  void includeConstants(const Layer& layer) {
    Class& shared = classOf(layer.outputs[0]);
    for (const size_t slot : activationSlots(layer)) {
      const Tensor* constant = graph_.constant(layer.inputs[slot]);
      if (constant != nullptr) shared.range = unionOf(shared.range, rangeOf(*constant));
    }
  }

  void joinWhereGood(const Layer& layer) {
    const std::vector<TensorId> inputs = activations(layer);
    if (inputs.size() < 2) return;
    Class all;
    for (const TensorId id : inputs) all.include(classOf(id));
    const TensorId out = layer.outputs[0];
    classOf(out).include(all);
    for (const TensorId id : inputs) {
      const bool onlyReader = readers_[static_cast<size_t>(id)] == 1;
      if (onlyReader || width(classOf(id).range) >= kMuchNarrower * width(all.range)) join(out, id);
    }
  }

  const Graph& graph_;
  const std::vector<const LayerRecipe*>& recipes_;
  const ChooseRange& choose_;
  std::vector<TensorId> parent_;
  std::vector<Class> classes_;
  std::vector<const ActivationQuantParams*> params_;
  std::deque<ActivationQuantParams> unclipped_;  // what params_ points to beside the recipes
  std::vector<int> readers_;
  std::vector<bool> concerned_;
};

}  // namespace

ClipRange rangeOf(const Tensor& constant) {
  ClipRange range;
  for (const float value : *constant.constantView().as<float>()) {
    range = unionOf(range, {value, value});
  }
  return range;
}

bool movesBytes(const Layer& layer) {
  return int8Form(layer.op) == Int8Form::move;
}

Result<std::vector<std::optional<QuantParams>>> chooseActivationParams(
    const Graph& graph, const std::vector<const LayerRecipe*>& recipes, const ChooseRange& choose) {
  return Chooser(graph, recipes, choose).run();
}

}  // namespace qrt
