// What a layer with weights sums, before its activation and requantization: in the float model, and with the
// integers of the int8 model, both in float. What corrections compare.
#pragma once

#include <vector>

#include "quantize/sample_chain.h"

namespace qrt {

/// One layer with weights in both graphs; both chains have just run it.
struct LayerPair {
  SampleChain& reference;  ///< the prepared float graph
  size_t referenceLayer;
  SampleChain& int8;
  size_t int8Layer;

  const Layer& floatLayer() const { return reference.graph().layers[referenceLayer]; }
  const Layer& quantizedLayer() const { return int8.graph().layers[int8Layer]; }
  /// Input `slot` of the float layer for a sample, as floats: from the float graph, or what the int8 graph
  /// made of it.
  std::vector<float> floatInput(size_t sample, size_t slot) const;
  std::vector<float> quantizedInput(size_t sample, size_t slot) const;
};

/// By sample: the layer's sums in the float model, bias included, residual included where wanted.
Result<std::vector<std::vector<float>>> floatSums(const LayerPair& pair, bool withResidual);
/// The same from the inputs and the constants of the int8 model.
Result<std::vector<std::vector<float>>> quantizedSums(const LayerPair& pair, bool withResidual);

/// Σ (float output − int8 output)² over all samples.
double outputNoise(const LayerPair& pair);

/// A constant of integers as floats.
std::vector<float> dequantized(const Tensor& constant);

}  // namespace qrt
