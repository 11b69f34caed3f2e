// Empirical bias correction (Nagel et al. 2019, section 4.2): rounding weights and activations shifts the
// mean of what a layer sums in each channel; the bias takes the shift back.
#pragma once

#include "quantize/corrections/layer_sums.h"

namespace qrt {

/// Adds to the layer's bias what its sums lack on average over samples and positions, and runs it again in the
/// int8 chain. If its output then is farther from the float model's, everything is as before. A layer without
/// a bias is left alone. True if the correction stayed.
Result<bool> correctBias(const LayerPair& pair);

}  // namespace qrt
