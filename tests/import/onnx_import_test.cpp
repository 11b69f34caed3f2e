// How a graph looks after import: names, constants, options, and what is folded on the way.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "base/error.h"
#include "graph/model_data.h"
#include "import/onnx_models.h"

namespace qrt::test {
namespace {

using ::onnx::TensorProto;

const Graph& graphOf(const Result<Model>& model) { return model->data().graph; }

const Layer* layerNamed(const Graph& graph, std::string_view name) {
  for (const Layer& layer : graph.layers) {
    if (layer.name == name) return &layer;
  }
  return nullptr;
}

const Tensor* tensorNamed(const Graph& graph, std::string_view name) {
  for (const Tensor& tensor : graph.tensors) {
    if (tensor.name == name) return &tensor;
  }
  return nullptr;
}

OnnxModel convModel() {
  OnnxModel model;
  model.input("x", {1, 2, 4, 4}).output("y");
  model.initializer("w", {3, 2, 1, 1}, {1, 2, 3, 4, 5, 6});
  model.node("Conv", {"x", "w"}, {"y"}, "conv");
  return model;
}

#define ASSERT_OK(result) ASSERT_TRUE((result).ok()) << (result).status().message()

TEST(OnnxImport, ConvStandsBetweenTransposes) {
  const auto model = convModel().import();
  ASSERT_OK(model);
  EXPECT_EQ(opsOf(*model), "Transpose Conv Transpose");
  const std::vector<LayerInfo> layers = model->layers();
  EXPECT_EQ(layers[0].name, "conv/nhwc");
  EXPECT_EQ(layers[1].name, "conv");
  EXPECT_EQ(layers[2].name, "conv/nchw");
  EXPECT_EQ(layers[2].outputs, std::vector<std::string>{"y"});
  EXPECT_EQ(model->inputs()[0].shape, (Shape{1, 2, 4, 4}));
  EXPECT_EQ(model->outputs()[0].shape, (Shape{1, 3, 4, 4}));
  const Tensor& weights = graphOf(model).tensor(graphOf(model).layers[1].inputs[1]);
  EXPECT_EQ(weights.shape, (Shape{3, 1, 1, 2}));
  EXPECT_TRUE(weights.isConstant());
  // The original layout of the weights is not kept.
  EXPECT_EQ(tensorNamed(graphOf(model), "w"), nullptr);
}

TEST(OnnxImport, LayerNames) {
  OnnxModel model;
  model.input("x", {2}).output("d").output("e");
  model.node("Relu", {"x"}, {"a"}, "same");
  model.node("Neg", {"a"}, {"b"}, "same");
  model.node("Abs", {"b"}, {"c"});
  model.node("Exp", {"c"}, {"d"}, "e");
  model.node("Log", {"c"}, {"e"});
  const auto imported = model.import();
  ASSERT_OK(imported);
  std::vector<std::string> names;
  for (const LayerInfo& layer : imported->layers()) names.push_back(layer.name);
  // Unique names stay; the others are named after their first output, with a suffix if need be.
  EXPECT_EQ(names, (std::vector<std::string>{"a", "b", "c", "e", "e_1"}));
}

TEST(OnnxImport, HelpersDoNotTakeNamesOfTheModel) {
  OnnxModel model = convModel();
  model.node("Relu", {"y"}, {"conv/nhwc"}, "conv/nchw");
  model.output("conv/nhwc");
  const auto imported = model.import();
  ASSERT_OK(imported);
  EXPECT_EQ(layerNamed(graphOf(imported), "conv/nchw")->op, OpType::Relu);
  EXPECT_EQ(imported->outputs()[1].name, "conv/nhwc");
  EXPECT_EQ(imported->outputs()[1].shape, (Shape{1, 3, 4, 4}));
}

TEST(OnnxImport, InitializersAmongTheInputsAreConstants) {
  OnnxModel model = convModel();
  model.proto().set_ir_version(3);
  model.input("w", {3, 2, 1, 1});
  const auto imported = model.import();
  ASSERT_OK(imported);
  ASSERT_EQ(imported->inputs().size(), 1u);
  EXPECT_EQ(imported->inputs()[0].name, "x");
}

TEST(OnnxImport, SymbolicDimsStayUnknown) {
  OnnxModel model;
  model.input("x", {-1, 3}).output("y").node("Relu", {"x"}, {"y"});
  const auto imported = model.import();
  ASSERT_OK(imported);
  EXPECT_EQ(imported->inputs()[0].shape, (Shape{Shape::kUnknown, 3}));
  EXPECT_EQ(imported->outputs()[0].shape, (Shape{Shape::kUnknown, 3}));
  const auto given = model.import({.inputShapes = {{"x", Shape{5, 3}}}, .optimize = false});
  ASSERT_OK(given);
  EXPECT_EQ(given->outputs()[0].shape, (Shape{5, 3}));
}

TEST(OnnxImport, FrozenInputBecomesAConstant) {
  OnnxModel model;
  model.input("x", {2, 3}).input("shape", {2}, TensorProto::INT64).output("y");
  model.node("Reshape", {"x", "shape"}, {"y"});
  const int64_t shape[] = {3, -1};
  const auto bytes = std::as_bytes(std::span(shape));
  const auto imported =
      model.import({.freeze = {{"shape", {DType::s64, Shape{2}, {bytes.begin(), bytes.end()}}}},
                    .optimize = false});
  ASSERT_OK(imported);
  EXPECT_EQ(imported->inputs().size(), 1u);
  EXPECT_EQ(imported->outputs()[0].shape, (Shape{3, 2}));
}

TEST(OnnxImport, ShapeArithmeticIsFolded) {
  // reshape(x, concat(shape(x)[0], [-1])), as exporters write flatten.
  OnnxModel model;
  model.input("x", {2, 3, 4}).output("y").ints("zero", {0}).ints("rest", {-1});
  model.node("Shape", {"x"}, {"shape"});
  model.node("Gather", {"shape", "zero"}, {"batch"});
  setInt(model.node("Concat", {"batch", "rest"}, {"wanted"}), "axis", 0);
  model.node("Reshape", {"x", "wanted"}, {"y"});
  const auto imported = model.import();
  ASSERT_OK(imported);
  EXPECT_EQ(opsOf(*imported), "Reshape");
  EXPECT_EQ(imported->outputs()[0].shape, (Shape{2, 12}));
}

TEST(OnnxImport, ShapeArithmeticOfAnUnknownBatchStays) {
  OnnxModel model;
  model.input("x", {-1, 3, 4}).output("y").ints("zero", {0}).ints("rest", {-1});
  model.node("Shape", {"x"}, {"shape"});
  model.node("Gather", {"shape", "zero"}, {"batch"});
  setInt(model.node("Concat", {"batch", "rest"}, {"wanted"}), "axis", 0);
  model.node("Reshape", {"x", "wanted"}, {"y"});
  const auto imported = model.import();
  ASSERT_OK(imported);
  EXPECT_EQ(opsOf(*imported), "Shape Gather Concat Reshape");
  EXPECT_EQ(imported->outputs()[0].shape.rank(), 2);
}

TEST(OnnxImport, ConstantNodes) {
  OnnxModel model;
  model.node("Constant", {}, {"f"}).add_attribute();
  auto* f = model.graph().mutable_node(0)->mutable_attribute(0);
  f->set_name("value_float");
  f->set_type(::onnx::AttributeProto::FLOAT);
  f->set_f(2.5f);
  setInts(model.node("Constant", {}, {"i"}), "value_ints", {7, 8, 9});
  setInt(model.node("Constant", {}, {"n"}), "value_int", -4);
  model.node("Constant", {}, {"fs"}).add_attribute();
  auto* fs = model.graph().mutable_node(3)->mutable_attribute(0);
  fs->set_name("value_floats");
  fs->set_type(::onnx::AttributeProto::FLOATS);
  fs->add_floats(1);
  fs->add_floats(2);
  for (const char* name : {"f", "i", "n", "fs"}) model.output(name);
  const auto imported = model.import();
  ASSERT_OK(imported);
  EXPECT_EQ(imported->outputs()[0].shape, Shape());
  EXPECT_EQ(imported->outputs()[1].shape, Shape{3});
  EXPECT_EQ(imported->outputs()[1].dtype, DType::s64);
  EXPECT_EQ(imported->outputs()[2].shape, Shape());
  EXPECT_EQ(imported->outputs()[3].shape, Shape{2});
  // A layer makes every output, also one that is constant.
  const Graph& graph = graphOf(imported);
  EXPECT_EQ(opsOf(*imported), "Identity Identity Identity Identity");
  EXPECT_EQ(*constantInts(graph, graph.layers[1].inputs[0]), (std::vector<int64_t>{7, 8, 9}));
  EXPECT_EQ((*graph.tensor(graph.layers[0].inputs[0]).constantView().as<float>())[0], 2.5f);
}

TEST(OnnxImport, StringConstantIsRefused) {
  OnnxModel model;
  setString(model.node("Constant", {}, {"s"}), "value_string", "text");
  model.output("s");
  const auto imported = model.import();
  ASSERT_FALSE(imported.ok());
  EXPECT_EQ(imported.status().code(), StatusCode::unsupported);
}

// Every way to store elements, against the bytes that must come out.
struct Stored {
  int type;
  DType dtype;
  std::vector<uint8_t> bytes;  // of the two elements 1 and 2 (true and true)
};

TEST(OnnxImport, TensorsOfEveryTypeRawAndTyped) {
  const Stored all[] = {
      {TensorProto::FLOAT, DType::f32, {0, 0, 0x80, 0x3f, 0, 0, 0, 0x40}},
      {TensorProto::DOUBLE, DType::f64, {0, 0, 0, 0, 0, 0, 0xf0, 0x3f, 0, 0, 0, 0, 0, 0, 0, 0x40}},
      {TensorProto::FLOAT16, DType::f16, {0, 0x3c, 0, 0x40}},
      {TensorProto::BFLOAT16, DType::bf16, {0x80, 0x3f, 0, 0x40}},
      {TensorProto::INT8, DType::s8, {1, 2}},
      {TensorProto::UINT8, DType::u8, {1, 2}},
      {TensorProto::INT16, DType::s16, {1, 0, 2, 0}},
      {TensorProto::UINT16, DType::u16, {1, 0, 2, 0}},
      {TensorProto::INT32, DType::s32, {1, 0, 0, 0, 2, 0, 0, 0}},
      {TensorProto::UINT32, DType::u32, {1, 0, 0, 0, 2, 0, 0, 0}},
      {TensorProto::INT64, DType::s64, {1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0}},
      {TensorProto::UINT64, DType::u64, {1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0}},
      {TensorProto::BOOL, DType::boolean, {1, 1}},
  };
  for (const Stored& stored : all) {
    for (const bool raw : {true, false}) {
      SCOPED_TRACE(concat(dtypeName(stored.dtype), raw ? " raw" : " typed"));
      OnnxModel model;
      auto* tensor = model.graph().add_initializer();
      tensor->set_name("c");
      tensor->set_data_type(stored.type);
      tensor->add_dims(2);
      for (const int value : {1, 2}) {
        if (raw) break;
        switch (stored.dtype) {
          case DType::f32:
            tensor->add_float_data(static_cast<float>(value));
            break;
          case DType::f64:
            tensor->add_double_data(value);
            break;
          case DType::s64:
            tensor->add_int64_data(value);
            break;
          case DType::u32:
          case DType::u64:
            tensor->add_uint64_data(static_cast<uint64_t>(value));
            break;
          case DType::f16:
            tensor->add_int32_data(value == 1 ? 0x3c00 : 0x4000);
            break;
          case DType::bf16:
            tensor->add_int32_data(value == 1 ? 0x3f80 : 0x4000);
            break;
          default:
            tensor->add_int32_data(value);
        }
      }
      if (raw) tensor->set_raw_data(stored.bytes.data(), stored.bytes.size());
      if (raw && stored.dtype == DType::boolean) tensor->set_raw_data(std::string("\x01\xff"));
      model.node("Identity", {"c"}, {"y"});
      model.output("y");
      const auto imported = model.import();
      ASSERT_OK(imported);
      const Graph& graph = graphOf(imported);
      const Tensor& constant = graph.tensor(graph.layers[0].inputs[0]);
      EXPECT_EQ(constant.dtype, stored.dtype);
      ASSERT_TRUE(constant.isConstant());
      const auto* bytes = reinterpret_cast<const uint8_t*>(constant.constant->bytes.data());
      EXPECT_EQ(std::vector<uint8_t>(bytes, bytes + constant.constant->bytes.size()), stored.bytes);
    }
  }
}

TEST(OnnxImport, NanWeightsAreData) {
  OnnxModel model = convModel();
  model.graph().mutable_initializer(0)->set_float_data(2, std::numeric_limits<float>::quiet_NaN());
  const auto imported = model.import();
  ASSERT_OK(imported);
  const Graph& graph = graphOf(imported);
  const auto weights = *graph.tensor(graph.layers[1].inputs[1]).constantView().as<float>();
  EXPECT_TRUE(std::isnan(weights[2]));
}

TEST(OnnxImport, InputAndConstantAsOutputs) {
  OnnxModel model;
  model.input("x", {2}).initializer("c", {1}, {3}).output("x").output("c");
  const auto imported = model.import();
  ASSERT_OK(imported);
  EXPECT_EQ(imported->outputs()[1].name, "c");
  EXPECT_EQ(opsOf(*imported), "Identity Identity");
}

TEST(OnnxImport, Metadata) {
  OnnxModel model = convModel();
  model.proto().set_producer_name("pytorch");
  model.proto().set_producer_version("2.1");
  auto* entry = model.proto().add_metadata_props();
  entry->set_key("labels");
  entry->set_value("cat\ndog");
  const auto imported = model.import();
  ASSERT_OK(imported);
  EXPECT_EQ(imported->name(), "test");
  EXPECT_EQ(imported->metadata().at("producer"), "pytorch 2.1");
  EXPECT_EQ(imported->metadata().at("labels"), "cat\ndog");
}

// A quantized weight stays quantized, in our layout, with its scales along the output channels.
TEST(OnnxImport, QuantizedWeightsKeepTheirScales) {
  OnnxModel model = convModel();
  auto* weights = model.graph().mutable_initializer(0);
  weights->set_name("q");
  weights->set_data_type(TensorProto::INT8);
  weights->clear_float_data();
  for (const int value : {1, 2, 3, 4, 5, 6}) weights->add_int32_data(value);
  model.initializer("scale", {3}, {0.5f, 0.25f, 2});
  // The node that dequantizes goes before the one that convolves.
  ::onnx::NodeProto conv = model.graph().node(0);
  model.graph().clear_node();
  setInt(model.node("DequantizeLinear", {"q", "scale"}, {"w"}), "axis", 0);
  *model.graph().add_node() = conv;
  const auto imported = model.import();
  ASSERT_OK(imported);
  const Graph& graph = graphOf(imported);
  const Layer* layer = layerNamed(graph, "conv");
  ASSERT_NE(layer, nullptr);
  const Layer& dequantize =
      graph.layers[static_cast<size_t>(graph.producers()[static_cast<size_t>(layer->inputs[1])])];
  EXPECT_EQ(dequantize.op, OpType::Dequantize);
  const Tensor& q = graph.tensor(dequantize.inputs[0]);
  EXPECT_EQ(q.dtype, DType::s8);
  EXPECT_EQ(q.shape, (Shape{3, 1, 1, 2}));
  ASSERT_TRUE(q.quant.has_value());
  EXPECT_EQ(q.quant->axis, 0);
  EXPECT_EQ(q.quant->scales, (std::vector<float>{0.5f, 0.25f, 2}));
}

TEST(OnnxImport, ScaleMustBeAConstant) {
  OnnxModel model;
  model.input("x", {4}).input("s", {}).output("y");
  model.node("QuantizeLinear", {"x", "s"}, {"y"}, "quantize");
  const auto imported = model.import();
  ASSERT_FALSE(imported.ok());
  EXPECT_NE(imported.status().message().find("scale must be a constant"), std::string::npos)
      << imported.status().message();
}

}  // namespace
}  // namespace qrt::test
