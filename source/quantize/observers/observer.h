// How a tensor's range is chosen from its histogram: one file per algorithm, all behind chooseRange().
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "qrt/quantize.h"
#include "quantize/histogram.h"

namespace qrt {

/// The part of the number line that integers stand for; what lies outside is clipped.
struct ClipRange {
  double low = 0;
  double high = 0;
};

/// One algorithm. The histogram is not empty, and not all its values are 0.
struct Observer {
  ActivationAlgorithm algorithm;
  std::string_view name;  ///< in recipes
  ClipRange (*choose)(const TensorHistogram&, const ActivationQuantParams&);
};

/// All algorithms, in the order of the enum.
std::span<const Observer> observers();

/// The range of a tensor as the recipe wants it; 0 … 0 if it was always 0, or never seen.
ClipRange chooseRange(const TensorHistogram& histogram, const ActivationQuantParams& params);

/// Scale and zero point for a range, which is widened to include 0 and, without `asymmetric`, to be even. 0 is
/// exactly representable; for a range of 0 the scale is 1.
QuantParams paramsForRange(ClipRange range, const ActivationQuantParams& params);

ClipRange minmaxRange(const TensorHistogram&, const ActivationQuantParams&);
ClipRange movingAverageRange(const TensorHistogram&, const ActivationQuantParams&);
ClipRange percentileRange(const TensorHistogram&, const ActivationQuantParams&);
ClipRange klRange(const TensorHistogram&, const ActivationQuantParams&);
ClipRange mseRange(const TensorHistogram&, const ActivationQuantParams&);
ClipRange ifmrRange(const TensorHistogram&, const ActivationQuantParams&);
ClipRange hfmgRange(const TensorHistogram&, const ActivationQuantParams&);
ClipRange aciqRange(const TensorHistogram&, const ActivationQuantParams&);

/// The values at the quantiles 1 − minPercentile and maxPercentile of sorted bins.
ClipRange percentiles(std::span<const HistogramBin> bins, const ActivationQuantParams& params);

/// The histogram in `params.numOfBins` bins of equal width between its least and largest value and 0.
std::vector<HistogramBin> uniformBins(const TensorHistogram& histogram,
                                      const ActivationQuantParams& params);

}  // namespace qrt
