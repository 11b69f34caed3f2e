// Conv, ConvTranspose, FullyConnected and MatMul as layers of cpu-int8, against the naive loop, and
// what it refuses.
#include <gtest/gtest.h>

#include "backends/cpu_int8/cpu_int8.h"
#include "base/aligned_buffer.h"
#include "kernels_s8/conv_case.h"

namespace qrt::test {
namespace {

QuantParams perTensor(float scale, int32_t zeroPoint) { return {{scale}, {zeroPoint}, -1}; }

TensorId addActivation(Graph& graph, const char* name, const Shape& shape, QuantParams quant) {
  return graph.addTensor(
      {.name = name, .dtype = DType::s8, .shape = shape, .quant = std::move(quant)});
}

Graph convGraph(const Case& c, const Data& d, const Activation& activation, bool fullyConnected) {
  const ConvShape& s = c.shape;
  const auto i32 = [](int64_t value) { return static_cast<int32_t>(value); };
  Graph graph;
  const Shape xShape = fullyConnected ? Shape{s.w, s.c} : Shape{s.n, s.h, s.w, s.c};
  const Shape yShape = fullyConnected ? Shape{s.ow, s.o} : Shape{s.n, s.oh, s.ow, s.o};
  const Shape wShape =
      fullyConnected ? Shape{s.o, s.c} : Shape{s.o, s.kh, s.kw, s.c / s.groups};
  const TensorId x = addActivation(graph, "x", xShape, perTensor(d.scaleX, c.zeroX));
  const TensorId w = graph.addConstant<int8_t>("w", wShape, d.weights);
  graph.tensor(w).quant = weightParams(c, d);
  const TensorId b =
      c.bias ? graph.addConstant<int32_t>("b", {s.o}, d.bias) : kNoTensor;
  std::vector<TensorId> inputs = {x, w, b};
  if (c.residual) {
    inputs.push_back(
        addActivation(graph, "r", yShape, perTensor(d.scaleResidual, d.quant.zeroResidual)));
  }
  const TensorId y = addActivation(graph, "y", yShape, perTensor(d.scaleY, c.zeroY));
  Layer layer{"layer", OpType::Conv, {}, inputs, {y}};
  if (fullyConnected) {
    layer.op = OpType::FullyConnected;
    layer.attributes = FullyConnectedAttrs{activation};
  } else if (s.transposed) {
    layer.op = OpType::ConvTranspose;
    layer.attributes = ConvTransposeAttrs{.strides = {i32(s.strideH), i32(s.strideW)},
                                          .dilations = {i32(s.dilationH), i32(s.dilationW)},
                                          .pads = {i32(s.padTop), i32(s.padLeft), 0, 0},
                                          .groups = i32(s.groups),
                                          .activation = activation};
  } else {
    layer.attributes = ConvAttrs{.strides = {i32(s.strideH), i32(s.strideW)},
                                 .dilations = {i32(s.dilationH), i32(s.dilationW)},
                                 .pads = {i32(s.padTop), i32(s.padLeft), 0, 0},
                                 .groups = i32(s.groups),
                                 .activation = activation};
  }
  graph.layers.push_back(std::move(layer));
  return graph;
}

/// Runs the one layer of a graph; `data` holds the bytes of inputs that are not constant.
std::vector<int8_t> runLayer(const Graph& graph, const std::vector<const std::vector<int8_t>*>& data,
                             IsaLevel isa, int threads, std::string* kernel) {
  const Layer& layer = graph.layers[0];
  const Verdict verdict = cpuInt8Backend().supports(graph, layer);
  EXPECT_TRUE(verdict.supported) << verdict.reason;
  if (!verdict.supported) return {};
  WeightCache weights;
  const int index = 0;
  auto compiled = cpuInt8Backend().compile({graph, {&index, 1}, isa, threads, weights});
  EXPECT_TRUE(compiled.ok()) << compiled.status().message();
  Program& program = **compiled;
  *kernel = program.kernel();
  std::vector<GuardedBuffer> memory;
  std::vector<ConstTensorView> inputs;
  for (size_t i = 0; i < layer.inputs.size(); ++i) {
    const TensorId id = layer.inputs[i];
    if (id == kNoTensor) {
      inputs.emplace_back();
    } else if (graph.tensor(id).isConstant()) {
      inputs.push_back(graph.tensor(id).constantView());
    } else {
      memory.push_back(guarded(*data[i]));
      inputs.emplace_back(DType::s8, graph.tensor(id).shape, memory.back().data());
    }
  }
  const Shape& shape = graph.tensor(layer.outputs[0]).shape;
  const GuardedBuffer y(static_cast<size_t>(shape.elements()));
  const GuardedBuffer scratch(alignUp(program.scratchBytes()));
  const TensorView output{DType::s8, shape, y.data()};
  ThreadPool pool(threads);
  EXPECT_TRUE(program.run({inputs, {&output, 1}, {scratch.data(), scratch.size()}, pool}).ok());
  EXPECT_TRUE(y.frontIntact() && scratch.frontIntact());
  const auto values = y.span<int8_t>();
  return {values.begin(), values.end()};
}

void check(Case c, const Activation& activation, const std::string& kernelPart, Random& random,
           bool fullyConnected = false) {
  SCOPED_TRACE(testing::Message() << c.name << " seed " << kSeed);
  const Data d = makeData(c, random);
  const std::vector<int8_t> want = naiveConv(c, d);
  const Graph graph = convGraph(c, d, activation, fullyConnected);
  for (const GemmKernelS8* kernel : gemmKernelsS8()) {
    if (!isaAvailable(kernel->isa, readCpu())) continue;
    for (const int threads : {1, 2}) {
      std::string name;
      ASSERT_EQ(runLayer(graph, {&d.x, nullptr, nullptr, &d.residual}, kernel->isa, threads, &name),
                want)
          << isaName(kernel->isa) << " threads " << threads;
      EXPECT_NE(name.find(kernelPart), std::string::npos) << name;
    }
  }
}

TEST(LayersS8, ConvWithItsEnds) {
  Random random;
  const ConvShape s = conv(1, 9, 10, 24, 40, 3, 1, 1);
  check({"plain", s}, {}, "conv_s8_", random);
  check({"no bias", s, false}, {}, "conv_s8_", random);
  // relu: zeroY and above; clip(-1, 3) with scale 0.11: -9.09 and 27.27 steps around zeroY.
  check({"relu", s, true, false, 0, -20, -20, 127}, {ActivationKind::relu}, "conv_s8_", random);
  check({"clip", s, true, true, 4, -20, -29, 7}, {ActivationKind::clip, -1, 3}, "conv_s8_", random);
  check({"first layer", conv(1, 33, 31, 3, 32, 3, 2, 1)}, {}, "conv_s8_", random);
  check({"groups", conv(1, 9, 9, 32, 16, 3, 1, 0, 4)}, {}, "conv_s8_", random);
  check({"zero point", s, true, true, -128, 5, -128, 127, 0, -9}, {}, "conv_s8_gemm_s8_", random);
}

TEST(LayersS8, ConvTransposeAndFullyConnected) {
  Random random;
  ConvShape s = conv(1, 4, 5, 12, 8, 3, 2, 1);
  s.transposed = true;
  s.oh = 8;
  s.ow = 10;
  check({"transposed", s}, {}, "conv_transpose_s8_gemm_s8_", random);
  for (const int64_t rows : {1, 3, 30}) {
    const ConvShape fc = {.w = rows, .c = 100, .ow = rows, .o = 45};
    check({"fc", fc, true, false, 0, 5, 5, 127}, {ActivationKind::relu}, "fully_connected_s8_gemm_",
          random, true);
    check({"fc, zero point", fc, true, false, 7, 5, -128, 127, 0, 3}, {}, "fully_connected_s8_gemm_", random, true);
  }
}

TEST(LayersS8, MatMulOfActivationsAndOfAConstant) {
  Random random;
  const int64_t m = 5, k = 70, n = 33;
  const std::vector<int8_t> a = random.bytes(2 * m * k, -128, 127, false),
                            b = random.bytes(k * n, -128, 127, false);
  const ConvQuantS8 q{.zeroX = 3, .zeroB = -11, .zeroY = -1};
  const auto product = static_cast<float>(double{0.02f} * double{0.03f});
  const float multiplier = product / 0.4f;
  std::vector<int8_t> want;
  for (int64_t i = 0; i < 2 * m * n; ++i) {
    int64_t acc = 0;
    for (int64_t j = 0; j < k; ++j) {
      acc += (a[static_cast<size_t>(i / n * k + j)] - 3) * (b[static_cast<size_t>(j * n + i % n)] + 11);
    }
    want.push_back(requantizeNaively(acc, multiplier, nullptr, q));
  }
  for (const bool constant : {false, true}) {
    Graph graph;
    const TensorId left = addActivation(graph, "a", {2, m, k}, perTensor(0.02f, 3));
    TensorId right = addActivation(graph, "b", {k, n}, perTensor(0.03f, -11));
    if (constant) {
      right = graph.addConstant<int8_t>("b", {k, n}, b);
      graph.tensor(right).quant = perTensor(0.03f, -11);
    }
    const TensorId y = addActivation(graph, "y", {2, m, n}, perTensor(0.4f, -1));
    graph.layers.push_back({"layer", OpType::MatMul, NoAttrs{}, {left, right}, {y}});
    for (const GemmKernelS8* kernel : gemmKernelsS8()) {
      if (!isaAvailable(kernel->isa, readCpu())) continue;
      std::string name;
      ASSERT_EQ(runLayer(graph, {&a, &b}, kernel->isa, 2, &name), want) << isaName(kernel->isa);
      EXPECT_NE(name.find("matmul_s8_gemm_s8_"), std::string::npos) << name;
    }
  }
}

TEST(LayersS8, RefusalsNameTheReason) {
  Random random;
  const Case c{"", conv(1, 4, 4, 8, 8, 3)};
  const Data d = makeData(c, random);
  const auto reason = [](const Graph& graph) {
    return cpuInt8Backend().supports(graph, graph.layers[0]).reason;
  };
  EXPECT_EQ(reason(convGraph(c, d, {}, false)), "");
  EXPECT_EQ(reason(convGraph(c, d, {ActivationKind::sigmoid}, false)),
            "the fused activation is none of relu and clip");
  Graph shifted = convGraph(c, d, {}, false);
  shifted.tensor(1).quant->zeroPoints[3] = 1;
  EXPECT_EQ(reason(shifted),
            "weights 'w' are s8, wanted s8 with one scale or one per output channel, and one zero point");
  Graph floats = convGraph(c, d, {}, false);
  floats.tensor(0).dtype = DType::f32;
  EXPECT_EQ(reason(floats), "tensor 'x' is f32, wanted s8 with one scale");
  Graph bias = convGraph(c, d, {}, false);
  bias.tensor(2).dtype = DType::f32;
  EXPECT_EQ(reason(bias), "bias 'b' is f32, wanted constant s32");
  Graph deep;
  const TensorId x = addActivation(deep, "x", {1, 65537}, perTensor(1, 0));
  const TensorId w = deep.addConstant<int8_t>("w", {1, 65537}, std::vector<int8_t>(65537));
  deep.tensor(w).quant = perTensor(1, 0);
  const TensorId y = addActivation(deep, "y", {1, 1}, perTensor(1, 0));
  deep.layers.push_back({"deep", OpType::FullyConnected, FullyConnectedAttrs{}, {x, w}, {y}});
  EXPECT_EQ(reason(deep), "sums of 65537 products may not fit 32 bits, wanted at most 65536");
}

}  // namespace
}  // namespace qrt::test
