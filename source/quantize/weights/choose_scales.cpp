// The list of weight algorithms, and what they have in common.
#include <algorithm>
#include <cmath>

#include "quantize/weights/weights.h"

namespace qrt {
namespace {

using ScaleRule = float (*)(std::span<const float> weights, int32_t largest);

ScaleRule scaleRule(WeightAlgorithm algorithm) {
  switch (algorithm) {
    case WeightAlgorithm::arq: return arqScale;
    case WeightAlgorithm::mse: return mseScale;
    case WeightAlgorithm::als: return alsScale;
    case WeightAlgorithm::adaRound: return mseScale;
  }
  return arqScale;
}

}  // namespace

int8_t roundWeight(float weight, float scale, int32_t largest) {
  const auto most = static_cast<float>(largest);
  return static_cast<int8_t>(std::rint(std::clamp(weight / scale, -most, most)));
}

double squaredError(std::span<const float> weights, float scale, int32_t largest) {
  // Multiplying by the reciprocal may round a tie otherwise than roundWeight() does, whose error is
  // the same.
  const auto most = static_cast<float>(largest);
  const float inverse = 1 / scale;
  double sum = 0;
  for (const float weight : weights) {
    const float q = std::rint(std::clamp(weight * inverse, -most, most));
    const double error = double{weight} - double{scale} * q;
    sum += error * error;
  }
  return sum;
}

std::vector<float> chooseScales(const WeightRows& weights, const WeightQuantParams& params) {
  const ScaleRule rule = scaleRule(params.algorithm);
  const int32_t largest = largestInteger(params.numBits);
  std::vector<float> scales;
  if (params.channelWise) {
    for (size_t c = 0; c < weights.channels; ++c) scales.push_back(rule(weights.row(c), largest));
  } else {
    scales.push_back(rule(weights.values, largest));
  }
  const auto most = std::max_element(scales.begin(), scales.end());
  const float instead = most != scales.end() && *most > 0 ? *most : 1;
  std::replace(scales.begin(), scales.end(), 0.0f, instead);
  return scales;
}

std::vector<int8_t> roundWeights(const WeightRows& weights, std::span<const float> scales,
                                 int32_t largest) {
  std::vector<int8_t> integers;
  integers.reserve(weights.values.size());
  for (size_t c = 0; c < weights.channels; ++c) {
    const float scale = scales[scales.size() == 1 ? 0 : c];
    for (const float weight : weights.row(c)) {
      integers.push_back(roundWeight(weight, scale, largest));
    }
  }
  return integers;
}

}  // namespace qrt
