#include "quantize/corrections/channel_reach.h"

#include <algorithm>
#include <cmath>
#include <span>

#include "passes/matching.h"
#include "quantize/eligible.h"

namespace qrt {
namespace {

using Channels = std::vector<double>;

constexpr double kUsualRatio = 2;  // of sums to biases, by trial: 1 … 3 are as good
constexpr double kAlive = 1e-9;    // of the largest ratio

// The sums of weights and inputs drift from layer to layer, as real inputs are not independent of each other, but
// biases do not: training made them about as large as what sums deviate by. So all sums are brought there.
void anchor(Channels& sums, std::span<const float> bias) {
  std::vector<double> ratios;
  for (size_t c = 0; c < sums.size(); ++c) {
    const double ratio = sums[c] / std::fabs(bias[c]);
    if (ratio > 0 && std::isfinite(ratio)) ratios.push_back(ratio);
  }
  if (ratios.empty()) return;
  // Weight decay shrinks the weights of channels that nobody needs to next to nothing.
  const double least = kAlive * *std::max_element(ratios.begin(), ratios.end());
  std::erase_if(ratios, [&](double ratio) { return ratio < least; });
  const auto middle = ratios.begin() + static_cast<std::ptrdiff_t>(ratios.size() / 2);
  std::nth_element(ratios.begin(), middle, ratios.end());
  for (double& sum : sums) sum *= kUsualRatio / *middle;
}

void addTo(Channels& reach, const Channels& other) {
  for (size_t c = 0; c < reach.size(); ++c) {
    reach[c] = std::hypot(reach[c], other.empty() ? 1 : other[c % other.size()]);
  }
}

Channels weighted(const Graph& graph, const Layer& layer, const Channels& input) {
  const auto weights = graph.tensor(layer.inputs[1]).constantView().as<float>();
  Channels made(static_cast<size_t>(graph.tensor(layer.inputs[1]).shape[0]), 0);
  forEachWeight(graph, layer, [&](size_t i, size_t out, size_t in) {
    // Behind a reshape several pixels of each channel stand side by side.
    const double product = (*weights)[i] * (input.empty() ? 1 : input[in % input.size()]);
    made[out] += product * product;
  });
  for (double& reach : made) reach = std::sqrt(reach);
  if (const TensorId bias = layer.input(2); bias != kNoTensor) {
    const auto values = graph.tensor(bias).constantView().as<float>();
    anchor(made, *values);
    for (size_t c = 0; c < made.size(); ++c) made[c] += std::fabs((*values)[c]);
  }
  return made;
}

bool knowsWeights(const Graph& graph, const Layer& layer) {
  for (const size_t slot : {size_t{1}, size_t{2}}) {
    if (layer.input(slot) == kNoTensor) continue;
    const Tensor* tensor = graph.constant(layer.inputs[slot]);
    if (tensor == nullptr || tensor->dtype != DType::f32) return false;
  }
  return true;
}

Channels reachOf(const Graph& graph, const Layer& layer, const std::vector<Channels>& known) {
  const auto of = [&](size_t slot) -> const Channels& {
    return known[static_cast<size_t>(layer.inputs[slot])];
  };
  Channels made;
  if (hasWeights(layer.op) && knowsWeights(graph, layer)) {
    made = weighted(graph, layer, of(0));
    if (layer.input(3) != kNoTensor) addTo(made, of(3));
  } else if (keepsChannels(graph, layer)) {
    made = of(0);
  } else if (layer.op == OpType::Add && of(0).size() == of(1).size()) {
    made = of(0);
    addTo(made, of(1));
  } else if (layer.op == OpType::Concat) {
    for (size_t slot = 0; slot < layer.inputs.size(); ++slot) {
      if (of(slot).empty()) return {};
      made.insert(made.end(), of(slot).begin(), of(slot).end());
    }
    const Shape& shape = graph.tensor(layer.outputs[0]).shape;
    if (shape.rank() == 0 || shape[shape.rank() - 1] != static_cast<int64_t>(made.size())) return {};
  }
  return made;
}

}  // namespace

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

size_t groupsOf(const Layer& layer) {
  if (layer.op == OpType::Conv) return static_cast<size_t>(layer.attrs<ConvAttrs>().groups);
  if (layer.op == OpType::ConvTranspose) {
    return static_cast<size_t>(layer.attrs<ConvTransposeAttrs>().groups);
  }
  return 1;
}

std::vector<std::vector<double>> channelReach(const Graph& graph) {
  std::vector<Channels> known(graph.tensors.size());
  for (const Layer& layer : graph.layers) {
    known[static_cast<size_t>(layer.outputs[0])] = reachOf(graph, layer, known);
  }
  return known;
}

}  // namespace qrt
