// How far the channels of a float graph's activations are likely to reach, from its weights alone.
#pragma once

#include <vector>

#include "graph/graph.h"

namespace qrt {

/// Whether f(s·x) = s·f(x) for each channel (the last dim) of the layer's input and output and s > 0: Relu,
/// LeakyRelu, PRelu, pools, resizing, means over other dims, reshapes that keep channels together.
bool keepsChannels(const Graph& graph, const Layer& layer);

/// How many groups the channels of a layer with weights form.
size_t groupsOf(const Layer& layer);

/// Calls fn(index, output channel, input channel) for each of the weights of a layer that hasWeights().
template <class Fn>
void forEachWeight(const Graph& graph, const Layer& layer, Fn&& fn) {
  const Shape& shape = graph.tensor(layer.inputs[1]).shape;
  const auto outputs = static_cast<size_t>(shape[0]);
  const auto depth = static_cast<size_t>(shape[shape.rank() - 1]);
  const auto size = static_cast<size_t>(shape.elements());
  if (size == 0) return;
  const size_t perOutput = size / outputs, perGroup = size / groupsOf(layer);
  for (size_t i = 0; i < size; ++i) fn(i, i / perOutput, i / perGroup * depth + i % depth);
}

/// By tensor and channel: how far values reach, up to a factor that a tensor's channels share. Empty where
/// nothing is known. Whoever multiplies a channel and divides the weights that read it multiplies its reach by
/// the same and leaves the others alone.
std::vector<std::vector<double>> channelReach(const Graph& graph);

}  // namespace qrt
