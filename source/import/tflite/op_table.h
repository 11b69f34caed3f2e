// The TensorFlow Lite operators that are imported: codes, names, translators.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace qrt::tflite_import {

class Op;

struct OpRow {
  int32_t code;
  std::string_view name;
  void (*translate)(Op& op);
};

/// By ascending code.
std::span<const OpRow> opTable();
/// Null if the operator is not imported.
const OpRow* findOp(int32_t code);

}  // namespace qrt::tflite_import
