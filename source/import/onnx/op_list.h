// The ops that one imported op becomes, as the importers' tables list them.
#pragma once

#include <algorithm>
#include <array>
#include <span>

#include "graph/op_type.h"

namespace qrt::onnx_import {

class OpList {
 public:
  template <class... Ops>
  constexpr OpList(Ops... ops) : ops_{ops...}, count_(sizeof...(ops)) {}

  constexpr std::span<const OpType> ops() const { return {ops_.data(), count_}; }
  /// Whether `op` is listed, or one that may stand beside any: conversions, other shapes, the
  /// activation that TensorFlow Lite fuses, and Dropout's mask, which nobody reads.
  bool allows(OpType op) const {
    using enum OpType;
    constexpr OpType kBeside[] = {Cast,      Clip,     Dequantize, Expand, Flatten,
                                  Identity,  Quantize, Relu,       Reshape, Shape,
                                  Squeeze,   Tanh,     Transpose,  Unsqueeze, ConstantOfShape};
    const auto among = [&](std::span<const OpType> list) {
      return std::find(list.begin(), list.end(), op) != list.end();
    };
    return among(ops()) || among(kBeside);
  }

 private:
  std::array<OpType, 8> ops_;
  size_t count_;
};

}  // namespace qrt::onnx_import
