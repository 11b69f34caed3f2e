// Between two quantiles: a given share of the values is clipped, however far out they are.
#include <algorithm>

#include "quantize/observers/observer.h"

namespace qrt {
namespace {

// The value below which `share` of the values lie, interpolated within its bin.
double quantile(std::span<const HistogramBin> bins, double share) {
  double total = 0;
  for (const HistogramBin& bin : bins) total += bin.count;
  double rest = share * total;
  for (const HistogramBin& bin : bins) {
    if (bin.count > 0 && rest <= bin.count) {
      return bin.low + std::max(rest, 0.0) / bin.count * (bin.high - bin.low);
    }
    rest -= bin.count;
  }
  return bins.empty() ? 0 : bins.back().high;
}

}  // namespace

ClipRange percentiles(std::span<const HistogramBin> bins, const ActivationQuantParams& params) {
  return {quantile(bins, 1 - params.minPercentile), quantile(bins, params.maxPercentile)};
}

ClipRange percentileRange(const TensorHistogram& histogram, const ActivationQuantParams& params) {
  return percentiles(histogram.bins(), params);
}

}  // namespace qrt
