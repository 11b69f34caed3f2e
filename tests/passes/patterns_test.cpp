// What is left of the patterns that image networks are made of: transposes, layers, attributes.
#include <gtest/gtest.h>

#include <algorithm>
#include <ctime>

#include "passes/passes.h"
#include "support/graph_builder.h"
#include "support/interpreter.h"
#include "support/values.h"

namespace qrt {
namespace {

// A graph as an importer makes it, channels first.
class Net : public test::GraphBuilder {
 public:
  TensorId transpose(TensorId x, std::vector<int64_t> perm) {
    return add(OpType::Transpose, TransposeAttrs{std::move(perm)}, {x});
  }
  TensorId toNhwc(TensorId x) { return transpose(x, {0, 2, 3, 1}); }
  TensorId toNchw(TensorId x) { return transpose(x, {0, 3, 1, 2}); }
  TensorId convNchw(TensorId x, int64_t ic, int64_t oc, int kernel = 3, int stride = 1,
                    int groups = 1) {
    return toNchw(conv(toNhwc(x), ic, oc, kernel, stride, groups));
  }
  TensorId ints(const std::vector<int64_t>& values) {
    return constant<int64_t>({static_cast<int64_t>(values.size())}, values);
  }
  TensorId scalar(float value) { return constant<float>({}, {value}); }
  TensorId reshape(TensorId x, const std::vector<int64_t>& dims) {
    return add(OpType::Reshape, {x, ints(dims)});
  }
  TensorId batchNorm(TensorId x, int64_t c) {
    return add(OpType::BatchNormalization,
               {x, weights({c}, 1), weights({c}, 1), weights({c}, 1),
                constant({c}, std::vector<float>(static_cast<size_t>(c), 0.5f))});
  }

  /// Optimizes a copy, checks that it computes the same and that a second time changes nothing.
  Graph optimized() {
    Graph after = graph;
    Status status = optimize(after);
    EXPECT_TRUE(status.ok()) << status.message();
    EXPECT_TRUE(validate(after).ok()) << validate(after).message();
    const auto inputs = test::randomInputs(graph, 7);
    const auto wanted = test::interpret(graph, inputs);
    const auto found = test::interpret(after, inputs);
    EXPECT_TRUE(wanted.ok()) << wanted.status().message();
    EXPECT_TRUE(found.ok()) << found.status().message();
    if (wanted.ok() && found.ok()) {
      EXPECT_EQ(test::difference(*found, *wanted, 1e-4), "");
    }
    Graph again = after;
    EXPECT_TRUE(optimize(again).ok());
    EXPECT_EQ(ops(again), ops(after));
    return after;
  }

