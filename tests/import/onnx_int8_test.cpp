// QDQ and QLinear models become int8 layers: which layers, that shapes of bytes and weights survive, and that
// the results are those of the same model run as float layers between its Quantize and Dequantize, to a step.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "base/error.h"
#include "graph/model_data.h"
#include "import/run_model.h"
#include "passes/passes.h"
#include "qrt/session.h"
#include "support/interpreter.h"

namespace qrt::test {
namespace {

using ::onnx::TensorProto;

// A model in the way of quantizers, one Quantize and Dequantize between each two nodes.
class QdqModel {
 public:
  /// Without `activations` only weights and biases are quantized.
  explicit QdqModel(int type = TensorProto::INT8, bool activations = true)
      : type_(type), activations_(activations) {}

  OnnxModel model{13};

  template <class T>
  std::string raw(int type, const Dims& dims, const std::vector<T>& values) {
    auto* tensor = model.graph().add_initializer();
    tensor->set_name(fresh("c"));
    tensor->set_data_type(type);
    for (const int64_t dim : dims) tensor->add_dims(dim);
    tensor->set_raw_data(values.data(), values.size() * sizeof(T));
    return tensor->name();
  }

  std::string scale(float value) {
    const std::string name = fresh("s");
    model.initializer(name, {}, {value});
    return name;
  }

  /// Quantized and dequantized with `scale`; `zero` counts as in s8.
  std::string qdq(const std::string& x, float s, int zero) {
    if (!activations_) return x;
    const std::string sName = scale(s);
    const auto z = static_cast<int8_t>(type_ == TensorProto::INT8 ? zero : zero + 128);
    const std::string zName = raw<int8_t>(type_, {}, {z});
    const std::string q = fresh("q"), d = fresh("d");
    model.node("QuantizeLinear", {x, sName, zName}, {q});
    model.node("DequantizeLinear", {q, sName, zName}, {d});
    return d;
  }

  /// Random symmetric weights, per channel of dim 0.
  std::string weights(const Dims& dims, unsigned seed, std::vector<float>& scales) {
    std::mt19937 random(seed);
    std::vector<int8_t> values(countOf(dims));
    for (auto& v : values) v = static_cast<int8_t>(int(random() % 255) - 127);
    const auto channels = static_cast<size_t>(dims[0]);
    for (size_t c = 0; c < channels; ++c) scales.push_back(0.002f + 0.001f * static_cast<float>(c % 3));
    const std::string s = fresh("s"), d = fresh("w");
    model.initializer(s, {dims[0]}, scales);
    const std::string zeros = raw<int8_t>(TensorProto::INT8, {dims[0]}, std::vector<int8_t>(channels));
    setInt(model.node("DequantizeLinear", {raw(TensorProto::INT8, dims, values), s, zeros}, {d}), "axis", 0);
    return d;
  }

  std::string bias(const std::vector<float>& weightScales, float inputScale) {
    std::vector<int32_t> values;
    std::vector<float> scales;
    for (size_t c = 0; c < weightScales.size(); ++c) {
      values.push_back(static_cast<int32_t>(c * 331) - 500);
      scales.push_back(inputScale * weightScales[c]);
    }
    const Dims dims = {static_cast<int64_t>(values.size())};
    const std::string s = fresh("s"), d = fresh("b");
    model.initializer(s, dims, scales);
    const std::string zeros = raw(TensorProto::INT32, dims, std::vector<int32_t>(values.size()));
    setInt(model.node("DequantizeLinear", {raw(TensorProto::INT32, dims, values), s, zeros}, {d}), "axis", 0);
    return d;
  }

  std::string conv(const std::string& x, const Dims& dims, float inputScale, unsigned seed,
                   const Dims& pads = {1, 1, 1, 1}, int64_t groups = 1) {
    std::vector<float> scales;
    const std::string w = weights(dims, seed, scales);
    const std::string y = fresh("y");
    auto& node = model.node("Conv", {x, w, bias(scales, inputScale)}, {y}, y);
    setInts(node, "pads", pads);
    setInt(node, "group", groups);
    return y;
  }

