// TensorRT's entropy calibration (S. Migacz, "8-bit inference with TensorRT", GTC 2017), for any sign:
//  - asymmetric: the histogram over [least, largest] in 2^bits levels; both ends move where both signs
//    occur, only the far one for one-sided data;
//  - symmetric: the histogram of |x| in 2^(bits−1) levels.
// Exact zeros are left out: every range represents them, and behind a ReLU they would drown the rest.
#include "quantize/observers/kl.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>
#include <utility>

#include "quantize/observers/observer.h"

namespace qrt {
namespace {

constexpr size_t kCandidates = 128;  // positions tried for an end

struct Window {
  size_t first, last;
};

// Moves one end of the window to where the divergence is least. Never worse than before.
void improve(std::span<const double> counts, Window& window, size_t zero, size_t levels,
             bool moveLast) {
  const size_t step = std::max<size_t>(counts.size() / kCandidates, 1);
  double least = klDivergence(counts, window.first, window.last, levels);
  const auto consider = [&](Window candidate) {
    if (candidate.last - candidate.first < levels) return;
    const double divergence = klDivergence(counts, candidate.first, candidate.last, levels);
    if (!(divergence < least)) return;
    least = divergence;
    window = candidate;
  };
  const Window start = window;
  if (moveLast) {
    for (size_t last = counts.size(); last > zero; last -= std::min(step, last)) {
      consider({start.first, last});
    }
  } else {
    for (size_t first = 0; first <= zero; first += step) consider({first, start.last});
  }
}

std::vector<HistogramBin> magnitudes(std::span<const HistogramBin> bins) {
  std::vector<HistogramBin> result;
  for (HistogramBin bin : bins) {
    if (bin.low < 0) std::tie(bin.low, bin.high) = std::pair(-bin.high, -bin.low);
    result.push_back(bin);
  }
  return result;
}

}  // namespace

double klDivergence(std::span<const double> counts, size_t first, size_t last, size_t levels) {
  double below = 0, above = 0, inside = 0;
  for (size_t i = 0; i < counts.size(); ++i) {
    (i < first ? below : i < last ? inside : above) += counts[i];
  }
  const double total = below + inside + above;
  const size_t bins = last - first;
  double divergence = 0;
  for (size_t level = 0; level < levels; ++level) {
    const size_t begin = first + level * bins / levels;
    const size_t end = first + (level + 1) * bins / levels;
    double sum = 0, filled = 0;
    for (size_t i = begin; i < end; ++i) {
      sum += counts[i];
      filled += counts[i] > 0 ? 1 : 0;
    }
    for (size_t i = begin; i < end; ++i) {
      const double p =
          (counts[i] + (i == first ? below : 0) + (i == last - 1 ? above : 0)) / total;
      if (p == 0) continue;
      constexpr double kEmpty = 1e-9;  // instead of 0, where only clipped values are
      const double q = counts[i] > 0 ? sum / filled / inside : kEmpty;
      divergence += p * std::log(p / q);
    }
  }
  return divergence;
}

ClipRange klRange(const TensorHistogram& histogram, const ActivationQuantParams& params) {
  std::vector<HistogramBin> bins = histogram.bins();
  if (!params.asymmetric) bins = magnitudes(bins);
  const double low = params.asymmetric ? std::min<double>(histogram.min(), 0) : 0;
  const double high = params.asymmetric ? std::max<double>(histogram.max(), 0)
                                        : std::max<double>(-histogram.min(), histogram.max());
  std::erase_if(bins, [](const HistogramBin& bin) {
    return std::abs(bin.value) < std::numeric_limits<float>::min();
  });
  if (bins.empty()) return {low, high};
  bins = uniformBins(bins, low, high, params.numOfBins);
  std::vector<double> counts;
  for (const HistogramBin& bin : bins) counts.push_back(bin.count);

  const size_t levels = size_t{1} << (params.asymmetric ? params.numBits : params.numBits - 1);
  const auto zero = static_cast<size_t>(-low / (high - low) * (params.numOfBins - 1));
  Window window{0, counts.size()};
  for (int round = 0; round < (low < 0 && high > 0 ? 2 : 1); ++round) {
    if (high > 0) improve(counts, window, zero, levels, true);
    if (low < 0) improve(counts, window, zero, levels, false);
  }
  const double width = (high - low) / params.numOfBins;
  return {low + static_cast<double>(window.first) * width,
          low + static_cast<double>(window.last) * width};
}

}  // namespace qrt
