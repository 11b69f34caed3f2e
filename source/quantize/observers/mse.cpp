// The range with the least squared error over a histogram of num_of_bins equal bins: a coarse grid of all
// ranges from 1/64 of what was seen to all of it, then a fine one around the best.
#include <algorithm>

#include "quantize/observers/error_table.h"

namespace qrt {
namespace {

constexpr int kGrid = 64;  // candidates for each end, coarse and fine

// `center` and what lies around it, at most `full`; 0 stays 0.
std::vector<double> around(double center, double full) {
  std::vector<double> result = {center};
  const double step = 2 * full / (double{kGrid} * kGrid);
  for (int i = -kGrid / 2; full != 0 && i <= kGrid / 2; ++i) {
    const double fraction = (center + i * step) / full;
    if (fraction > 0 && fraction <= 1) result.push_back(center + i * step);
  }
  return result;
}

std::vector<double> fractions(double full) {
  std::vector<double> result = {full};
  for (int i = kGrid - 1; full != 0 && i >= 1; --i) result.push_back(full * i / kGrid);
  return result;
}

}  // namespace

ClipRange mseRange(const TensorHistogram& histogram, const ActivationQuantParams& params) {
  const std::vector<HistogramBin> bins = uniformBins(histogram, params);
  const ErrorTable table(bins);
  ClipRange full{bins.front().low, bins.back().high};
  if (!params.asymmetric) full.high = std::max(-full.low, full.high);
  const ClipRange coarse = leastSquaredError(table, fractions(full.low), fractions(full.high), params);
  return leastSquaredError(table, around(coarse.low, full.low), around(coarse.high, full.high),
                           params);
}

}  // namespace qrt