  std::string node(const std::string& op, const std::vector<std::string>& inputs) {
    const std::string y = fresh("y");
    model.node(op, inputs, {y}, y);
    return y;
  }

  std::string fresh(const char* what) {
    return concat(what, next_++);
  }

 private:
  int type_;
  bool activations_;
  int next_ = 0;
};

// What is left after all passes of import and session, by op and the dtype of the first output.
std::string layersOf(const OnnxModel& model, std::map<std::string, Shape> shapes = {}) {
  const auto imported = model.import({});
  EXPECT_TRUE(imported.ok()) << imported.status().message();
  if (!imported.ok()) return {};
  Graph graph = imported->data().graph;
  const Status status = specialize(graph, shapes);
  EXPECT_TRUE(status.ok()) << status.message();
  EXPECT_TRUE(validate(graph).ok());
  std::string text;
  for (const Layer& layer : graph.layers) {
    const std::string_view dtype = dtypeName(graph.tensor(layer.outputs[0]).dtype);
    text += concat(text.empty() ? "" : " ", opName(layer.op), ':', dtype);
  }
  return text;
}

// The first output of the model as imported, and after all passes; both f32.
void expectWithin(const OnnxModel& model, const std::vector<Tensor>& inputs, float step) {
  const auto plain = model.import({.optimize = false});
  const auto lowered = model.import({});
  ASSERT_TRUE(plain.ok() && lowered.ok()) << plain.status().message() << lowered.status().message();
  const auto wanted = interpret(plain->data().graph, inputs);
  Graph graph = lowered->data().graph;
  ASSERT_TRUE(specialize(graph, {}).ok());
  const auto found = interpret(graph, inputs);
  ASSERT_TRUE(wanted.ok() && found.ok()) << wanted.status().message() << found.status().message();
  ASSERT_EQ(found->front().shape, wanted->front().shape);
  ASSERT_EQ(found->front().dtype, wanted->front().dtype);
  const Floats f = valuesOf<float>(found->front()), w = valuesOf<float>(wanted->front());
  double far = 0;
  double spread = 0;
  for (size_t i = 0; i < w.size(); ++i) {
    far += std::abs(double(f[i]) - w[i]) > 0.5 * step ? 1 : 0;
    spread = std::max(spread, std::abs(double(w[i])));
    EXPECT_NEAR(f[i], w[i], 1.01 * step) << "element " << i;
  }
  EXPECT_LE(far, 0.05 * double(w.size()) + 1);  // ties only
  EXPECT_GT(spread, 5 * step);                  // or the comparison says nothing
}

void convolutionalNetwork(QdqModel& m) {
  m.model.input("x", {1, 3, 8, 8}).output("out");
  const std::string x = m.qdq("x", 0.01f, 3);
  const std::string a = m.qdq(m.node("Relu", {m.conv(x, {8, 3, 3, 3}, 0.01f, 1)}), 0.02f, -128);
  const std::string b = m.qdq(m.conv(a, {8, 1, 3, 3}, 0.02f, 2, {1, 1, 1, 1}, 8), 0.02f, 5);
  const std::string sum = m.qdq(m.node("Relu", {m.node("Add", {a, b})}), 0.03f, -128);
  auto& pool = m.model.node("MaxPool", {sum}, {"pool"}, "pool");
  setInts(pool, "kernel_shape", {2, 2});
  setInts(pool, "strides", {2, 2});
  const std::string pooled = m.qdq("pool", 0.03f, -128);  // the same parameters
  const std::string both = m.fresh("y");
  setInt(m.model.node("Concat", {pooled, pooled}, {both}), "axis", 1);
  const std::string wide = m.qdq(both, 0.04f, -120);
  const std::string mean = m.qdq(m.node("GlobalAveragePool", {wide}), 0.02f, -110);
  const std::string flat = m.qdq(m.node("Flatten", {mean}), 0.02f, -110);
  std::vector<float> scales;
  const std::string w = m.weights({5, 16}, 3, scales);
  const std::string y = m.fresh("y");
  setInt(m.model.node("Gemm", {flat, w, m.bias(scales, 0.02f)}, {y}), "transB", 1);
  m.model.node("Identity", {m.qdq(y, 0.01f, 0)}, {"out"});
}

TEST(OnnxInt8, ConvolutionalNetwork) {
  for (const int type : {TensorProto::INT8, TensorProto::UINT8}) {
    QdqModel m(type);
    convolutionalNetwork(m);
    EXPECT_EQ(layersOf(m.model),
              "Quantize:s8 Transpose:s8 Conv:s8 Conv:s8 Add:s8 MaxPool:s8 Requantize:s8 Concat:s8 "
              "ReduceMean:s8 Reshape:s8 FullyConnected:s8 Dequantize:f32");
    expectWithin(m.model, {tensorOf("x", {1, 3, 8, 8}, randomFloats(192, 1))}, 0.01f);
  }
}

// With every layer back in float the model is the one without quantized activations, but for s32 biases.
TEST(OnnxInt8, PinnedLayersComputeInFloat) {
  for (const int type : {TensorProto::INT8, TensorProto::UINT8}) {
    QdqModel quantized(type), plain(type, false);
    convolutionalNetwork(quantized);
    convolutionalNetwork(plain);
    Session session = Session::create(quantized.model.import({}).value(), {.threads = 1}).value();
    std::vector<std::string> layers;
    for (const LayerPlacement& layer : session.placement().layers) layers.push_back(layer.layer);
    for (const std::string& layer : layers) ASSERT_TRUE(session.setLayerBackend(layer, "cpu-float").ok());
    EXPECT_TRUE(session.placement().transfers.empty());
    const Floats x = randomFloats(192, 1);
    std::copy(x.begin(), x.end(), session.input(0)->as<float>()->begin());
    ASSERT_TRUE(session.run().ok());
    const auto found = session.output(0)->as<float>().value();
    const auto wanted = runModel(plain.model, {tensorOf("x", {1, 3, 8, 8}, x)});
    ASSERT_EQ(wanted.size(), 1u);
    const Floats w = valuesOf<float>(wanted[0]);
    ASSERT_EQ(found.size(), w.size());
    for (size_t i = 0; i < w.size(); ++i) EXPECT_NEAR(found[i], w[i], 1e-4) << "element " << i;
  }
}

// The float layers of the model stay between their Dequantize and Quantize layers.
TEST(OnnxInt8, WhatHasNoInt8FormStaysFloat) {
  QdqModel m;
  m.model.input("x", {1, 3, 4, 4}).output("out");
  const std::string x = m.qdq("x", 0.01f, 0);
  const std::string swish = m.qdq(m.node("HardSwish", {m.conv(x, {4, 3, 3, 3}, 0.01f, 1)}), 0.02f, -100);
  const std::string root = m.qdq(m.node("Sqrt", {swish}), 0.01f, -128);
  const std::string after = m.qdq(m.node("Sigmoid", {m.qdq(m.conv(root, {4, 4, 3, 3}, 0.01f, 2), 0.02f, 0)}), 1 / 256.0f, -128);
  m.model.node("Identity", {after}, {"out"});
  m.model.proto().mutable_opset_import(0)->set_version(14);
  EXPECT_EQ(layersOf(m.model),
            "Quantize:s8 Transpose:s8 Dequantize:f32 Conv:f32 Quantize:s8 Dequantize:f32 Sqrt:f32 Quantize:s8 "
            "Conv:s8 Sigmoid:s8 Transpose:s8 Dequantize:f32");
}

// The weights of the model's one FullyConnected layer, which were `values` around `zero`.
template <class T>
Tensor loweredWeights(int type, const std::vector<T>& values, T zero) {
  QdqModel m;
  m.model.input("x", {1, 2}).output("out");
  const std::string d = m.fresh("w");
  m.model.node("DequantizeLinear", {m.raw<T>(type, {3, 2}, values), m.scale(0.5f), m.raw<T>(type, {}, {zero})}, {d});
  const std::string y = m.fresh("y");
  setInt(m.model.node("Gemm", {m.qdq("x", 0.01f, 0), d}, {y}), "transB", 1);
  m.model.node("Identity", {m.qdq(y, 0.5f, 0)}, {"out"});
  EXPECT_EQ(layersOf(m.model), "Quantize:s8 FullyConnected:s8 Dequantize:f32");
  expectWithin(m.model, {tensorOf("x", {1, 2}, Floats{0.5f, -0.7f})}, 0.5f);
  const Result<Model> model = m.model.import({});
  if (!model.ok()) return {};
  const Graph& graph = model->data().graph;
  return graph.tensor(graph.layers[1].inputs[1]);
}

// The zero point is taken out of the integers where they then fit.
TEST(OnnxInt8, AsymmetricWeights) {
  const auto integers = [](const Tensor& tensor) {
    const auto values = *tensor.constantView().as<int8_t>();
    return std::vector<int>(values.begin(), values.end());
  };
  Tensor w = loweredWeights<int8_t>(TensorProto::INT8, {1, 2, 3, 4, 5, -125}, 2);
  EXPECT_EQ(integers(w), (std::vector{-1, 0, 1, 2, 3, -127}));
  EXPECT_EQ(w.quant->zeroPoints[0], 0);
  w = loweredWeights<int8_t>(TensorProto::INT8, {1, 2, 3, 4, 5, -126}, 2);
  EXPECT_EQ(integers(w), (std::vector{1, 2, 3, 4, 5, -126}));
  EXPECT_EQ(w.quant->zeroPoints[0], 2);
  w = loweredWeights<uint8_t>(TensorProto::UINT8, {0, 1, 2, 3, 4, 254}, 127);
  EXPECT_EQ(integers(w), (std::vector{-127, -126, -125, -124, -123, 127}));
  EXPECT_EQ(w.quant->zeroPoints[0], 0);
  w = loweredWeights<uint8_t>(TensorProto::UINT8, {0, 1, 2, 3, 4, 255}, 127);
  EXPECT_EQ(integers(w), (std::vector{-128, -127, -126, -125, -124, 127}));
  EXPECT_EQ(w.quant->zeroPoints[0], -1);
  w = loweredWeights<uint8_t>(TensorProto::UINT8, {0, 1, 2, 3, 4, 255}, 128);
  EXPECT_EQ(integers(w), (std::vector{-128, -127, -126, -125, -124, 127}));
  EXPECT_EQ(w.quant->zeroPoints[0], 0);
}

// u8 weights around 128 are symmetric; a matrix of them is transposed; a float bias becomes integers.
TEST(OnnxInt8, UnsignedWeightsOfAMatMul) {
  QdqModel m(TensorProto::UINT8);
  m.model.input("x", {-1, 4}).output("out");
  std::vector<uint8_t> values(12);
  for (size_t i = 0; i < values.size(); ++i) values[i] = static_cast<uint8_t>(40 + 17 * i);
  const std::string d = m.fresh("w");
  const std::string scales = m.fresh("s");
  m.model.initializer(scales, {3}, {0.01f, 0.02f, 0.03f});
  setInt(m.model.node("DequantizeLinear", {m.raw(TensorProto::UINT8, {4, 3}, values), scales,
                                           m.raw<uint8_t>(TensorProto::UINT8, {3}, {128, 128, 128})}, {d}), "axis", 1);
  const std::string y = m.node("MatMul", {m.qdq("x", 0.01f, 0), d});
  m.model.node("Identity", {m.qdq(y, 0.02f, 3)}, {"out"});
  EXPECT_EQ(layersOf(m.model), "Quantize:s8 FullyConnected:s8 Dequantize:f32");
  expectWithin(m.model, {tensorOf("x", {1, 4}, Floats{0.5f, -0.7f, 1.1f, -0.2f})}, 0.02f);
}

// Conv + Add without a Quantize between, in a model whose batch is open: fused once the batch is known.
TEST(OnnxInt8, ResidualOfOneStep) {
  QdqModel m;
  m.model.input("x", {-1, 4, 5, 5}).output("out");
  const std::string x = m.qdq("x", 0.01f, 3);
  const std::string sum = m.node("Relu", {m.node("Add", {m.conv(x, {4, 4, 3, 3}, 0.01f, 5), x})});
  m.model.node("Identity", {m.qdq(sum, 0.02f, -128)}, {"out"});
  EXPECT_EQ(layersOf(m.model), "Quantize:s8 Transpose:s8 Conv:s8 Transpose:s8 Dequantize:f32");
  expectWithin(m.model, {tensorOf("x", {1, 4, 5, 5}, randomFloats(100, 2))}, 0.02f);
}

// Views, padding and pools between Dequantize and a layer move bytes.
TEST(OnnxInt8, MovesBytes) {
  QdqModel m;
  m.model.input("x", {1, 6, 4}).output("out");
  const std::string x = m.qdq("x", 0.01f, 3);
  m.model.ints("pads", {0, 0, 1, 0, 0, 2}).ints("shape", {1, 3, 2, 7});
  m.model.node("Pad", {x, "pads"}, {"padded"});
  m.model.node("Reshape", {"padded", "shape"}, {"shaped"});
  const std::string y = m.conv("shaped", {2, 3, 1, 1}, 0.01f, 6, {0, 0, 0, 0});
  m.model.node("Identity", {m.qdq(y, 0.01f, 0)}, {"out"});
  EXPECT_EQ(layersOf(m.model),
            "Quantize:s8 Pad:s8 Reshape:s8 Transpose:s8 Conv:s8 Transpose:s8 Dequantize:f32");
  expectWithin(m.model, {tensorOf("x", {1, 6, 4}, randomFloats(24, 3))}, 0.01f);
}

// Inputs and outputs of the model keep their dtype.
TEST(OnnxInt8, UnsignedInputAndOutput) {
  OnnxModel model(13);
  model.input("a", {2, 3}, TensorProto::UINT8).output("y");
  model.initializer("sa", {}, {0.02f}).initializer("sb", {}, {0.01f}).initializer("sy", {}, {0.03f});
  const auto raw = [&](const char* name, int type, const Dims& dims, std::vector<uint8_t> values) {
    auto* tensor = model.graph().add_initializer();
    tensor->set_name(name);
    tensor->set_data_type(type);
    for (const int64_t dim : dims) tensor->add_dims(dim);
    tensor->set_raw_data(values.data(), values.size());
  };
  raw("za", TensorProto::UINT8, {}, {100});
  raw("zb", TensorProto::INT8, {}, {0});
  raw("zy", TensorProto::UINT8, {}, {128});
  raw("b", TensorProto::INT8, {3, 2}, {1, 0xff, 20, 100, 0x90, 7});
  model.node("QLinearMatMul", {"a", "sa", "za", "b", "sb", "zb", "sy", "zy"}, {"y"});
  EXPECT_EQ(layersOf(model), "Identity:u8 Requantize:s8 FullyConnected:s8 Requantize:u8");
  const auto outputs = runModel(model, {tensorOf<uint8_t>("a", {2, 3}, {0, 255, 100, 101, 7, 200})});
  ASSERT_EQ(outputs.size(), 1u);
  // ((0−100)·1 + (255−100)·20)·0.02·0.01/0.03 + 128 = 148; (−100·−1 + 155·100)/150 = 104 → 232; …
  EXPECT_EQ(valuesOf<uint8_t>(outputs[0]), (std::vector<uint8_t>{148, 232, 41, 71}));
}

}  // namespace
}  // namespace qrt::test
