// The quantization parameters of every activation that int8 layers read or make.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "graph/graph.h"
#include "qrt/quantize.h"
#include "quantize/observers/observer.h"

namespace qrt {

/// What calibration and recipe say of one tensor.
using ChooseRange =
    std::function<Result<ClipRange>(const Tensor& tensor, const ActivationQuantParams& params)>;

/// From the least to the largest value of a constant, 0 included.
ClipRange rangeOf(const Tensor& constant);

/// Whether the layer moves bytes, so that its activations and its output have the same parameters, given
/// that it is int8.
bool movesBytes(const Layer& layer);

/// By tensor; empty where no int8 layer reads or makes it. `recipes` is by layer, null where it is float.
///  - What a tensor's first int8 reader says of its inputs counts, else what its maker says.
///  - Softmax, Sigmoid and HardSigmoid make 1/256 and −128, Tanh 1/128 and 0, where they share with none.
///  - Layers with one input that move bytes pass on the parameters of their input.
///  - The inputs of Concat, Max, Min share their output's, whose range is that of all; an input that is
///    much narrower and that others read as well keeps its own, and is requantized for this layer.
Result<std::vector<std::optional<QuantParams>>> chooseActivationParams(
    const Graph& graph, const std::vector<const LayerRecipe*>& recipes, const ChooseRange& choose);

}  // namespace qrt
