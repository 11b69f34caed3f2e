// Weights on their way into our layout. Constants are rearranged at import; quantized constants
// too, before they are dequantized; what the graph computes is rearranged by layers.
#pragma once

#include <functional>

#include "import/onnx/node.h"

namespace qrt::onnx_import {

/// A constant, or a Dequantize layer over one.
bool isWeight(const Node& n, TensorId id);

/// Applies `rearrange`, which adds layers (with Fold::always) and returns the result. A
/// quantization axis `axis` becomes `newAxis`.
TensorId rearrangeWeights(Node& n, TensorId weights, int axis, int newAxis,
                          const std::function<TensorId(TensorId)>& rearrange);

}  // namespace qrt::onnx_import
