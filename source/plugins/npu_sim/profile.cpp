// What the profile says of layers: whether they run, and how long they take.
#include "npu_sim/profile.h"

#include <algorithm>

#include "npu_sim/kernels.h"

namespace npu_sim {
namespace {

const char* dtypeName(uint32_t dtype) {
  constexpr const char* names[] = {"?",   "f32", "f16", "bf16", "f64", "s8",  "u8",
                                   "s16", "u16", "s32", "u32",  "s64", "u64", "bool"};
  return dtype < std::size(names) ? names[dtype] : "?";
}

bool holdsParameters(const Layer& layer, size_t input) {
  const bool sums = layer.op == "Conv" || layer.op == "FullyConnected";
  if (sums) return input == 1 || input == 2;
  const bool moves = layer.op == "Pad" || layer.op == "Reshape" || layer.op == "Resize";
  return moves && input > 0;
}

std::string int8Only(const Network& network, const Layer& layer) {
  const auto check = [](const Tensor& tensor) -> std::string {
    if (tensor.isInt8()) return "";
    return "tensor '" + tensor.name + "' is " + dtypeName(tensor.dtype) +
           (tensor.dtype == QRT_S8 ? " without one scale" : "") + ", wanted s8 with one scale";
  };
  std::string reason;
  for (size_t i = 0; i < layer.inputs.size() && reason.empty(); ++i) {
    if (layer.has(i) && !holdsParameters(layer, i)) reason = check(network.in(layer, i));
  }
  for (size_t i = 0; i < layer.outputs.size() && reason.empty(); ++i) {
    if (layer.outputs[i] >= 0) reason = check(network.out(layer, i));
  }
  return reason;
}

std::string tooLarge(const char* what, int64_t h, int64_t w, int64_t most) {
  if (h <= most && w <= most) return "";
  return std::string(what) + " " + std::to_string(h) + "x" + std::to_string(w) + ", wanted at most " +
         std::to_string(most) + "x" + std::to_string(most);
}

std::string windowRefusal(const OpLimits& limits, const Network& network, const Layer& layer) {
  const bool conv = layer.op == "Conv";
  if (!conv && layer.op != "MaxPool" && layer.op != "AveragePool") return "";
  const std::vector<int64_t>& w = conv ? network.in(layer, 1).dims : layer.attribute("kernel").ints;
  const size_t first = conv ? 1 : 0;
  std::string reason = tooLarge("kernel", w.at(first), w.at(first + 1), limits.maxKernel);
  const auto pair = [&](const char* what, const char* attribute, int64_t most) {
    if (reason.empty()) {
      reason = tooLarge(what, layer.integer(attribute, 0), layer.integer(attribute, 1), most);
    }
  };
  pair("strides", "strides", limits.maxStride);
  pair("dilations", "dilations", limits.maxDilation);
  return reason;
}

std::string channelRefusal(const OpLimits& limits, const Network& network, const Layer& layer) {
  for (const Tensor* tensor : {&network.in(layer, 0), &network.out(layer)}) {
    if (tensor->dims.empty() || tensor->dims.back() % limits.channelsMultiple == 0) continue;
    return std::to_string(tensor->dims.back()) + " channels, wanted a multiple of " +
           std::to_string(limits.channelsMultiple);
  }
  const bool depthwise = layer.op == "Conv" && layer.integer("groups") > 1 &&
                         layer.integer("groups") == network.in(layer, 0).dims.back();
  return depthwise && !limits.depthwise ? "depthwise convolution" : "";
}

}  // namespace

std::string refusal(const Profile& profile, const Network& network, const Layer& layer) {
  const auto limits = profile.ops.find(layer.op);
  const Op* op = findOp(layer.op);
  if (op == nullptr || limits == profile.ops.end()) return "it has no " + layer.op;
  if (layer.op == "Softmax" && layer.integer("axis") != -1 &&
      layer.integer("axis") + 1 != static_cast<int64_t>(network.in(layer, 0).dims.size())) {
    return "Softmax along another axis than the last";
  }
  std::string reason = int8Only(network, layer);
  constexpr int64_t kMostElements = int64_t{1} << 30;  // of the simulator's tables
  if (reason.empty() && network.out(layer).elements > kMostElements) reason = "more than 2^30 elements";
  if (reason.empty()) reason = op->refuse(network, layer);
  if (reason.empty()) reason = windowRefusal(limits->second, network, layer);
  if (reason.empty()) reason = channelRefusal(limits->second, network, layer);
  return reason;
}

double weightBytes(const Network& network) {
  double bytes = 0;
  for (const Tensor& tensor : network.tensors)
    bytes += tensor.constant != nullptr ? static_cast<double>(tensor.bytes) : 0;
  return bytes;
}

double layerSeconds(const Profile& profile, const Network& network, const Layer& layer, double allWeights) {
  double weights = 0, activations = 0;
  for (size_t i = 0; i < layer.inputs.size(); ++i) {
    if (!layer.has(i)) continue;
    const Tensor& tensor = network.in(layer, i);
    (tensor.constant != nullptr ? weights : activations) += static_cast<double>(tensor.bytes);
  }
  for (size_t i = 0; i < layer.outputs.size(); ++i) {
    if (layer.outputs[i] >= 0) activations += static_cast<double>(network.out(layer, i).bytes);
  }
  // What does not fit on the chip is fetched while the layer computes.
  double fetched = allWeights > profile.onChipBytes ? weights : 0;
  if (activations + weights > profile.onChipBytes) fetched += activations;
  const double macs = macsOf(network, layer);
  const double compute = macs > 0 ? macs / profile.macsPerSecond
                                  : static_cast<double>(network.out(layer).elements) / profile.elementsPerSecond;
  const auto op = profile.ops.find(layer.op);
  const auto slow = profile.slowLayers.find(layer.name);
  return std::max(compute, fetched / profile.dmaBytesPerSecond) * (op == profile.ops.end() ? 1 : op->second.slow) *
         (slow == profile.slowLayers.end() ? 1 : slow->second);
}

double borderSeconds(const Profile& profile, const Network& network) {
  double bytes = 0;
  for (const std::vector<int>* side : {&network.inputs, &network.outputs}) {
    for (const int id : *side) bytes += static_cast<double>(network.tensors[static_cast<size_t>(id)].bytes);
  }
  return profile.launchSeconds + bytes / profile.dmaBytesPerSecond;
}

}  // namespace npu_sim
