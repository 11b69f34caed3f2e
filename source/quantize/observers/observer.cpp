#include "quantize/observers/observer.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace qrt {
namespace {

// Smaller steps would overflow the f32 multipliers between layers.
constexpr double kLeastScale = 1e-20;

constexpr Observer kObservers[] = {
    {ActivationAlgorithm::minmax, "minmax", minmaxRange},
    {ActivationAlgorithm::movingAverage, "moving_average", movingAverageRange},
    {ActivationAlgorithm::percentile, "percentile", percentileRange},
    {ActivationAlgorithm::kl, "kl", klRange},
    {ActivationAlgorithm::mse, "mse", mseRange},
    {ActivationAlgorithm::ifmr, "ifmr", ifmrRange},
    {ActivationAlgorithm::hfmg, "hfmg", hfmgRange},
    {ActivationAlgorithm::aciq, "aciq", aciqRange},
};

}  // namespace

std::span<const Observer> observers() { return kObservers; }

QuantParams paramsForRange(ClipRange range, const ActivationQuantParams& params) {
  const double low = std::min(range.low, 0.0);
  const double high = std::max(range.high, 0.0);
  const int half = 1 << (params.numBits - 1);  // integers are −half … half − 1
  const double span = params.asymmetric ? high - low : std::max(-low, high);
  const double steps = params.asymmetric ? 2 * half - 1 : half - 1;
  if (span == 0) return {{1.0f}, {0}};
  const double widest = std::numeric_limits<float>::max();
  const auto scale = static_cast<float>(std::min(std::max(span / steps, kLeastScale), widest));
  if (!params.asymmetric) return {{scale}, {0}};
  const double zeroPoint = std::rint(-half - low / scale);
  return {{scale}, {static_cast<int32_t>(std::clamp<double>(zeroPoint, -half, half - 1))}};
}

ClipRange chooseRange(const TensorHistogram& histogram, const ActivationQuantParams& params) {
  if (histogram.min() == 0 && histogram.max() == 0) return {};
  return kObservers[static_cast<size_t>(params.algorithm)].choose(histogram, params);
}

std::vector<HistogramBin> uniformBins(const TensorHistogram& histogram,
                                      const ActivationQuantParams& params) {
  const double low = std::min<double>(histogram.min(), 0);
  const double high = std::max<double>(histogram.max(), 0);
  return uniformBins(histogram.bins(), low, high, params.numOfBins);
}

}  // namespace qrt
