#include "quantize/twins.h"

#include "graph/quantized.h"

namespace qrt {
namespace {

bool isConversion(OpType op) {
  return op == OpType::Quantize || op == OpType::Dequantize || op == OpType::Requantize;
}

}  // namespace

std::map<std::string, TensorId> tensorsByName(const Graph& graph) {
  std::map<std::string, TensorId> ids;
  for (size_t t = 0; t < graph.tensors.size(); ++t) {
    ids.emplace(graph.tensors[t].name, static_cast<TensorId>(t));
  }
  return ids;
}

std::vector<TensorId> floatTwins(const Graph& int8, const Graph& prepared) {
  const std::map<std::string, TensorId> names = tensorsByName(prepared);
  std::vector<TensorId> twins(int8.tensors.size(), kNoTensor);
  for (size_t t = 0; t < twins.size(); ++t) {
    const auto found = names.find(int8.tensors[t].name);
    if (found != names.end()) twins[t] = found->second;
  }
  const auto take = [&](TensorId to, TensorId from) {
    TensorId& twin = twins[static_cast<size_t>(to)];
    if (twin == kNoTensor) twin = twins[static_cast<size_t>(from)];
  };
  // What is made first stands for an output of the graph, then other parameters follow.
  for (const Layer& layer : int8.layers) {
    if (layer.op == OpType::Dequantize) take(layer.inputs[0], layer.outputs[0]);
  }
  for (const Layer& layer : int8.layers) {
    if (isConversion(layer.op)) take(layer.outputs[0], layer.inputs[0]);
  }
  return twins;
}

bool isInt8Layer(const Graph& graph, const Layer& layer) {
  return !isConversion(layer.op) && isInt8Activation(graph.tensor(layer.outputs[0]));
}

}  // namespace qrt
