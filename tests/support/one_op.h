// Runs the shape rule and the reference kernel of one op on literal tensors.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <string>
#include <vector>

#include "graph/op.h"

namespace qrt::test {

/// A tensor in a test. Without bytes it only has a shape, for shape rules.
struct TestTensor {
  DType dtype = DType::f32;
  Shape shape = Shape::unranked();
  std::optional<std::vector<std::byte>> bytes;
  std::optional<QuantParams> quant;
  bool absent = false;

  /// The elements; T must be the dtype's.
  template <class T>
  std::vector<T> values() const {
    std::vector<T> result(bytes->size() / sizeof(T));
    if (!result.empty()) std::memcpy(result.data(), bytes->data(), bytes->size());
    return result;
  }
};

/// A tensor with values.
template <class T>
TestTensor tensorOf(const Shape& shape, const std::vector<T>& values) {
  const auto* first = reinterpret_cast<const std::byte*>(values.data());
  std::vector<std::byte> bytes(first, first + values.size() * sizeof(T));
  return {.dtype = dtypeOf<T>, .shape = shape, .bytes = std::move(bytes)};
}
inline TestTensor floats(const Shape& shape, const std::vector<float>& values) {
  return tensorOf(shape, values);
}
/// Integers in one dimension: the parameters of Reshape, Slice, …
inline TestTensor ints(const std::vector<int64_t>& values) {
  return tensorOf(Shape{static_cast<int64_t>(values.size())}, values);
}
/// Booleans, a byte each.
inline TestTensor booleans(const Shape& shape, const std::vector<uint8_t>& values) {
  TestTensor tensor = tensorOf(shape, values);
  tensor.dtype = DType::boolean;
  return tensor;
}
/// A tensor of which only the shape is known, if that.
inline TestTensor shaped(const Shape& shape, DType dtype = DType::f32) {
  return {.dtype = dtype, .shape = shape};
}
/// An optional input that is absent.
inline TestTensor absentInput() { return {.absent = true}; }

/// A graph of one layer, "op", whose inputs with bytes are constants. `outputs` gives quantization
/// parameters and the dtype that the op may keep.
inline Graph oneOpGraph(OpType op, Attributes attributes, const std::vector<TestTensor>& inputs,
                        const std::vector<TestTensor>& outputs = {{}}) {
  Graph graph;
  Layer layer{"op", op, std::move(attributes), {}, {}};
  for (const TestTensor& input : inputs) {
    if (input.absent) {
      layer.inputs.push_back(kNoTensor);
      continue;
    }
    const TensorId id = graph.addTensor({"input", input.dtype, input.shape, input.quant, {}});
    if (input.bytes) {
      graph.tensor(id).constant = ConstantData::copyOf(*input.bytes);
    } else {
      graph.inputs.push_back(id);
    }
    layer.inputs.push_back(id);
  }
  for (const TestTensor& output : outputs) {
    const Shape unranked = Shape::unranked();
    layer.outputs.push_back(graph.addTensor({"output", output.dtype, unranked, output.quant, {}}));
  }
  graph.outputs = layer.outputs;
  graph.layers.push_back(std::move(layer));
  return graph;
}

/// The dtype and shape that the shape rule gives to the first output.
inline Result<TestTensor> inferOne(OpType op, Attributes attributes,
                                   const std::vector<TestTensor>& inputs) {
  Graph graph = oneOpGraph(op, std::move(attributes), inputs);
  QRT_RETURN_IF_ERROR(validate(graph));
  QRT_RETURN_IF_ERROR(inferShapes(graph));
  const Tensor& output = graph.tensor(graph.outputs[0]);
  return shaped(output.shape, output.dtype);
}

/// What the reference kernel computes; all inputs have bytes.
inline Result<std::vector<TestTensor>> runOutputs(OpType op, Attributes attributes,
                                                  const std::vector<TestTensor>& inputs,
                                                  const std::vector<TestTensor>& outputs = {{}}) {
  Graph graph = oneOpGraph(op, std::move(attributes), inputs, outputs);
  QRT_RETURN_IF_ERROR(validate(graph));
  QRT_RETURN_IF_ERROR(inferShapes(graph));
  const Layer& layer = graph.layers[0];
  std::vector<ConstTensorView> inputViews;
  for (const TensorId id : layer.inputs) {
    inputViews.push_back(id == kNoTensor ? ConstTensorView() : graph.tensor(id).constantView());
  }
  std::vector<TestTensor> results;
  for (const TensorId id : layer.outputs) {
    const Tensor& tensor = graph.tensor(id);
    if (!tensor.shape.known()) return internalError("output shape ", tensor.shape.toString());
    const auto size = static_cast<size_t>(tensor.shape.elements()) * dtypeSize(tensor.dtype);
    results.push_back({.dtype = tensor.dtype,
                       .shape = tensor.shape,
                       .bytes = std::vector<std::byte>(size, std::byte{0xcd}),
                       .quant = tensor.quant});
  }
  std::vector<TensorView> outputViews;
  for (TestTensor& result : results) {
    outputViews.push_back({result.dtype, result.shape, result.bytes->data(),
                           result.quant ? &*result.quant : nullptr});
  }
  QRT_RETURN_IF_ERROR(runReference(layer, inputViews, outputViews));
  return results;
}

/// The same for an op with one output.
inline Result<TestTensor> runOne(OpType op, Attributes attributes,
                                 const std::vector<TestTensor>& inputs,
                                 const TestTensor& output = {}) {
  QRT_ASSIGN_OR_RETURN(auto results, runOutputs(op, std::move(attributes), inputs, {output}));
  return results[0];
}

/// The elements that the reference kernel computes; a failed test if it refuses.
template <class T>
std::vector<T> valuesOne(OpType op, Attributes attributes, const std::vector<TestTensor>& inputs) {
  const auto result = runOne(op, std::move(attributes), inputs);
  EXPECT_TRUE(result.ok()) << opName(op) << ": " << result.status().message();
  return result.ok() ? result->template values<T>() : std::vector<T>();
}

/// The shape that the shape rule gives to the first output; a failed test if it refuses.
inline Shape shapeOne(OpType op, Attributes attributes, const std::vector<TestTensor>& inputs) {
  const auto result = inferOne(op, std::move(attributes), inputs);
  EXPECT_TRUE(result.ok()) << opName(op) << ": " << result.status().message();
  return result.ok() ? result->shape : Shape::unranked();
}

}  // namespace qrt::test

/// `expression` is a Result or Status that failed with a message holding `text`.
#define QRT_EXPECT_ERROR(expression, text)                                           \
  do {                                                                               \
    const ::qrt::Status status_ = ::qrt::test::statusOf(expression);                 \
    EXPECT_NE(status_.message().find(text), std::string::npos) << status_.message(); \
    EXPECT_FALSE(status_.ok());                                                      \
  } while (0)

namespace qrt::test {
inline Status statusOf(const Status& status) { return status; }
template <class T>
Status statusOf(const Result<T>& result) {
  return result.status();
}
}  // namespace qrt::test
