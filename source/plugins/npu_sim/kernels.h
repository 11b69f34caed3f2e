// The simulator's arithmetic: int8 layers by the rounding rule of schema/model.fbs, byte for byte.
#pragma once

#include <array>
#include <cmath>
#include <cstdint>
#include <functional>
#include <string>

#include "npu_sim/network.h"

namespace npu_sim {

/// The memory of every tensor of a network, by index.
using Memory = std::vector<void*>;

/// A layer made ready: weights unpacked, tables filled.
using Kernel = std::function<void(const Memory&)>;

/// What the simulated hardware has for an op.
struct Op {
  const char* name;
  /// Why it cannot do this layer; "" if it can. Everything that int8 layers promise (schema/model.fbs) holds.
  std::string (*refuse)(const Network& network, const Layer& layer);
  Kernel (*prepare)(const Network& network, const Layer& layer);
};

/// By name, or null.
const Op* findOp(const std::string& name);
/// Names of all, for messages and for profiles that name none.
std::vector<std::string> opNames();

/// Multiply-accumulates of a layer.
double macsOf(const Network& network, const Layer& layer);

/// Where a result goes: clamp(rint(v) + zeroPoint) to [low, high].
struct Range {
  int32_t zeroPoint = 0, low = -128, high = 127;
};
/// The range of a tensor, narrowed by the activation that is fused behind `layer`, if it is.
Range rangeOf(const Tensor& tensor, const Layer* fused = nullptr);

/// f32(in / out)
inline float multiplier(double in, double out) { return static_cast<float>(in / out); }
/// f32(f32(a · b) / out), of products of steps of `a` and `b`
inline float productMultiplier(float a, float b, float out) {
  const float product = a * b;
  return product / out;
}

/// v is clamped before it is rounded; NaN gives low; halves go to even.
[[gnu::always_inline]] inline int8_t requantize(float v, const Range& range) {
  const auto low = static_cast<float>(range.low - range.zeroPoint);
  const auto high = static_cast<float>(range.high - range.zeroPoint);
  const float raised = low < v ? v : low;
  const float clamped = raised < high ? raised : high;
  // As rint() does, but in every vector unit: near 1.5·2²³ an f32 has no fraction.
  constexpr float kNoFraction = 0x1.8p23f;
  const float whole = (clamped + kNoFraction) - kNoFraction;
  return static_cast<int8_t>(static_cast<int32_t>(whole) + range.zeroPoint);
}

/// "" if the fused activation is none, relu or clip.
std::string refuseActivation(const Layer& layer);

// The families, each in its file.
Kernel prepareConv(const Network& network, const Layer& layer);
Kernel prepareFullyConnected(const Network& network, const Layer& layer);
std::string refuseConv(const Network& network, const Layer& layer);
Kernel prepareBinary(const Network& network, const Layer& layer);
Kernel prepareTable(const Network& network, const Layer& layer);
Kernel prepareRequantize(const Network& network, const Layer& layer);
Kernel prepareSoftmax(const Network& network, const Layer& layer);
Kernel preparePool(const Network& network, const Layer& layer);
Kernel prepareMean(const Network& network, const Layer& layer);
std::string refuseMean(const Network& network, const Layer& layer);
Kernel prepareCopy(const Network& network, const Layer& layer);
Kernel prepareConcat(const Network& network, const Layer& layer);
Kernel prepareSplit(const Network& network, const Layer& layer);
Kernel prepareTranspose(const Network& network, const Layer& layer);
Kernel preparePad(const Network& network, const Layer& layer);
std::string refusePad(const Network& network, const Layer& layer);
Kernel prepareResize(const Network& network, const Layer& layer);
std::string refuseResize(const Network& network, const Layer& layer);

}  // namespace npu_sim
