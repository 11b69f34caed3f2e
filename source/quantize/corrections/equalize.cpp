#include "quantize/corrections/equalize.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

#include "passes/matching.h"
#include "quantize/corrections/channel_reach.h"
#include "quantize/eligible.h"

namespace qrt {
namespace {

constexpr double kLeastEffect = 1e-3;  // of the greatest of all channels: below it no channel gives way

// Values of a constant that may be changed in place, then stored.
struct Values {
  TensorId id = kNoTensor;
  std::vector<float> data;
};

// A layer and those that read its output channels.
struct Group {
  int maker = -1;
  std::vector<int> readers;
  size_t channels = 0;
};

class Equalizer {
 public:
  explicit Equalizer(Graph& graph)
      : graph_(graph), editor_(graph), reach_(channelReach(graph)), values_(graph.tensors.size()) {}

  void run() {
    std::vector<Group> groups;
    for (int i = 0; i < editor_.layerCount(); ++i) {
      if (std::optional<Group> group = groupOf(i)) groups.push_back(std::move(*group));
    }
    for (const Group& group : groups) {
      load(group.maker);
      for (const int reader : group.readers) load(reader);
    }
    std::vector<std::vector<float>> factors;  // all from the graph as it was
    for (const Group& group : groups) factors.push_back(factorsOf(group));
    for (size_t g = 0; g < groups.size(); ++g) {
      forEachMade(groups[g], [&](float& value, size_t c) { value /= factors[g][c]; });
      forEachRead(groups[g], [&](float& value, size_t c, int, size_t) { value *= factors[g][c]; });
    }
    for (const Values& values : values_) {
      if (values.id == kNoTensor) continue;
      graph_.tensor(values.id).constant = ConstantData::copyOf(std::as_bytes(std::span(values.data)));
    }
  }

 private:
  // Whether the layer's weights and bias may be changed.
  bool isFree(const Layer& layer) const {
    if (!hasWeights(layer.op)) return false;
    for (const size_t slot : {size_t{1}, size_t{2}}) {
      const TensorId id = layer.input(slot);
      if (id == kNoTensor) continue;
      const Tensor& tensor = editor_.tensor(id);
      if (!tensor.isConstant() || tensor.dtype != DType::f32 || tensor.quant ||
          !editor_.hasOneReader(id)) {
        return false;
      }
    }
    return true;
  }

  std::optional<Group> groupOf(int maker) const {
    const Layer& layer = editor_.layer(maker);
    if (!isFree(layer) || layer.input(3) != kNoTensor) return std::nullopt;
    const ActivationKind kind = activationOf(const_cast<Layer&>(layer))->kind;
    if (kind != ActivationKind::none && kind != ActivationKind::relu && kind != ActivationKind::leakyRelu) {
      return std::nullopt;
    }
    Group group{maker, {}, static_cast<size_t>(editor_.tensor(layer.inputs[1]).shape[0])};
    if (group.channels == 0) return std::nullopt;
    std::vector<TensorId> open = {layer.outputs[0]};
    while (!open.empty()) {
      const TensorId id = open.back();
      open.pop_back();
      if (editor_.isOutput(id)) return std::nullopt;
      for (const int i : editor_.readers(id)) {
        const Layer& reader = editor_.layer(i);
        const bool once = std::count(reader.inputs.begin(), reader.inputs.end(), id) == 1;
        if (!once || reader.inputs[0] != id) return std::nullopt;
        if (keepsChannels(graph_, reader)) {
          open.push_back(reader.outputs[0]);
        } else if (isFree(reader) && inputChannels(reader) % group.channels == 0) {
          group.readers.push_back(i);
        } else {
          return std::nullopt;
        }
      }
    }
    if (group.readers.empty()) return std::nullopt;
    return group;
  }

  size_t depth(const Layer& layer) const {  // input channels of a group
    const Shape& shape = editor_.tensor(layer.inputs[1]).shape;
    return static_cast<size_t>(shape[shape.rank() - 1]);
  }
  size_t inputChannels(const Layer& layer) const { return depth(layer) * groupsOf(layer); }

  void load(int layer) {
    for (const size_t slot : {size_t{1}, size_t{2}}) {
      const TensorId id = editor_.layer(layer).input(slot);
      if (id == kNoTensor || values_[static_cast<size_t>(id)].id != kNoTensor) continue;
      values_[static_cast<size_t>(id)] = {id, *constantFloats(editor_, id)};
    }
  }
  std::vector<float>& values(int layer, size_t slot) {
    return values_[static_cast<size_t>(editor_.layer(layer).inputs[slot])].data;
  }
  bool hasBias(int layer) const { return editor_.layer(layer).input(2) != kNoTensor; }

  // Calls fn(weight, output channel) for all weights and biases of the maker.
  template <class Fn>
  void forEachMade(const Group& group, Fn&& fn) {
    std::vector<float>& weights = values(group.maker, 1);
    const size_t perChannel = weights.size() / group.channels;
    for (size_t i = 0; i < weights.size(); ++i) fn(weights[i], i / perChannel);
    if (!hasBias(group.maker)) return;
    std::vector<float>& bias = values(group.maker, 2);
    for (size_t c = 0; c < bias.size(); ++c) fn(bias[c], c);
  }

  // Calls fn(weight, channel of the maker, reader, output channel of the reader) for the readers' weights.
  template <class Fn>
  void forEachRead(const Group& group, Fn&& fn) {
    for (const int reader : group.readers) {
      std::vector<float>& weights = values(reader, 1);
      forEachWeight(graph_, editor_.layer(reader), [&](size_t i, size_t out, size_t in) {
        // Behind a reshape several pixels of each channel stand side by side.
        fn(weights[i], in % group.channels, reader, out);
      });
    }
  }

  const std::vector<double>& reachOf(int layer) const {
    return reach_[static_cast<size_t>(editor_.layer(layer).outputs[0])];
  }

  // Channel c, reaching A[c], is divided by f[c] and the weights that read it are multiplied. f = A makes all
  // channels use the whole scale: best for activations, and for weights too where each output channel, which
  // has a scale of its own, reads one input channel. Where it reads many, these share a scale, and the effect
  // E[c] = A[c]·|weights| of a channel is divided between it and its weights: √E for each.
  std::vector<float> factorsOf(const Group& group) {
    const std::vector<double>& reach = reachOf(group.maker);
    std::vector<double> effect(group.channels, 1);
    if (std::any_of(group.readers.begin(), group.readers.end(),
                    [&](int reader) { return depth(editor_.layer(reader)) > 1; })) {
      std::fill(effect.begin(), effect.end(), 0);
      forEachRead(group, [&](float& value, size_t c, int reader, size_t out) {
        const double share = value / reachOf(reader)[out];  // of what the output channel reaches
        if (std::isfinite(share)) effect[c] += share * share;
      });
      for (size_t c = 0; c < group.channels; ++c) effect[c] = reach[c] * std::sqrt(effect[c]);
    }
    const double least = kLeastEffect * *std::max_element(effect.begin(), effect.end());
    std::vector<float> factors;
    for (size_t c = 0; c < group.channels; ++c) {
      const auto factor = static_cast<float>(reach[c] / std::sqrt(std::max(effect[c], least)));
      factors.push_back(std::isnormal(factor) && std::isnormal(1 / factor) ? factor : 1);
    }
    return factors;
  }

  Graph& graph_;
  GraphEditor editor_;
  std::vector<std::vector<double>> reach_;  // by tensor and channel
  std::vector<Values> values_;              // by tensor
};

}  // namespace

Status equalize(Graph& graph) {
  Equalizer(graph).run();
  return {};
}

}  // namespace qrt
