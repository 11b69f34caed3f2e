// TensorFlow Lite files for tests, written tensor by tensor and operator by operator.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "base/error.h"
#include "tflite_generated.h"

namespace qrt::test {

struct TfliteQuant {
  std::vector<float> scales;
  std::vector<int64_t> zeroPoints;
  int axis = 0;
};

class TfliteModel {
 public:
  using Quant = TfliteQuant;  // a class of its own: Clang 14 refuses `= {}` for a nested one with defaults

  template <class T>
  static int8_t typeOf() {
    if (std::is_same_v<T, float>) return 0;
    if (std::is_same_v<T, int32_t>) return 2;
    if (std::is_same_v<T, uint8_t>) return 3;
    if (std::is_same_v<T, int64_t>) return 4;
    return std::is_same_v<T, int8_t> ? 9 : 1;  // uint16_t: the bits of an f16
  }

  /// A tensor without data; its index.
  template <class T = float>
  int32_t tensor(const std::vector<int32_t>& shape, const Quant& quant = {}) {
    return add(shape, typeOf<T>(), 0, quant);
  }
  template <class T>
  int32_t constant(const std::vector<int32_t>& shape, const std::vector<T>& values, const Quant& quant = {}) {
    const auto* bytes = reinterpret_cast<const uint8_t*>(values.data());
    b.ForceVectorAlignment(values.size() * sizeof(T), 1, 16);
    buffers.push_back(tfl::CreateBuffer(b, b.CreateVector(bytes, values.size() * sizeof(T))));
    return add(shape, typeOf<T>(), static_cast<uint32_t>(buffers.size() - 1), quant);
  }
  template <class T>
  int32_t input(const std::vector<int32_t>& shape, const Quant& quant = {}) {
    inputs.push_back(tensor<T>(shape, quant));
    return inputs.back();
  }
  int32_t input(const std::vector<int32_t>& shape) { return input<float>(shape); }

  /// An operator; `options` from the tfl::Create… functions on `b`.
  template <class Options = tfl::Opaque>
  void op(int32_t code, const std::vector<int32_t>& in, const std::vector<int32_t>& out,
          flatbuffers::Offset<Options> options = {}) {
    codes.push_back(tfl::CreateOperatorCode(b, static_cast<int8_t>(std::min(code, 127)), 0, 1, code));
    operators.push_back(tfl::CreateOperator(b, static_cast<uint32_t>(codes.size() - 1), b.CreateVector(in),
                                            b.CreateVector(out), 1, flatbuffers::Offset<tfl::Opaque>(options.o)));
    outputs = out;
  }

  std::vector<std::byte> bytes(int subgraphs = 1) {
    const auto graph = tfl::CreateSubGraph(b, b.CreateVector(tensors), b.CreateVector(inputs),
                                           b.CreateVector(outputs), b.CreateVector(operators));
    const std::vector<flatbuffers::Offset<tfl::SubGraph>> graphs(static_cast<size_t>(subgraphs), graph);
    b.Finish(tfl::CreateModel(b, 3, b.CreateVector(codes), b.CreateVector(graphs), b.CreateString("test"),
                              b.CreateVector(buffers)),
             tfl::ModelIdentifier());
    const auto* first = reinterpret_cast<const std::byte*>(b.GetBufferPointer());
    return {first, first + b.GetSize()};
  }

  flatbuffers::FlatBufferBuilder b;
  std::vector<flatbuffers::Offset<tfl::Tensor>> tensors;
  std::vector<flatbuffers::Offset<tfl::Buffer>> buffers{tfl::CreateBuffer(b)};
  std::vector<flatbuffers::Offset<tfl::OperatorCode>> codes;
  std::vector<flatbuffers::Offset<tfl::Operator>> operators;
  std::vector<int32_t> inputs, outputs;

 private:
  int32_t add(const std::vector<int32_t>& shape, int8_t type, uint32_t buffer, const Quant& quant) {
    flatbuffers::Offset<tfl::QuantizationParameters> params;
    if (!quant.scales.empty()) {
      params = tfl::CreateQuantizationParameters(b, b.CreateVector(quant.scales), b.CreateVector(quant.zeroPoints),
                                                 0, 0, quant.axis);
    }
    tensors.push_back(tfl::CreateTensor(b, b.CreateVector(shape), type, buffer,
                                        b.CreateString(concat("t", tensors.size())), params));
    return static_cast<int32_t>(tensors.size()) - 1;
  }
};

}  // namespace qrt::test
