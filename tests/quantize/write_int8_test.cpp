// The structure of int8 graphs: which layers are int8, which parameters tensors get, where Quantize,
// Dequantize and Requantize layers stand. Numbers are tested in quantize_test.cpp.
#include "quantize/write_int8.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "quantize/activation_params.h"
#include "quantize/precision.h"
#include "support/graph_builder.h"
#include "support/one_op.h"

namespace qrt::test {
namespace {

// Decides and writes; ranges by tensor name, 0 … 255/16 where none is given.
class Int8Structure : public ::testing::Test {
 protected:
  GraphBuilder net;
  Recipe recipe;
  std::map<std::string, ClipRange> ranges;

  Result<Graph> write() {
    Graph graph = net.graph;
    QRT_RETURN_IF_ERROR(validate(graph));
    QRT_RETURN_IF_ERROR(inferShapes(graph));
    for (const Layer& layer : graph.layers) recipe.layers.try_emplace(layer.name);
    const std::vector<bool> int8 = chooseInt8Layers(graph, recipe);
    Int8Plan plan;
    for (size_t i = 0; i < int8.size(); ++i) {
      plan.recipes.push_back(int8[i] ? &recipe.layers.at(graph.layers[i].name) : nullptr);
    }
    QRT_ASSIGN_OR_RETURN(plan.params,
                         chooseActivationParams(graph, plan.recipes,
                                                [&](const Tensor& tensor, const auto&) {
                                                  const auto found = ranges.find(tensor.name);
                                                  return found == ranges.end() ? ClipRange{0, 255. / 16}
                                                                               : found->second;
                                                }));
    QRT_ASSIGN_OR_RETURN(Graph written, writeInt8(graph, plan));
    QRT_RETURN_IF_ERROR(validate(written));
    return written;
  }

  // "Quantize Conv_0:s8 Dequantize": every layer, int8 ones marked.
  std::string layersOf(const Result<Graph>& graph) {
    if (!graph.ok()) return graph.status().message();
    std::string text;
    for (const Layer& layer : graph->layers) {
      if (!text.empty()) text += ' ';
      const bool conversion = layer.op == OpType::Quantize || layer.op == OpType::Dequantize ||
                              layer.op == OpType::Requantize;
      text += conversion ? std::string(opName(layer.op)) : layer.name;
      if (!conversion && graph->tensor(layer.outputs[0]).dtype == DType::s8) text += ":s8";
    }
    return text;
  }

