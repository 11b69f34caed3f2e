// Exponential average of the samples' minima and maxima, in the order of the samples (Jacob et al. 2018,
// arXiv 1712.05877, section 3.1): r ← 0.9·r + 0.1·sample, beginning with the first.
#include "quantize/observers/observer.h"

namespace qrt {

ClipRange movingAverageRange(const TensorHistogram& histogram, const ActivationQuantParams&) {
  constexpr double kKept = 0.9;
  ClipRange range;
  bool first = true;
  for (const SampleRange& sample : histogram.samples()) {
    const double kept = first ? 0 : kKept;
    range.low = kept * range.low + (1 - kept) * sample.min;
    range.high = kept * range.high + (1 - kept) * sample.max;
    first = false;
  }
  return range;
}

}  // namespace qrt
