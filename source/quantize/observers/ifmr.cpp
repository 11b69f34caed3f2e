// AMCT's IFMR: begin with a percentile, then try multiples of it, from search_range[0] to search_range[1] in
// steps of search_step, for the least squared error; pairs of both clips where both signs occur. What was
// seen in full is tried too, so that the result is never worse than minmax by that measure.
#include <algorithm>

#include "quantize/observers/error_table.h"
#include "quantize/observers/search_around.h"

namespace qrt {
namespace {

// 0 stays 0: one candidate.
std::vector<double> multiples(double clip, double full, const ActivationQuantParams& params) {
  std::vector<double> result = {full};
  const double width = params.searchRange[1] - params.searchRange[0];
  const int steps = static_cast<int>(width / params.searchStep + 1e-9);
  for (int i = 0; clip != 0 && i <= steps; ++i) {
    result.push_back(clip * (params.searchRange[0] + i * params.searchStep));
  }
  return result;
}

}  // namespace

ClipRange searchAround(std::span<const HistogramBin> bins, const ActivationQuantParams& params) {
  ClipRange full{std::min(bins.front().low, 0.0), std::max(bins.back().high, 0.0)};
  ClipRange clip = percentiles(bins, params);
  clip = {std::min(clip.low, 0.0), std::max(clip.high, 0.0)};
  if (!params.asymmetric) {
    full.high = std::max(-full.low, full.high);
    clip.high = std::max(-clip.low, clip.high);
  }
  return leastSquaredError(ErrorTable(bins), multiples(clip.low, full.low, params),
                           multiples(clip.high, full.high, params), params);
}

ClipRange ifmrRange(const TensorHistogram& histogram, const ActivationQuantParams& params) {
  return searchAround(histogram.bins(), params);
}

}  // namespace qrt