  static const Layer& layerOf(const Graph& graph, const std::string& name) {
    for (const Layer& layer : graph.layers) {
      if (layer.name == name) return layer;
    }
    ADD_FAILURE() << "no layer " << name;
    return graph.layers[0];
  }
  static QuantParams quantOf(const Graph& graph, TensorId id) { return *graph.tensor(id).quant; }
};

TEST_F(Int8Structure, ConvertsAtInputsAndOutputsOnly) {
  TensorId x = net.conv(net.input("x", {1, 8, 8, 3}), 3, 4, 3);
  x = net.conv(x, 4, 4, 3, 1, 0);
  net.output(net.add(OpType::Add, {x, net.conv(x, 4, 4, 1)}));
  const std::string outputName = net.graph.tensor(net.graph.outputs[0]).name;
  const auto graph = write();
  ASSERT_EQ(layersOf(graph), "Quantize Conv_0:s8 Conv_1:s8 Conv_2:s8 Add_3:s8 Dequantize");
  EXPECT_EQ(graph->tensor(graph->inputs[0]).name, "x");
  EXPECT_EQ(graph->tensor(graph->inputs[0]).dtype, DType::f32);
  EXPECT_EQ(graph->tensor(graph->outputs[0]).name, outputName);
  EXPECT_EQ(graph->tensor(graph->outputs[0]).dtype, DType::f32);
  const Layer& conv = layerOf(*graph, "Conv_0");
  EXPECT_EQ(graph->tensor(conv.inputs[1]).dtype, DType::s8);
  EXPECT_EQ(graph->tensor(conv.inputs[2]).dtype, DType::s32);
  EXPECT_EQ(quantOf(*graph, conv.inputs[1]).axis, 0);
  EXPECT_EQ(quantOf(*graph, conv.inputs[1]).scales.size(), 4u);
  for (size_t c = 0; c < 4; ++c) {
    EXPECT_FLOAT_EQ(quantOf(*graph, conv.inputs[2]).scales[c],
                    quantOf(*graph, conv.inputs[1]).scales[c] / 16);
  }
}

TEST_F(Int8Structure, WritesWeightsAndBiasByHand) {
  ConvAttrs attrs;
  const TensorId x = net.input("x", {1, 1, 1, 2});
  net.output(net.add(OpType::Conv, attrs,
                     {x, net.constant<float>({2, 1, 1, 2}, {1, -0.5f, 0.25f, 127}),
                      net.constant<float>({2}, {3, -1})}));
  ranges["x"] = {-128. / 32, 127. / 32};
  const auto graph = write();
  ASSERT_TRUE(graph.ok()) << graph.status().message();
  const Layer& conv = layerOf(*graph, "Conv_0");
  const auto weights = *graph->tensor(conv.inputs[1]).constantView().as<int8_t>();
  EXPECT_EQ(std::vector<int8_t>(weights.begin(), weights.end()),
            (std::vector<int8_t>{127, -64, 0, 127}));  // −63.5 goes to the even −64
  const auto bias = *graph->tensor(conv.inputs[2]).constantView().as<int32_t>();
  EXPECT_EQ(bias[0], 3 * 32 * 127);
  EXPECT_EQ(bias[1], -32);
  EXPECT_EQ(quantOf(*graph, conv.inputs[0]), (QuantParams{{1.f / 32}, {0}, -1}));
}

TEST_F(Int8Structure, FloatLayersStandBetweenConversions) {
  TensorId x = net.conv(net.input("x", {1, 8, 8, 3}), 3, 4, 3);
  x = net.conv(x, 4, 4, 3);
  net.output(net.conv(x, 4, 4, 3));
  recipe.layers["Conv_1"].quantEnable = false;
  EXPECT_EQ(layersOf(write()),
            "Quantize Conv_0:s8 Dequantize Conv_1 Quantize Conv_2:s8 Dequantize");
  recipe.layers["Conv_0"].quantEnable = false;  // neighbours exchange f32
  EXPECT_EQ(layersOf(write()), "Conv_0 Conv_1 Quantize Conv_2:s8 Dequantize");
  recipe.layers.clear();
  recipe.skipLayers = {"Conv_0"};
  EXPECT_EQ(layersOf(write()), "Conv_0 Quantize Conv_1:s8 Conv_2:s8 Dequantize");
  recipe.skipLayers.clear();
  recipe.skipLayerTypes = {"Conv"};
  EXPECT_EQ(layersOf(write()), "Conv_0 Conv_1 Conv_2");
}

TEST_F(Int8Structure, LayersWithoutWeightsAreInt8WhereItSavesConversions) {
  const TensorId x = net.input("x", {1, 8, 8, 3});
  const TensorId a = net.conv(x, 3, 4, 3);
  const TensorId b = net.conv(x, 3, 4, 3);
  TensorId sum = net.add(OpType::Add, {a, b});
  PoolAttrs pool;
  pool.kernel = pool.strides = {2, 2};
  sum = net.add(OpType::MaxPool, pool, {sum});
  net.output(sum);
  EXPECT_EQ(layersOf(write()), "Quantize Conv_0:s8 Conv_1:s8 Add_2:s8 MaxPool_3:s8 Dequantize");
  recipe.skipLayers = {"Conv_0", "Conv_1"};
  EXPECT_EQ(layersOf(write()), "Conv_0 Conv_1 Add_2 MaxPool_3");
}

TEST_F(Int8Structure, AFunctionBeforeAFloatOutputKeepsItsPrecision) {
  TensorId x = net.conv(net.input("x", {1, 1, 1, 3}), 3, 4, 1);
  x = net.add(OpType::Softmax, AxisAttrs{3}, {x});
  net.output(x);
  EXPECT_EQ(layersOf(write()), "Quantize Conv_0:s8 Dequantize Softmax_1");
}

TEST_F(Int8Structure, FunctionsOfKnownRangeHaveFixedParameters) {
  TensorId x = net.conv(net.input("x", {1, 4, 4, 3}), 3, 4, 1);
  const TensorId gate = net.add(OpType::Sigmoid, {x});
  x = net.add(OpType::Mul, {x, gate});
  net.output(net.conv(net.add(OpType::Tanh, {x}), 4, 2, 1));
  const auto graph = write();
  ASSERT_EQ(layersOf(graph),
            "Quantize Conv_0:s8 Sigmoid_1:s8 Mul_2:s8 Tanh_3:s8 Conv_4:s8 Dequantize");
  EXPECT_EQ(quantOf(*graph, layerOf(*graph, "Sigmoid_1").outputs[0]),
            (QuantParams{{1.f / 256}, {-128}, -1}));
  EXPECT_EQ(quantOf(*graph, layerOf(*graph, "Tanh_3").outputs[0]),
            (QuantParams{{1.f / 128}, {0}, -1}));
}

TEST_F(Int8Structure, OpsWithoutAnInt8FormAndOtherTypesStayFloat) {
  TensorId x = net.conv(net.input("x", {1, 4, 4, 3}), 3, 4, 1);
  x = net.add(OpType::Sqrt, {x});
  x = net.conv(x, 4, 4, 1);
  ResizeAttrs cubic;
  cubic.mode = ResizeMode::cubic;
  x = net.add(OpType::Resize, cubic, {x, net.constant<float>({4}, {1, 2, 2, 1})});
  net.output(net.conv(x, 4, 4, 1));
  EXPECT_EQ(layersOf(write()),
            "Quantize Conv_0:s8 Dequantize Sqrt_1 Quantize Conv_2:s8 Dequantize Resize_3 Quantize "
            "Conv_4:s8 Dequantize");
}

TEST_F(Int8Structure, ViewsAndPoolsPassParametersOn) {
  const TensorId x = net.conv(net.input("x", {1, 4, 4, 3}), 3, 4, 1);
  PoolAttrs pool;
  pool.kernel = {2, 2};
  TensorId y = net.add(OpType::MaxPool, pool, {x});
  y = net.add(OpType::Transpose, TransposeAttrs{{0, 3, 1, 2}}, {y});
  ResizeAttrs linear;
  linear.mode = ResizeMode::linear;
  y = net.add(OpType::Resize, linear, {y, net.constant<float>({4}, {1, 1, 2, 2})});
  y = net.add(OpType::Reshape, {y, net.constant<int64_t>({2}, {1, -1})});
  net.output(net.add(OpType::FullyConnected, {y, net.weights({2, 4 * 36}, 1)}));
  ranges[net.graph.tensor(x).name] = {-1, 3};
  ranges[net.graph.tensor(y).name] = {-7, 7};  // not asked for
  const auto graph = write();
  ASSERT_EQ(layersOf(graph), "Quantize Conv_0:s8 MaxPool_1:s8 Transpose_2:s8 Resize_3:s8 "
                             "Reshape_4:s8 FullyConnected_5:s8 Dequantize");
  const QuantParams wanted = paramsForRange({-1, 3}, {});
  for (const char* name : {"Conv_0", "MaxPool_1", "Transpose_2", "Resize_3", "Reshape_4"}) {
    EXPECT_EQ(quantOf(*graph, layerOf(*graph, name).outputs[0]), wanted) << name;
  }
}

class ConcatStructure : public Int8Structure {
 protected:
  TensorId a = kNoTensor, b = kNoTensor;

