#include "quantize/int8_weights.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/error.h"

namespace qrt {
namespace {

constexpr int64_t kMostSum = std::numeric_limits<int32_t>::max();
constexpr int64_t kMostInput = 255;   // |q − zero point| of an s8 activation
constexpr int64_t kMostWeight = 127;  // whatever the bits: what loading a model checks

// The least scale of the weights with which a bias fits into `room`, and with which the bias has a scale.
float leastScale(double bias, double inputScale, int64_t room) {
  const double fits = std::fabs(bias) / static_cast<double>(room - 1);  // 1 for rounding
  const double least = std::max<double>(fits, std::numeric_limits<float>::min()) / inputScale;
  return std::nextafter(static_cast<float>(least), HUGE_VALF);
}

}  // namespace

bool sumFits(int64_t products, int64_t mostLeft, int64_t mostRight) {
  return products < kMostSum / (mostLeft * mostRight);
}

Status checkFinite(std::span<const float> values, const char* what) {
  const auto bad = std::find_if(values.begin(), values.end(), [](float v) { return !std::isfinite(v); });
  if (bad == values.end()) return {};
  return invalidArgument(what, " ", bad - values.begin(), " is ", *bad, ", wanted a finite number");
}

Result<Int8Weights> makeInt8Weights(const WeightRows& weights, std::span<const float> bias,
                                    float inputScale, const WeightQuantParams& params) {
  QRT_RETURN_IF_ERROR(checkFinite(weights.values, "weight"));
  QRT_RETURN_IF_ERROR(checkFinite(bias, "bias"));
  const auto products = static_cast<int64_t>(weights.perChannel());
  if (!sumFits(products, kMostInput, kMostWeight)) {
    return invalidArgument("it sums ", products, " products, wanted at most ",
                           kMostSum / (kMostInput * kMostWeight) - 1,
                           ", as more could overflow 32 bits: it must stay float (quant_enable false)");
  }
  const int64_t room = kMostSum - products * kMostInput * kMostWeight;
  Int8Weights result;
  result.scales = chooseScales(weights, params);
  const auto scaleOf = [&](size_t c) -> float& { return result.scales[params.channelWise ? c : 0]; };
  for (size_t c = 0; c < weights.channels; ++c) {
    const float least = leastScale(bias.empty() ? 0 : bias[c], inputScale, room);
    scaleOf(c) = std::max(scaleOf(c), least);
  }
  result.values = roundWeights(weights, result.scales, largestInteger(params.numBits));
  for (size_t c = 0; c < bias.size(); ++c) {
    const double steps = bias[c] / (double{inputScale} * scaleOf(c));
    result.bias.push_back(static_cast<int32_t>(std::rint(steps)));
  }
  return result;
}

}  // namespace qrt
