// Which ONNX ops there are, from which opset on with the meaning we know, and who translates them.
#pragma once

#include <span>
#include <string_view>

#include "import/onnx/op_list.h"

namespace qrt::onnx_import {

class Node;

struct OpRow {
  std::string_view name;  ///< the ONNX op
  int since;              ///< the oldest opset whose meaning the translator knows
  int minInputs;          ///< that many inputs must be there
  int maxInputs;          ///< −1: any number
  void (*translate)(Node& node);
  OpList makes;  ///< the ops it becomes; the first tells a translator of several which
};

/// All rows, by name.
std::span<const OpRow> opTable();
/// The row of an op of the standard domain, or null.
const OpRow* findOp(std::string_view name);

}  // namespace qrt::onnx_import
