#include "quantize/observers/error_table.h"

#include <algorithm>
#include <limits>

namespace qrt {

ErrorTable::ErrorTable(std::span<const HistogramBin> bins) : sums_(1) {
  for (const HistogramBin& bin : bins) {
    if (bin.count == 0) continue;
    values_.push_back(bin.value);
    Sums next = sums_.back();
    next.count += bin.count;
    next.first += bin.count * bin.value;
    next.second += bin.count * bin.value * bin.value;
    sums_.push_back(next);
  }
}

double ErrorTable::squaredError(const QuantParams& quant,
                                const ActivationQuantParams& params) const {
  const int half = 1 << (params.numBits - 1);
  const double scale = quant.scales[0];
  const int zeroPoint = quant.zeroPoints[0];
  double error = 0;
  auto begin = values_.begin();
  for (int q = -half; q < half && begin != values_.end(); ++q) {
    const double edge = (q - zeroPoint + 0.5) * scale;
    const auto end = q == half - 1 ? values_.end() : std::lower_bound(begin, values_.end(), edge);
    if (end == begin) continue;
    const Sums& from = sums_[static_cast<size_t>(begin - values_.begin())];
    const Sums& to = sums_[static_cast<size_t>(end - values_.begin())];
    const double x = (q - zeroPoint) * scale;
    error += (to.second - from.second) - 2 * x * (to.first - from.first) +
             x * x * (to.count - from.count);
    begin = end;
  }
  return error;
}

ClipRange leastSquaredError(const ErrorTable& table, std::span<const double> lows,
                            std::span<const double> highs, const ActivationQuantParams& params) {
  ClipRange best;
  double least = std::numeric_limits<double>::infinity();
  const auto consider = [&](ClipRange range) {
    const double error = table.squaredError(range, params);
    if (!(error < least)) return;
    least = error;
    best = range;
  };
  for (const double high : highs) {
    if (!params.asymmetric) {
      consider({-high, high});
    } else {
      for (const double low : lows) consider({low, high});
    }
  }
  return best;
}

}  // namespace qrt
