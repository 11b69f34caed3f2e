#include "quantize/corrections/equalize.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

#include "passes/matching.h"
#include "quantize/eligible.h"

namespace qrt {
namespace {

constexpr int kMostRounds = 50;          // chains need some: each pair disturbs its neighbours
constexpr double kConverged = 0.01;      // no factor changed by more than 1%
constexpr double kMostFactor = 256;      // per round

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

bool keepsChannels(const Graph& graph, const Layer& layer) {
  const Shape& in = graph.tensor(layer.inputs[0]).shape;
  const Shape& out = graph.tensor(layer.outputs[0]).shape;
  switch (layer.op) {
    case OpType::AveragePool:
    case OpType::Identity:
    case OpType::LeakyRelu:
    case OpType::MaxPool:
    case OpType::PRelu:
    case OpType::Relu:
      return true;
    case OpType::Resize:  // of other dims than the last
      return in.rank() > 0 && in.rank() == out.rank() && in[in.rank() - 1] > 0 &&
             in[in.rank() - 1] == out[out.rank() - 1];
    case OpType::ReduceMean: {
      const auto& axes = layer.attrs<ReduceAttrs>().axes;
      return in.rank() > 0 && !axes.empty() && std::all_of(axes.begin(), axes.end(), [&](int64_t axis) {
               return axis != -1 && axis != in.rank() - 1;
             });
    }
    case OpType::Flatten:
    case OpType::Reshape:
    case OpType::Squeeze:
    case OpType::Unsqueeze:  // channels stay the fastest: the last dim only grows by whole pixels
      return in.rank() > 0 && out.rank() > 0 && in[in.rank() - 1] > 0 && out[out.rank() - 1] > 0 &&
             out[out.rank() - 1] % in[in.rank() - 1] == 0;
    default:
      return false;
  }
}

class Equalizer {
 public:
  explicit Equalizer(Graph& graph) : graph_(graph), editor_(graph), values_(graph.tensors.size()) {}

  void run() {
    std::vector<Group> groups;
    for (int i = 0; i < editor_.layerCount(); ++i) {
      if (std::optional<Group> group = groupOf(i)) groups.push_back(std::move(*group));
    }
    for (const Group& group : groups) {
      load(group.maker);
      for (const int reader : group.readers) load(reader);
    }
    for (int round = 0; round < kMostRounds; ++round) {
      double change = 0;
      for (const Group& group : groups) change = std::max(change, equalizeGroup(group));
      if (change < kConverged) break;
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

  static size_t groupsOf(const Layer& layer) {
    if (layer.op == OpType::Conv) return static_cast<size_t>(layer.attrs<ConvAttrs>().groups);
    if (layer.op == OpType::ConvTranspose) {
      return static_cast<size_t>(layer.attrs<ConvTransposeAttrs>().groups);
    }
    return 1;
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

  // Calls fn(weight, channel of the maker) for all weights of the readers.
  template <class Fn>
  void forEachRead(const Group& group, Fn&& fn) {
    for (const int reader : group.readers) {
      const Layer& layer = editor_.layer(reader);
      std::vector<float>& weights = values(reader, 1);
      const auto outputs = static_cast<size_t>(editor_.tensor(layer.inputs[1]).shape[0]);
      const size_t perGroup = weights.size() / groupsOf(layer);
      const size_t ic = depth(layer);
      if (outputs == 0) continue;
      for (size_t i = 0; i < weights.size(); ++i) {
        // Behind a reshape several pixels of each channel stand side by side.
        fn(weights[i], (i / perGroup * ic + i % ic) % group.channels);
      }
    }
  }

  // Returns how far the factors are from 1.
  double equalizeGroup(const Group& group) {
    const std::vector<double> made = rangesMade(group);
    std::vector<double> read(group.channels, 0);
    forEachRead(group, [&](float& value, size_t c) { read[c] += double{value} * value; });
    std::vector<float> factor(group.channels, 1);
    double change = 0;
    for (size_t c = 0; c < group.channels; ++c) {
      const double wanted = std::sqrt(made[c] / std::sqrt(read[c]));
      if (!std::isfinite(wanted) || wanted == 0) continue;  // a channel that is zero or that nobody reads
      factor[c] = static_cast<float>(std::clamp(wanted, 1 / kMostFactor, kMostFactor));
      change = std::max(change, std::fabs(std::log(double{factor[c]})));
    }
    forEachMade(group, [&](float& value, size_t c) { value /= factor[c]; });
    forEachRead(group, [&](float& value, size_t c) { value *= factor[c]; });
    return change;
  }

  // What a channel's values may reach: three standard deviations for inputs of variance 1, and the bias. The
  // largest weight, as in the paper, says less of it (1 dB on a network that is even already).
  std::vector<double> rangesMade(const Group& group) {
    std::vector<double> ranges(group.channels, 0);
    const std::vector<float>& weights = values(group.maker, 1);
    const size_t perChannel = weights.size() / group.channels;
    for (size_t i = 0; i < weights.size(); ++i) {
      ranges[i / perChannel] += double{weights[i]} * weights[i];
    }
    for (size_t c = 0; c < group.channels; ++c) {
      const float bias = hasBias(group.maker) ? values(group.maker, 2)[c] : 0;
      ranges[c] = 3 * std::sqrt(ranges[c]) + std::fabs(bias);
    }
    return ranges;
  }

  Graph& graph_;
  GraphEditor editor_;
  std::vector<Values> values_;  // by tensor
};

}  // namespace

Status equalize(Graph& graph) {
  Equalizer(graph).run();
  return {};
}

}  // namespace qrt
