// A layer as the host describes it, read through the structs of qrt/backend.h without a copy.
#pragma once

#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string>
#include <vector>

#include "qrt/backend.h"

namespace onednn_plugin {

/// Why a layer is refused or a call fails.
struct Failure : std::runtime_error {
  Failure(QrtCode c, const std::string& text) : std::runtime_error(text), code(c) {}
  QrtCode code;
};

/// The one layer of a graph. Accessors throw Failure where something is not as an op has it.
class LayerView {
 public:
  explicit LayerView(const QrtGraph& graph) : graph_(graph), layer_(*graph.layers[0]) {}

  bool is(const char* op) const { return std::strcmp(layer_.op, op) == 0; }
  uint64_t inputCount() const { return layer_.inputCount; }
  bool has(uint64_t i) const { return i < layer_.inputCount && layer_.inputs[i] >= 0; }
  const QrtTensor& in(uint64_t i) const {
    if (!has(i)) throw Failure(QRT_INVALID_ARGUMENT, "an input is missing");
    return *graph_.tensors[layer_.inputs[i]];
  }
  const QrtTensor& out() const { return *graph_.tensors[layer_.outputs[0]]; }

  const QrtAttribute& attribute(const char* name) const {
    for (uint64_t i = 0; i < layer_.attributeCount; ++i) {
      if (std::strcmp(layer_.attributes[i]->name, name) == 0) return *layer_.attributes[i];
    }
    throw Failure(QRT_INVALID_ARGUMENT, std::string("no attribute '") + name + "'");
  }
  int64_t integer(const char* name, uint64_t i = 0) const {
    const QrtAttribute& found = attribute(name);
    if (i >= found.intCount) throw Failure(QRT_INVALID_ARGUMENT, std::string("attribute '") + name + "' is too short");
    return found.ints[i];
  }
  /// Which of the graph's inputs input `i` of the layer is; −1: a constant.
  int argument(uint64_t i) const {
    for (uint64_t k = 0; k < graph_.inputCount; ++k) {
      if (graph_.inputs[k] == layer_.inputs[i]) return static_cast<int>(k);
    }
    return -1;
  }

 private:
  const QrtGraph& graph_;
  const QrtLayer& layer_;
};

inline std::vector<int64_t> dimsOf(const QrtTensor& tensor) { return {tensor.dims, tensor.dims + tensor.rank}; }
inline int64_t elementsOf(const QrtTensor& tensor) {
  int64_t count = 1;
  for (uint64_t i = 0; i < tensor.rank; ++i) count *= tensor.dims[i];
  return count;
}
inline bool isInt8(const QrtTensor& tensor) {
  return tensor.dtype == QRT_S8 && tensor.quantization != nullptr && tensor.quantization->count == 1 &&
         tensor.quantization->axis == -1;
}

}  // namespace onednn_plugin
