// Translators of quantization: the parameters of QuantizeLinear and its kin, which ONNX has as
// inputs, move onto the quantized tensor.
#pragma once

#include <string_view>

#include "import/onnx/node.h"

namespace qrt::onnx_import {

/// A Dequantize layer; `scale` and `zeroPoint` (which may be absent) must be constants.
TensorId addDequantize(Node& n, TensorId x, TensorId scale, TensorId zeroPoint, int64_t axis,
                       std::string_view suffix);
/// A Quantize layer to the dtype of `zeroPoint`, u8 if it is absent.
TensorId addQuantize(Node& n, TensorId x, TensorId scale, TensorId zeroPoint, int64_t axis,
                     std::string_view suffix = "y");

void translateQuantizeLinear(Node& n);
void translateDequantizeLinear(Node& n);
void translateQLinearMatMul(Node& n);

}  // namespace qrt::onnx_import
