// Imported quantized ops: Dequantize, the float op, Quantize. Integers are the oracle.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "import/run_model.h"

namespace qrt::test {
namespace {

using ::onnx::TensorProto;

// Per-channel weights and a bias: acc · sx·sw[o]/sy, rounded to nearest even, against integers.
TEST(OnnxQuant, QLinearConvPerChannel) {
  const int64_t ic = 2, oc = 3, size = 4, k = 2;
  std::mt19937 random(7);
  std::vector<uint8_t> x(countOf({ic, size, size}));
  std::vector<int8_t> w(countOf({oc, ic, k, k}));
  for (auto& v : x) v = static_cast<uint8_t>(random());
  for (auto& v : w) v = static_cast<int8_t>(random() % 255 - 127);
  const Floats ws{0.01f, 0.02f, 0.005f};
  const std::vector<int32_t> bias{100, -2000, 300};
  const float sx = 0.05f, sy = 0.3f;
  const int zx = 120, zy = 130;
  std::vector<double> wanted;
  for (int64_t o = 0; o < oc; ++o)
    for (int64_t h = 0; h + k <= size; ++h)
      for (int64_t v = 0; v + k <= size; ++v) {
        int32_t acc = bias[static_cast<size_t>(o)];
        for (int64_t i = 0; i < ic; ++i)
          for (int64_t a = 0; a < k; ++a)
            for (int64_t b = 0; b < k; ++b) {
              acc += (x[static_cast<size_t>((i * size + h + a) * size + v + b)] - zx) *
                     w[static_cast<size_t>(((o * ic + i) * k + a) * k + b)];
            }
        const double real = double{sx} * ws[static_cast<size_t>(o)] / sy * acc;
        wanted.push_back(std::clamp(std::nearbyint(real) + zy, 0.0, 255.0));
      }

  OnnxModel model(13);
  model.input("x", {1, ic, size, size}, TensorProto::UINT8).output("y");
  model.initializer("sx", {}, {sx}).initializer("ws", {oc}, ws).initializer("sy", {}, {sy});
  const auto add = [&](const char* name, int type, const Dims& dims, const void* data,
                       size_t bytes) {
    auto* tensor = model.graph().add_initializer();
    tensor->set_name(name);
    tensor->set_data_type(type);
    for (const int64_t dim : dims) tensor->add_dims(dim);
    tensor->set_raw_data(data, bytes);
  };
  const uint8_t zeros[] = {zx, zy};
  const int8_t weightZeros[] = {0, 0, 0};
  add("zx", TensorProto::UINT8, {}, &zeros[0], 1);
  add("zy", TensorProto::UINT8, {}, &zeros[1], 1);
  add("wz", TensorProto::INT8, {oc}, weightZeros, 3);
  add("w", TensorProto::INT8, {oc, ic, k, k}, w.data(), w.size());
  add("b", TensorProto::INT32, {oc}, bias.data(), bias.size() * 4);
  model.node("QLinearConv", {"x", "sx", "zx", "w", "ws", "wz", "sy", "zy", "b"}, {"y"});
  const auto outputs = runModel(model, {tensorOf("x", {1, ic, size, size}, x)});
  ASSERT_EQ(outputs.size(), 1u);
  const auto found = valuesOf<uint8_t>(outputs[0]);
  ASSERT_EQ(found.size(), wanted.size());
  for (size_t i = 0; i < found.size(); ++i) EXPECT_EQ(found[i], wanted[i]) << "element " << i;
}

// One tensor, dequantized in two ways.
TEST(OnnxQuant, OneTensorWithTwoScales) {
  OnnxModel model(13);
  model.input("q", {2}, TensorProto::INT8).output("y");
  model.initializer("s", {}, {0.5f}).initializer("t", {}, {2});
  model.node("DequantizeLinear", {"q", "s"}, {"a"});
  model.node("DequantizeLinear", {"q", "t"}, {"b"});
  model.node("Add", {"a", "b"}, {"y"});
  expectNear(runModel(model, {tensorOf<int8_t>("q", {2}, {4, -2})}), {2}, {10, -5});
}

// One tensor, dequantized and read as the integers it has.
TEST(OnnxQuant, RawReaderOfADequantizedTensor) {
  OnnxModel model(13);
  model.input("q", {2}, TensorProto::UINT8).output("y").initializer("s", {}, {0.5f});
  model.node("DequantizeLinear", {"q", "s"}, {"a"});
  setInt(model.node("Cast", {"q"}, {"b"}), "to", TensorProto::FLOAT);
  model.node("Add", {"a", "b"}, {"y"});
  expectNear(runModel(model, {tensorOf<uint8_t>("q", {2}, {4, 200})}), {2}, {6, 300});
}

// Weights stay integers in the model, and become floats in a session.
TEST(OnnxQuant, ConstantsStayIntegers) {
  OnnxModel model(13);
  model.input("x", {1, 2}).output("y");
  auto* tensor = model.graph().add_initializer();
  tensor->set_name("w");
  tensor->set_data_type(TensorProto::INT8);
  for (const int64_t dim : {3, 2}) tensor->add_dims(dim);
  tensor->set_raw_data("\1\2\3\4\5\6", 6);
  model.initializer("s", {}, {0.5f});
  model.node("DequantizeLinear", {"w", "s"}, {"f"});
  setInt(model.node("Gemm", {"x", "f"}, {"y"}), "transB", 1);
  const Result<Model> imported = model.import({});
  ASSERT_TRUE(imported.ok()) << imported.status().message();
  EXPECT_EQ(opsOf(*imported), "Dequantize FullyConnected");
  expectNear(runModel(model, {tensorOf<float>("x", {1, 2}, {2, 4})}), {1, 3}, {5, 11, 17});
}

}  // namespace
}  // namespace qrt::test
