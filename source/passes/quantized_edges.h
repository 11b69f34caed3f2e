// What the passes on quantized graphs share: tensors of 8 bits, and reading one with other parameters.
//
// Inside a graph activations are s8. A u8 tensor has the same values as an s8 one whose integers and zero
// point are 128 less, so a Requantize layer between the two only moves bytes, and cancels with its like.
#pragma once

#include "passes/editor.h"

namespace qrt {

/// s8 or u8 with one scale for all.
inline bool isQuantized8(const Tensor& tensor) {
  return (tensor.dtype == DType::s8 || tensor.dtype == DType::u8) && tensor.quant &&
         tensor.quant->axis == -1;
}

/// The parameters of the s8 tensor that has the same values; isQuantized8().
inline QuantParams s8Params(const Tensor& tensor) {
  QuantParams quant = *tensor.quant;
  if (tensor.dtype == DType::u8) quant.zeroPoints[0] -= 128;
  return quant;
}

/// Whether both stand for the same values, apart from the dtype.
inline bool sameValues(const Tensor& a, const Tensor& b) {
  return isQuantized8(a) && isQuantized8(b) && s8Params(a) == s8Params(b);
}

/// The tensor that is dequantized to `id`, if it is isQuantized8(), else kNoTensor.
TensorId dequantizedFrom(const GraphEditor& editor, TensorId id);

/// `from` as s8 with parameters `to`: itself, or what a Requantize layer near `near` makes of it.
TensorId requantized(GraphEditor& editor, TensorId from, const QuantParams& to, int near);

/// Whether the op moves the elements of input 0 to its outputs and does not look at them; its other
/// inputs are parameters.
bool movesElements(const Layer& layer);

/// Removes Requantize layers that change nothing, and joins Quantize, Requantize and Dequantize layers that
/// follow each other where the result is the same.
void joinQuantize(GraphEditor& editor);

/// Dequantize → a layer that moves elements becomes that layer → Dequantize, and what Quantize follows
/// becomes Quantize → that layer: 8 bits are moved, and layers meet their Quantize and Dequantize.
void moveQuantized(GraphEditor& editor);

}  // namespace qrt
