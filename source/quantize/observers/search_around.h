// The search that IFMR and HFMG share.
#pragma once

#include <span>

#include "quantize/observers/observer.h"

namespace qrt {

/// Of multiples of the percentile clips, the range with the least squared error over the bins.
ClipRange searchAround(std::span<const HistogramBin> bins, const ActivationQuantParams& params);

}  // namespace qrt