  void build(bool othersReadB) {
    const TensorId x = net.input("x", {1, 4, 4, 3});
    a = net.conv(x, 3, 4, 1);
    b = net.conv(x, 3, 2, 1);
    const TensorId joined = net.add(OpType::Concat, AxisAttrs{3}, {a, b});
    net.output(net.conv(joined, 6, 2, 1));
    if (othersReadB) net.output(net.conv(b, 2, 2, 1));
    ranges[net.graph.tensor(a).name] = {0, 8};
  }
  void setB(double low, double high) { ranges[net.graph.tensor(b).name] = {low, high}; }
};

TEST_F(ConcatStructure, SharesOneRange) {
  build(true);
  setB(-2, 6);
  const auto graph = write();
  ASSERT_EQ(layersOf(graph), "Quantize Conv_0:s8 Conv_1:s8 Concat_2:s8 Conv_3:s8 Dequantize "
                             "Conv_4:s8 Dequantize");
  const QuantParams made = quantOf(*graph, layerOf(*graph, "Concat_2").outputs[0]);
  EXPECT_NEAR(made.scales[0] * 255, 10, 0.1);
  for (const char* name : {"Conv_0", "Conv_1"}) {
    EXPECT_EQ(quantOf(*graph, layerOf(*graph, name).outputs[0]), made);
  }
}

TEST_F(ConcatStructure, ANarrowInputThatOthersReadIsRequantized) {
  build(true);
  setB(0, 1);
  const auto graph = write();
  ASSERT_EQ(layersOf(graph), "Quantize Conv_0:s8 Conv_1:s8 Requantize Concat_2:s8 Conv_3:s8 "
                             "Dequantize Conv_4:s8 Dequantize");
  EXPECT_EQ(quantOf(*graph, layerOf(*graph, "Conv_1").outputs[0]), paramsForRange({0, 1}, {}));
  EXPECT_EQ(quantOf(*graph, layerOf(*graph, "Concat_2").outputs[0]), paramsForRange({0, 8}, {}));
}

TEST_F(ConcatStructure, ANarrowInputThatNobodyElseReadsIsNot) {
  build(false);
  setB(0, 1);
  EXPECT_EQ(layersOf(write()),
            "Quantize Conv_0:s8 Conv_1:s8 Concat_2:s8 Conv_3:s8 Dequantize");
}

TEST_F(ConcatStructure, AFloatInputIsQuantizedAsTheConcatNeedsIt) {
  build(false);
  setB(0, 1);
  recipe.skipLayers = {"Conv_1"};
  const auto graph = write();
  ASSERT_EQ(layersOf(graph),
            "Quantize Conv_0:s8 Conv_1 Quantize Concat_2:s8 Conv_3:s8 Dequantize");
}

TEST_F(Int8Structure, ConstantsOfAMoveTakeItsParameters) {
  TensorId x = net.conv(net.input("x", {1, 4, 4, 3}), 3, 4, 1);
  x = net.add(OpType::Pad, {x, net.constant<int64_t>({8}, {0, 1, 1, 0, 0, 1, 1, 0}),
                            net.constant<float>({1}, {-2})});
  net.output(net.conv(x, 4, 4, 1));
  const auto graph = write();
  ASSERT_EQ(layersOf(graph), "Quantize Conv_0:s8 Pad_1:s8 Conv_2:s8 Dequantize");
  const Layer& pad = layerOf(*graph, "Pad_1");
  const Tensor& value = graph->tensor(pad.inputs[2]);
  EXPECT_EQ(*value.quant, quantOf(*graph, pad.outputs[0]));
  EXPECT_EQ(*value.quant, quantOf(*graph, pad.inputs[0]));
  const int8_t integer = (*value.constantView().as<int8_t>())[0];
  EXPECT_NEAR((integer - value.quant->zeroPoints[0]) * value.quant->scales[0], -2, 0.04);
}

TEST_F(Int8Structure, RefusesWhatInt8CannotBe) {
  TensorId x = net.conv(net.input("x", {1, 4, 4, 3}), 3, 4, 1);
  net.output(x);
  std::vector<float> bad(12, 1);
  bad[5] = std::nanf("");
  const Tensor good = net.graph.tensor(net.graph.layers[0].inputs[1]);
  net.graph.tensor(net.graph.layers[0].inputs[1]).constant =
      ConstantData::copyOf(std::as_bytes(std::span(bad)));
  QRT_EXPECT_ERROR(write(), "layer 'Conv_0' (Conv): weight 5 is nan");
  net.graph.tensor(net.graph.layers[0].inputs[1]) = good;
  const std::vector<float> bias{1, HUGE_VALF, 1, 1};
  net.graph.tensor(net.graph.layers[0].inputs[2]).constant =
      ConstantData::copyOf(std::as_bytes(std::span(bias)));
  QRT_EXPECT_ERROR(write(), "layer 'Conv_0' (Conv): bias 1 is inf");
}

TEST_F(Int8Structure, RefusesSumsThatCouldOverflow) {
  constexpr int64_t kMost = 2147483647 / (255 * 127) - 1;
  const TensorId x = net.input("x", {1, kMost});
  net.output(net.add(OpType::FullyConnected, {x, net.weights({1, kMost}, 1)}));
  EXPECT_EQ(layersOf(write()), "Quantize FullyConnected_0:s8 Dequantize");
  GraphBuilder more;
  const TensorId y = more.input("x", {1, kMost + 1});
  more.output(more.add(OpType::FullyConnected, {y, more.weights({1, kMost + 1}, 1)}));
  net = more;
  QRT_EXPECT_ERROR(write(), "layer 'FullyConnected_0' (FullyConnected): it sums 66311 products, wanted at most 66310");
  recipe.skipLayerTypes = {"FullyConnected"};
  EXPECT_EQ(layersOf(write()), "FullyConnected_0");
}

TEST_F(Int8Structure, ALargeBiasMakesTheScaleOfItsChannelCoarser) {
  const TensorId x = net.input("x", {1, 2});
  net.output(net.add(OpType::FullyConnected, {x, net.constant<float>({3, 2}, {1e-9f, 0, 1, 2, 0, 0}),
                                              net.constant<float>({3}, {50, 50, -7})}));
  const auto graph = write();
  ASSERT_TRUE(graph.ok()) << graph.status().message();
  const Layer& layer = graph->layers[1];
  const auto bias = *graph->tensor(layer.inputs[2]).constantView().as<int32_t>();
  const QuantParams quant = quantOf(*graph, layer.inputs[2]);
  EXPECT_NEAR(bias[0] * double{quant.scales[0]}, 50, 1e-3);
  EXPECT_NEAR(bias[1] * double{quant.scales[1]}, 50, 1e-3);
  EXPECT_NEAR(bias[2] * double{quant.scales[2]}, -7, 1e-3);  // a channel of zeros
  for (const int32_t value : bias) {
    EXPECT_LT(std::abs(int64_t{value}) + 2 * 255 * 127, int64_t{1} << 31);
  }
  EXPECT_EQ(quantOf(*graph, layer.inputs[1]).scales[1], 2.f / 127);
}

}  // namespace
}  // namespace qrt::test
