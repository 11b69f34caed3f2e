// The TensorFlow Lite operators that are imported: codes, names, translators.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "import/onnx/op_list.h"

namespace qrt::tflite_import {

class Op;

struct OpRow {
  int32_t code;
  std::string_view name;
  void (*translate)(Op& op);
  onnx_import::OpList makes;  ///< the ops it becomes, apart from a fused activation
};

/// By ascending code.
std::span<const OpRow> opTable();
/// Null if the operator is not imported.
const OpRow* findOp(int32_t code);

}  // namespace qrt::tflite_import
