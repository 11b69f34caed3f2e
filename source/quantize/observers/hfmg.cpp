// AMCT's HFMG: IFMR's search over a histogram of num_of_bins equal bins instead of the values themselves.
#include "quantize/observers/search_around.h"

namespace qrt {

ClipRange hfmgRange(const TensorHistogram& histogram, const ActivationQuantParams& params) {
  return searchAround(uniformBins(histogram, params), params);
}

}  // namespace qrt
