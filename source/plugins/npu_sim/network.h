// What the simulator keeps of a graph that the host gave it to compile: its own copy, in plain C++.
#pragma once

#include <cstdint>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "qrt/backend.h"

namespace npu_sim {

/// Why a call fails; becomes a code and a text at the border of the plugin.
struct Failure : std::runtime_error {
  Failure(QrtCode c, const std::string& text) : std::runtime_error(text), code(c) {}
  QrtCode code;
};

struct Tensor {
  std::string name;
  uint32_t dtype = 0;
  std::vector<int64_t> dims;
  int64_t elements = 1;
  uint64_t bytes = 0;
  std::vector<float> scales;  ///< empty: not quantized
  std::vector<int32_t> zeroPoints;
  int axis = -1;
  const void* constant = nullptr;  ///< the host keeps it as long as the program lives

  bool isInt8() const { return dtype == QRT_S8 && scales.size() == 1 && axis == -1; }
  float scale() const { return scales[0]; }
  int32_t zeroPoint() const { return zeroPoints[0]; }
  template <class T>
  const T* values() const { return static_cast<const T*>(constant); }
};

struct Attribute {
  std::vector<int64_t> ints;
  std::vector<float> floats;
  std::string text;
};

struct Layer {
  std::string name, op;
  std::map<std::string, Attribute> attributes;
  std::vector<int> inputs, outputs;  ///< −1: absent

  bool has(size_t i) const { return i < inputs.size() && inputs[i] >= 0; }
  const Attribute& attribute(const std::string& wanted) const;
  int64_t integer(const std::string& wanted, size_t i = 0) const { return attribute(wanted).ints.at(i); }
};

struct Network {
  std::vector<Tensor> tensors;
  std::vector<Layer> layers;
  std::vector<int> inputs, outputs;

  const Tensor& in(const Layer& layer, size_t i) const { return tensors[static_cast<size_t>(layer.inputs.at(i))]; }
  const Tensor& out(const Layer& layer, size_t i = 0) const {
    return tensors[static_cast<size_t>(layer.outputs.at(i))];
  }
};

Network copyOf(const QrtGraph& graph);

}  // namespace npu_sim
