#include "quantize/corrections/layer_sums.h"

#include <algorithm>
#include <cstring>
#include <functional>

#include "base/error.h"
#include "passes/matching.h"
#include "quantize/error_sums.h"
#include "quantize/layer_runner.h"

namespace qrt {
namespace {

using LoadInput = std::function<std::vector<float>(size_t sample, size_t slot)>;

template <class T>
std::span<const T> valuesOf(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const T*>(bytes.data()), bytes.size() / sizeof(T)};
}

// The float layer with activation (and residual) taken off and constants of `graph`, run on `load`'s inputs.
Result<std::vector<std::vector<float>>> sums(const LayerPair& pair, Graph graph, bool withResidual,
                                             const LoadInput& load) {
  Layer& layer = graph.layers[pair.referenceLayer];
  *activationOf(layer) = {};
  if (!withResidual && layer.inputs.size() > 3) layer.inputs.resize(3);
  QRT_ASSIGN_OR_RETURN(
      LayerRunner runner,
      LayerRunner::create(graph, pair.referenceLayer, pair.reference.threads()));
  std::vector<std::vector<float>> results;
  for (size_t sample = 0; sample < pair.reference.samples(); ++sample) {
    for (size_t i = 0; i < runner.inputs().size(); ++i) {
      QRT_ASSIGN_OR_RETURN(const TensorView to, runner.input(i));
      const auto slot = std::find(layer.inputs.begin(), layer.inputs.end(), runner.inputs()[i]);
      const auto values = load(sample, static_cast<size_t>(slot - layer.inputs.begin()));
      std::memcpy(to.data, values.data(), to.bytes());
    }
    QRT_RETURN_IF_ERROR(runner.run());
    QRT_ASSIGN_OR_RETURN(const ConstTensorView made, runner.output(0));
    const auto values = *made.as<float>();
    results.emplace_back(values.begin(), values.end());
  }
  return results;
}

}  // namespace

std::vector<float> dequantized(const Tensor& constant) {
  const ConstTensorView view = constant.constantView();
  const QuantParams& quant = *constant.quant;
  const auto count = static_cast<size_t>(view.shape.elements());
  std::vector<float> values(count);
  const size_t perScale = quant.axis == 0 ? count / quant.scales.size() : count;
  for (size_t i = 0; i < count; ++i) {
    const int32_t integer = view.dtype == DType::s8 ? static_cast<const int8_t*>(view.data)[i]
                                                    : static_cast<const int32_t*>(view.data)[i];
    values[i] = static_cast<float>(double{quant.scales[i / perScale]} * integer);
  }
  return values;
}

std::vector<float> LayerPair::floatInput(size_t sample, size_t slot) const {
  const auto values = valuesOf<float>(reference.value(sample, floatLayer().inputs[slot]));
  return {values.begin(), values.end()};
}

std::vector<float> LayerPair::quantizedInput(size_t sample, size_t slot) const {
  const TensorId id = quantizedLayer().inputs[slot];
  const QuantParams& quant = *int8.graph().tensor(id).quant;
  std::vector<float> values;
  for (const int8_t q : valuesOf<int8_t>(int8.value(sample, id))) {
    values.push_back(static_cast<float>(q - quant.zeroPoints[0]) * quant.scales[0]);
  }
  return values;
}

Result<std::vector<std::vector<float>>> floatSums(const LayerPair& pair, bool withResidual) {
  return sums(pair, pair.reference.graph(), withResidual,
              [&](size_t sample, size_t slot) { return pair.floatInput(sample, slot); });
}

Result<std::vector<std::vector<float>>> quantizedSums(const LayerPair& pair, bool withResidual) {
  Graph graph = pair.reference.graph();
  const Layer& quantized = pair.quantizedLayer();
  for (const size_t slot : {size_t{1}, size_t{2}}) {
    if (quantized.input(slot) == kNoTensor) continue;
    const std::vector<float> values = dequantized(pair.int8.graph().tensor(quantized.inputs[slot]));
    graph.tensor(pair.floatLayer().inputs[slot]).constant =
        ConstantData::copyOf(std::as_bytes(std::span(values)));
  }
  return sums(pair, std::move(graph), withResidual,
              [&](size_t sample, size_t slot) { return pair.quantizedInput(sample, slot); });
}

double outputNoise(const LayerPair& pair) {
  const TensorId made = pair.quantizedLayer().outputs[0];
  ErrorSums errors;
  for (size_t sample = 0; sample < pair.reference.samples(); ++sample) {
    errors.add(valuesOf<float>(pair.reference.value(sample, pair.floatLayer().outputs[0])),
               valuesOf<int8_t>(pair.int8.value(sample, made)), *pair.int8.graph().tensor(made).quant);
  }
  return errors.noise();
}

}  // namespace qrt
