// AdaRound of a whole layer: its inputs as columns, a problem per output channel.
#pragma once

#include "base/thread_pool.h"
#include "qrt/quantize.h"
#include "quantize/corrections/layer_sums.h"

namespace qrt {

/// Rounds the layer's weights anew by what it reads in the int8 chain and what it sums in the float model.
/// Only Conv and FullyConnected; others keep the nearest integers.
Status roundLayer(const LayerPair& pair, const WeightQuantParams& params, ThreadPool& pool);

}  // namespace qrt