  /// The names of the ops in order.
  static std::string ops(const Graph& graph) {
    std::string text;
    for (const Layer& layer : graph.layers) {
      if (!text.empty()) text += ' ';
      text += opName(layer.op);
    }
    return text;
  }
};

int64_t count(const Graph& graph, OpType op) {
  return std::count_if(graph.layers.begin(), graph.layers.end(),
                       [op](const Layer& layer) { return layer.op == op; });
}

TEST(Fusion, ConvBatchNormReluBecomeOneConv) {
  Net net;
  TensorId x = net.input("x", {1, 3, 8, 8});
  x = net.convNchw(x, 3, 4);
  x = net.add(OpType::Relu, {net.batchNorm(x, 4)});
  x = net.add(OpType::Clip, ClipAttrs{0, 6}, {net.batchNorm(net.convNchw(x, 4, 4), 4)});
  net.output(x);
  const Graph graph = net.optimized();
  EXPECT_EQ(Net::ops(graph), "Transpose Conv Conv Transpose");
  EXPECT_EQ(graph.layers[1].attrs<ConvAttrs>().activation, (Activation{ActivationKind::relu}));
  EXPECT_EQ(graph.layers[2].attrs<ConvAttrs>().activation,
            (Activation{ActivationKind::clip, 0, 6}));
  EXPECT_EQ(graph.layers[1].name, "Conv_1");  // the names of the convolutions stay
  EXPECT_EQ(graph.tensor(graph.outputs[0]).name, net.graph.tensor(x).name);
}

TEST(Fusion, ResidualBlocksKeepOneTransposeAtEachBorder) {
  Net net;
  TensorId x = net.input("x", {1, 4, 6, 6});
  for (int i = 0; i < 3; ++i) {
    const TensorId a = net.add(OpType::Relu, {net.batchNorm(net.convNchw(x, 4, 4), 4)});
    const TensorId b = net.batchNorm(net.convNchw(a, 4, 4), 4);
    x = net.add(OpType::Relu, {net.add(OpType::Add, {b, x})});
  }
  // One with a convolution on the shortcut.
  const TensorId main = net.convNchw(x, 4, 8, 3, 2), side = net.convNchw(x, 4, 8, 1, 2);
  net.output(net.add(OpType::Relu, {net.add(OpType::Add, {main, side})}));
  const Graph graph = net.optimized();
  EXPECT_EQ(Net::ops(graph), "Transpose Conv Conv Conv Conv Conv Conv Conv Conv Transpose");
  EXPECT_NE(graph.layers[2].input(3), kNoTensor);
  EXPECT_EQ(graph.layers[2].attrs<ConvAttrs>().activation.kind, ActivationKind::relu);
  EXPECT_EQ(graph.layers[8].input(3), graph.layers[7].outputs[0]);
}

TEST(Fusion, SharedOrExportedResultsAreLeft) {
  Net net;
  const TensorId x = net.input("x", {1, 2, 4, 4});
  const TensorId y = net.convNchw(x, 2, 2);
  net.output(y);
  net.output(net.add(OpType::Relu, {y}));
  const Graph graph = net.optimized();
  EXPECT_EQ(count(graph, OpType::Relu), 1);
  EXPECT_EQ(graph.tensor(graph.outputs[0]).name, net.graph.tensor(y).name);
}

TEST(Fusion, MatMulAndBiasBecomeFullyConnected) {
  Net net;
  const TensorId x = net.input("x", {2, 5});
  const TensorId product = net.add(OpType::MatMul, {x, net.weights({5, 3}, 5)});
  const TensorId sum = net.add(OpType::Add, {product, net.weights({3}, 1)});
  net.output(net.add(OpType::Sigmoid, {sum}));
  const Graph graph = net.optimized();
  EXPECT_EQ(Net::ops(graph), "FullyConnected");
  EXPECT_EQ(graph.layers[0].inputs.size(), 3u);
  EXPECT_EQ(graph.layers[0].attrs<FullyConnectedAttrs>().activation.kind, ActivationKind::sigmoid);
}

TEST(Fusion, HardSwishInEverySpelling) {
  for (int spelling = 0; spelling < 5; ++spelling) {
    Net net;
    TensorId x = net.convNchw(net.input("x", {1, 2, 4, 4}), 2, 2);
    const auto clip6 = [&] {
      return net.add(OpType::Clip, ClipAttrs{0, 6}, {net.add(OpType::Add, {x, net.scalar(3)})});
    };
    switch (spelling) {
      case 0:
        x = net.add(OpType::Mul,
                    {x, net.add(OpType::HardSigmoid, HardSigmoidAttrs{1.0f / 6, 0.5f}, {x})});
        break;
      case 1:
        x = net.add(OpType::Mul, {x, net.add(OpType::Div, {clip6(), net.scalar(6)})});
        break;
      case 2:
        x = net.add(OpType::Div, {net.add(OpType::Mul, {x, clip6()}), net.scalar(6)});
        break;
      case 3:
        x = net.add(OpType::Mul, {net.scalar(1.0f / 6), net.add(OpType::Mul, {clip6(), x})});
        break;
      default: {
        const TensorId scaled = net.add(OpType::Mul, {net.scalar(1.0f / 6), x});
        const TensorId line = net.add(OpType::Add, {scaled, net.scalar(0.5f)});
        x = net.add(OpType::Mul, {net.add(OpType::Clip, ClipAttrs{0, 1}, {line}), x});
      }
    }
    net.output(x);
    const Graph graph = net.optimized();
    EXPECT_EQ(Net::ops(graph), "Transpose Conv Transpose") << "spelling " << spelling;
    EXPECT_EQ(graph.layers[1].attrs<ConvAttrs>().activation.kind, ActivationKind::hardSwish);
  }
}

TEST(Layout, ClassifierHeadsLeaveNoTranspose) {
  for (int head = 0; head < 3; ++head) {
    Net net;
    TensorId x = net.convNchw(net.input("x", {2, 3, 4, 6}), 3, 8);
    if (head == 0) {  // global pooling, Flatten
      x = net.add(OpType::ReduceMean, ReduceAttrs{{2, 3}, true}, {x});
      x = net.add(OpType::Flatten, AxisAttrs{1}, {x});
    } else if (head == 1) {  // Reduce that drops dims
      x = net.add(OpType::ReduceMean, ReduceAttrs{{2, 3}, false}, {x});
    } else {  // Flatten of the whole map: FullyConnected's weights are permuted
      x = net.reshape(x, {2, -1});
    }
    const int64_t in = head == 2 ? 8 * 24 : 8;
    net.output(net.add(OpType::FullyConnected, {x, net.weights({5, in}, in), net.weights({5}, 1)}));
    const Graph graph = net.optimized();
    EXPECT_EQ(count(graph, OpType::Transpose), 1) << "head " << head << ": " << Net::ops(graph);
  }
}

TEST(Layout, SqueezeExcite) {
  Net net;
  TensorId x = net.convNchw(net.input("x", {1, 3, 6, 6}), 3, 8);
  TensorId s = net.add(OpType::ReduceMean, ReduceAttrs{{2, 3}, true}, {x});
  s = net.add(OpType::Relu, {net.convNchw(s, 8, 2, 1)});
  s = net.add(OpType::HardSigmoid, {net.convNchw(s, 2, 8, 1)});
  x = net.convNchw(net.add(OpType::Mul, {s, x}), 8, 4);
  net.output(x);
  const Graph graph = net.optimized();
  EXPECT_EQ(Net::ops(graph), "Transpose Conv ReduceMean Conv Conv Mul Conv Transpose");
}

TEST(Layout, SqueezeExciteWithFullyConnected) {
  Net net;
  TensorId x = net.convNchw(net.input("x", {1, 3, 6, 6}), 3, 8);
  TensorId s = net.reshape(net.add(OpType::ReduceMean, ReduceAttrs{{2, 3}, true}, {x}), {1, 8});
  s = net.add(OpType::FullyConnected, {s, net.weights({8, 8}, 8), net.weights({8}, 1)});
  s = net.reshape(net.add(OpType::Sigmoid, {s}), {1, 8, 1, 1});
  net.output(net.convNchw(net.add(OpType::Mul, {x, s}), 8, 4));
  const Graph graph = net.optimized();
  EXPECT_EQ(count(graph, OpType::Transpose), 2) << Net::ops(graph);
}

TEST(Layout, ShuffleKeepsOnlyTheShuffle) {
  Net net;
  TensorId x = net.convNchw(net.input("x", {1, 4, 6, 6}), 4, 8, 1);
  x = net.transpose(net.reshape(x, {1, 2, 4, 6, 6}), {0, 2, 1, 3, 4});
  x = net.convNchw(net.reshape(x, {1, 8, 6, 6}), 8, 8, 3, 1, 0);
  net.output(x);
  const Graph graph = net.optimized();
  EXPECT_EQ(Net::ops(graph), "Transpose Conv Reshape Transpose Reshape Conv Transpose");
}

TEST(Layout, DetectorHeads) {
  Net net;
  TensorId x = net.input("x", {1, 3, 8, 8});
  std::vector<TensorId> boxes;
  for (int scale = 0; scale < 2; ++scale) {
    x = net.add(OpType::Relu, {net.convNchw(x, scale == 0 ? 3 : 8, 8, 3, 2)});
    boxes.push_back(net.reshape(net.toNhwc(net.convNchw(x, 8, 12)), {1, -1, 4}));
  }
  net.output(net.add(OpType::Concat, AxisAttrs{1}, boxes));
  const Graph graph = net.optimized();
  EXPECT_EQ(count(graph, OpType::Transpose), 1) << Net::ops(graph);
}

TEST(Layout, BranchesConcatSplitAndSlices) {
  Net net;
  const TensorId x = net.convNchw(net.input("x", {1, 3, 6, 6}), 3, 8);
  const TensorId split = net.add(OpType::Split, SplitAttrs{1, {4, 4}}, {x});
  const TensorId second = net.graph.addTensor({.name = "second"});
  net.graph.layers.back().outputs.push_back(second);
  const TensorId a = net.add(OpType::LeakyRelu, AlphaAttrs{0.1f}, {net.convNchw(split, 4, 4)});
  const TensorId b =
      net.add(OpType::PRelu, {net.convNchw(second, 4, 4), net.weights({4, 1, 1}, 1)});
  const TensorId all = net.add(OpType::Concat, AxisAttrs{-3}, {a, b, x});
  const TensorId cut = net.add(OpType::Slice, {all, net.ints({1}), net.ints({13}), net.ints({1})});
  const TensorId padded = net.add(OpType::Pad, {cut, net.ints({0, 0, 1, 0, 0, 0, 0, 2})});
  net.output(net.convNchw(padded, 12, 2));
  const Graph graph = net.optimized();
  EXPECT_EQ(count(graph, OpType::Transpose), 2) << Net::ops(graph);
}

TEST(Layout, OneDimensionalConvolutions) {
  Net net;
  TensorId x = net.input("x", {1, 3, 9});
  for (int i = 0; i < 3; ++i) {
    x = net.add(OpType::Unsqueeze, AxesAttrs{{2}}, {x});
    x = net.add(OpType::Squeeze, AxesAttrs{{2}}, {net.convNchw(x, i == 0 ? 3 : 4, 4, 1)});
    x = net.add(OpType::Tanh, {net.add(OpType::Mul, {x, net.weights({4, 1}, 1)})});
  }
  net.output(x);
  const Graph graph = net.optimized();
  EXPECT_EQ(count(graph, OpType::Transpose), 2) << Net::ops(graph);
  EXPECT_EQ(count(graph, OpType::Conv), 3);
  EXPECT_EQ(count(graph, OpType::Mul), 0) << Net::ops(graph);
}

TEST(Layout, QuantizationAxisFollows) {
  Net net;
  TensorId x = net.convNchw(net.input("x", {1, 3, 4, 4}), 3, 2);
  const TensorId q = net.add(OpType::Quantize, {x});
  net.graph.tensor(q).dtype = DType::s8;
  net.graph.tensor(q).shape = {1, 2, 4, 4};
  net.graph.tensor(q).quant = QuantParams{{0.1f, 0.02f}, {0, 3}, 1};
  net.output(net.convNchw(net.add(OpType::Dequantize, {q}), 2, 2));
  const Graph graph = net.optimized();
  EXPECT_EQ(Net::ops(graph), "Transpose Conv Quantize Dequantize Conv Transpose");
  EXPECT_EQ(graph.tensor(graph.layers[2].outputs[0]).quant->axis, 3);
}

// The same weights behind flattened images of 2x3x4 and of 4x3x2.
TEST(Layout, SharedWeightsBehindDifferentFlattens) {
  Net net;
  const TensorId w = net.weights({3, 24}, 24);
  const auto classify = [&](TensorId image) {
    return net.add(OpType::FullyConnected, {net.add(OpType::Flatten, AxisAttrs{1}, {image}), w});
  };
  const TensorId y = net.convNchw(net.input("x", {1, 2, 3, 4}), 2, 2);
  const TensorId tiled = net.add(OpType::Tile, {y, net.ints({1, 2, 1, 1})});
  const TensorId other =
      net.add(OpType::Slice, {tiled, net.ints({1}), net.ints({3}), net.ints({3})});
  net.output(net.add(OpType::Add, {classify(y), classify(other)}));
  EXPECT_EQ(count(net.optimized(), OpType::Transpose), 1);
}

TEST(Layout, OpenDimsAreTolerated) {
  Net net;
  TensorId x = net.input("x", {-1, 3, -1, -1});
  TensorId y = net.add(OpType::Relu, {net.convNchw(x, 3, 4)});
  y = net.add(OpType::Add, {y, net.convNchw(y, 4, 4)});
  y = net.add(OpType::ReduceMean, ReduceAttrs{{2, 3}, false}, {net.convNchw(y, 4, 4)});
  net.output(net.add(OpType::FullyConnected, {y, net.weights({5, 4}, 4), net.weights({5}, 1)}));
  Graph graph = net.graph;
  ASSERT_TRUE(optimize(graph).ok());
  EXPECT_EQ(count(graph, OpType::Transpose), 1) << Net::ops(graph);
  ASSERT_TRUE(specialize(graph, {{"x", {1, 3, 7, 5}}}).ok());
  EXPECT_EQ(Net::ops(graph), "Transpose Conv Conv Conv ReduceMean FullyConnected");
}

TEST(Layout, BorderTransposesOfOneChannelAreFree) {
  Net net;
  net.output(net.convNchw(net.input("x", {1, 1, 5, 5}), 1, 3));
  EXPECT_EQ(Net::ops(net.optimized()), "Reshape Conv Transpose");
}

TEST(Folding, ShapesFoldButBombsDoNot) {
  Net net;
  const TensorId x = net.input("x", {2, 3});
  const TensorId shape = net.add(OpType::Shape, {net.add(OpType::Relu, {x})});
  net.output(net.add(OpType::Reshape, {x, shape}));
  const TensorId huge = net.add(OpType::Expand, {net.scalar(1), net.ints({1 << 19, 1 << 20, 1})});
  net.output(net.add(OpType::Add, {x, net.add(OpType::ReduceMax, {huge})}));
  Graph graph = net.graph;
  const Status status = optimize(graph);
  ASSERT_TRUE(status.ok()) << status.message();
  EXPECT_EQ(count(graph, OpType::Shape), 0);
  EXPECT_EQ(count(graph, OpType::Expand), 1);
  EXPECT_NE(specialize(graph, {}).message().find("Expand"), std::string::npos);
}

TEST(Simplify, DropsWhatDoesNothing) {
  Net net;
  TensorId x = net.input("x", {2, 3, 4});
  x = net.add(OpType::Abs, {x});
  x = net.reshape(net.reshape(net.reshape(x, {6, 4}), {0, 2, 2}), {2, 3, 4});
  x = net.transpose(net.transpose(x, {2, 0, 1}), {1, 2, 0});
  x = net.add(OpType::Identity, {net.add(OpType::Cast, CastAttrs{DType::f32}, {x})});
  x = net.add(OpType::Slice, {x, net.ints({0}), net.ints({100}), net.ints({2})});
  x = net.add(OpType::Pad,
              {net.add(OpType::Tile, {x, net.ints({1, 1, 1})}), net.ints({0, 0, 0, 0, 0, 0})});
  net.output(net.add(OpType::Expand, {x, net.ints({1, 3, 1})}));
  EXPECT_EQ(Net::ops(net.optimized()), "Abs");
}

TEST(Simplify, FlattensBecomeOneReshape) {
  Net net;
  TensorId x = net.input("x", {2, 3, 1, 4});
  x = net.add(OpType::Squeeze, AxesAttrs{{2}}, {net.add(OpType::Abs, {x})});
  x = net.add(OpType::Unsqueeze, AxesAttrs{{0}}, {net.add(OpType::Flatten, AxisAttrs{1}, {x})});
  net.output(x);
  EXPECT_EQ(Net::ops(net.optimized()), "Abs Reshape");
}

TEST(Cost, FiveThousandLayersTakeWellUnderASecond) {
  Net net;
  TensorId x = net.input("x", {1, 4, 8, 8});
  while (net.graph.layers.size() < 5000) {
    const TensorId y = net.add(OpType::Relu, {net.batchNorm(net.convNchw(x, 4, 4), 4)});
    x = net.add(OpType::Add, {x, net.add(OpType::Sigmoid, {y})});
  }
  net.output(x);
  Graph chain;  // a region that is the whole graph
  {
    Net other;
    TensorId y = other.toNhwc(other.input("x", {1, 4, 8, 8}));
    for (int i = 0; i < 5000; ++i) y = other.add(i % 2 ? OpType::Tanh : OpType::Abs, {y});
    other.output(other.toNchw(y));
    chain = other.graph;
  }
  for (Graph* graph : {&net.graph, &chain}) {
    const std::clock_t start = std::clock();  // CPU time: machines are busy
    ASSERT_TRUE(optimize(*graph).ok());
    const double took = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
    RecordProperty("seconds", std::to_string(took));
    std::printf("%zu layers left after %.3f s\n", graph->layers.size(), took);
    EXPECT_LT(took, 5.0);  // generous for sanitizers
    EXPECT_LE(count(*graph, OpType::Transpose), 2);
  }
}

}  // namespace
}  // namespace qrt
