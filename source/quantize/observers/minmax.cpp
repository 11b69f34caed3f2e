// All that was seen: nothing is clipped, and one outlier can make every step coarse.
#include "quantize/observers/observer.h"

namespace qrt {

ClipRange minmaxRange(const TensorHistogram& histogram, const ActivationQuantParams&) {
  return {histogram.min(), histogram.max()};
}

}  // namespace qrt
