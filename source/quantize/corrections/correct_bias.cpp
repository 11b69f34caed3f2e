#include "quantize/corrections/correct_bias.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/error.h"

namespace qrt {
namespace {

// By channel, the last dim: the mean of what `found` lacks.
std::vector<double> meanLack(const std::vector<std::vector<float>>& wanted,
                             const std::vector<std::vector<float>>& found, size_t channels) {
  std::vector<double> lack(channels, 0);
  size_t positions = 0;
  for (size_t sample = 0; sample < wanted.size(); ++sample) {
    for (size_t i = 0; i < wanted[sample].size(); ++i) {
      lack[i % channels] += double{wanted[sample][i]} - found[sample][i];
    }
    positions += wanted[sample].size() / channels;
  }
  for (double& value : lack) value /= static_cast<double>(std::max<size_t>(positions, 1));
  return lack;
}

}  // namespace

Result<bool> correctBias(const LayerPair& pair) {
  const Layer& layer = pair.quantizedLayer();
  if (layer.input(2) == kNoTensor) return false;
  QRT_ASSIGN_OR_RETURN(const auto wanted, floatSums(pair, true));
  QRT_ASSIGN_OR_RETURN(const auto found, quantizedSums(pair, true));
  Tensor& bias = pair.int8.graph().tensor(layer.inputs[2]);
  const auto old = *bias.constantView().as<int32_t>();
  const std::vector<double> lack = meanLack(wanted, found, old.size());

  const Shape& weights = pair.int8.graph().tensor(layer.inputs[1]).shape;
  const int64_t products = weights[0] == 0 ? 0 : weights.elements() / weights[0];
  const auto room = static_cast<double>(std::numeric_limits<int32_t>::max() - products * 255 * 127);
  std::vector<int32_t> corrected;
  for (size_t c = 0; c < old.size(); ++c) {
    const double scale = bias.quant->scales[bias.quant->scales.size() == 1 ? 0 : c];
    corrected.push_back(
        static_cast<int32_t>(std::clamp(std::rint(old[c] + lack[c] / scale), -room, room)));
  }

  const double before = outputNoise(pair);
  const ConstantData kept = *bias.constant;
  bias.constant = ConstantData::copyOf(std::as_bytes(std::span(corrected)));
  QRT_RETURN_IF_ERROR(pair.int8.run(pair.int8Layer));
  if (outputNoise(pair) < before) return true;
  bias.constant = kept;
  QRT_RETURN_IF_ERROR(pair.int8.run(pair.int8Layer));
  return false;
}

}  // namespace qrt
