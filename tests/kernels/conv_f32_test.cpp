// Conv, ConvTranspose, FullyConnected and MatMul of cpu-float against their reference kernels, at
// every level here, and with 1 and 3 threads byte for byte.
#include <gtest/gtest.h>

#include <algorithm>

#include "kernels/run_layer.h"

namespace qrt {
namespace {

using test::LayerCase;
using test::TestTensor;

constexpr unsigned kSeed = 7;

TestTensor randomTensor(std::mt19937& random, const Shape& shape) {
  std::uniform_real_distribution<float> uniform(-1, 1);
  std::vector<float> values(static_cast<size_t>(shape.elements()));
  for (float& value : values) value = uniform(random);
  return test::floats(shape, values);
}

struct ConvCase {
  const char* name;
  int64_t n, h, w, c, o, kh, kw;
  ConvAttrs attrs;
  bool bias = true, residual = false;
};

LayerCase makeConv(const ConvCase& c, std::mt19937& random) {
  LayerCase made{OpType::Conv, c.attrs, {}, {false, true, true}};
  made.inputs = {randomTensor(random, {c.n, c.h, c.w, c.c}),
                 randomTensor(random, {c.o, c.kh, c.kw, c.c / c.attrs.groups}),
                 c.bias ? randomTensor(random, {c.o}) : test::absentInput()};
  if (c.residual) {
    const auto out = test::inferOne(OpType::Conv, c.attrs, made.inputs);
    EXPECT_TRUE(out.ok()) << out.status().message();
    made.inputs.push_back(randomTensor(random, out->shape));
    made.constant.push_back(false);
  }
  return made;
}

void checkEverywhere(const LayerCase& layerCase, int64_t terms, const std::string& name,
                     const std::string& kernelPart) {
  for (const IsaLevel level : test::levelsHere()) {
    const std::string what = name + " at " + std::string(isaName(level));
    const test::LayerRun one = test::runLayer(layerCase, level, 1);
    EXPECT_NE(one.kernel.find(kernelPart), std::string::npos) << one.kernel;
    test::expectClose(layerCase, one.values, terms, what);
    const test::LayerRun three = test::runLayer(layerCase, level, 3);
    ASSERT_TRUE(one.values.empty() || std::memcmp(one.values.data(), three.values.data(),
                                                  one.values.size() * sizeof(float)) == 0)
        << what << ": 1 and 3 threads differ";
    if (testing::Test::HasFatalFailure()) return;
  }
}

void checkConvs(const std::vector<ConvCase>& cases, const std::string& kernelPart) {
  std::mt19937 random(kSeed);
  for (const ConvCase& c : cases) {
    const LayerCase layer = makeConv(c, random);
    checkEverywhere(layer, c.kh * c.kw * c.c / c.attrs.groups, c.name, kernelPart);
  }
}

constexpr Activation kRelu = {ActivationKind::relu};
constexpr Activation kRelu6 = {ActivationKind::clip, 0, 6};

TEST(ConvF32, PointwiseOfAllTailSizes) {
  std::vector<ConvCase> cases;
  for (const int64_t w : {1, 2, 5, 6, 7, 13, 14, 15, 28, 29}) {
    cases.push_back({"1x1 by pixels", 1, 1, w, 19, 33, 1, 1, {.activation = kRelu}});
  }
  for (const int64_t o : {1, 3, 4, 5, 8, 9, 15, 16, 17, 31, 32, 33, 65}) {
    cases.push_back({"1x1 by channels", 1, 3, 5, 11, o, 1, 1, {.activation = kRelu6}, true, true});
  }
  for (const int64_t c : {1, 2, 3, 16, 64, 127}) {
    cases.push_back({"1x1 by inputs", 2, 3, 3, c, 24, 1, 1, {.strides = {2, 2}}, false});
  }
  checkConvs(cases, "conv_f32_gemm_");
}

TEST(ConvF32, WindowsWithBordersStridesAndDilations) {
  checkConvs({{"3x3", 1, 9, 11, 17, 20, 3, 3, {.pads = {1, 1, 1, 1}, .activation = kRelu}},
              {"3x3 s2", 2, 9, 8, 16, 33, 3, 3, {.strides = {2, 2}, .pads = {0, 0, 1, 1}}},
              {"3x3 residual", 1, 6, 6, 32, 32, 3, 3, {.pads = {1, 1, 1, 1}}, true, true},
              {"3x3 dilated", 1, 13, 13, 14, 8, 3, 3, {.dilations = {2, 3}, .pads = {2, 3, 2, 3}}},
              {"5x1", 1, 12, 3, 24, 7, 5, 1, {.strides = {2, 1}, .pads = {2, 0, 2, 0}}},
              {"pads beyond the image", 1, 2, 2, 13, 5, 3, 3, {.pads = {4, 4, 5, 3}}},
              {"1x1 image", 1, 1, 1, 16, 16, 3, 3, {.pads = {1, 1, 1, 1}}},
              {"only padding", 1, 1, 1, 13, 8, 2, 2, {.dilations = {3, 3}, .pads = {1, 1, 2, 2}}},
              {"stride beyond the window", 1, 9, 11, 13, 8, 2, 2, {.strides = {4, 3}}},
              {"1x1 with pads", 1, 3, 3, 8, 8, 1, 1, {.strides = {2, 2}, .pads = {1, 1, 1, 1}}},
              {"big", 1, 30, 30, 48, 72, 3, 3, {.pads = {1, 1, 1, 1}, .activation = kRelu}}},
             "conv_f32_gemm_");
}

TEST(ConvF32, FewChannelsReadRowsOfTheWindow) {
  checkConvs(
      {{"rgb 7x7 s2", 1, 23, 21, 3, 64, 7, 7, {.strides = {2, 2}, .pads = {3, 3, 3, 3}}},
       {"rgb 3x3 s2", 2, 16, 16, 3, 32, 3, 3, {.strides = {2, 2}, .pads = {0, 0, 1, 1}}},
       {"grey", 1, 10, 9, 1, 8, 5, 5, {.pads = {2, 2, 2, 2}, .activation = kRelu}},
       {"narrow", 1, 7, 1, 4, 8, 3, 9, {.pads = {1, 4, 1, 4}}},
       {"narrower than pads", 1, 2, 1, 2, 3, 1, 5, {.pads = {0, 6, 0, 7}}},
       {"vertical dilation", 1, 9, 9, 3, 5, 3, 3, {.dilations = {2, 1}, .pads = {2, 1, 2, 1}}},
       {"horizontal dilation", 1, 9, 9, 3, 5, 3, 3, {.dilations = {1, 2}, .pads = {1, 2, 1, 2}}}},
      "conv_f32_gemm_");
}

TEST(ConvF32, ChannelsOfEveryCountUpToAVector) {
  std::vector<ConvCase> cases;
  for (int64_t c = 1; c <= 17; ++c) {
    cases.push_back({"in", 1, 5, 6, c, 9, 3, 3, {.pads = {1, 1, 1, 1}}});
    cases.push_back({"out", 1, 5, 6, 9, c, 3, 2, {.strides = {2, 1}, .pads = {1, 1, 1, 0}}});
  }
  checkConvs(cases, "conv_f32_gemm_");
}

TEST(ConvF32, LongRowsThatAliasAreCopied) {
  checkConvs({{"1x1 1024", 1, 5, 6, 1024, 65, 1, 1, {}},
              {"1x1 2048 s2", 1, 7, 7, 2048, 64, 1, 1, {.strides = {2, 2}}},
              {"grouped", 1, 4, 4, 1024, 128, 1, 1, {.groups = 2}},
              {"3x3 512 s2", 1, 6, 6, 512, 66, 3, 3, {.strides = {2, 2}, .pads = {1, 1, 1, 1}}}},
             "conv_f32_gemm_");
}

TEST(ConvF32, Groups) {
  checkConvs({{"2 groups", 1, 7, 7, 24, 38, 3, 3, {.pads = {1, 1, 1, 1}, .groups = 2}, true, true},
              {"8 small groups", 2, 5, 5, 16, 24, 3, 3, {.groups = 8, .activation = kRelu}},
              {"multiplier 3", 1, 6, 6, 5, 15, 3, 3, {.pads = {1, 1, 1, 1}, .groups = 5}},
              {"reduction per group", 1, 4, 4, 20, 5, 1, 1, {.groups = 5}}},
             "conv_f32_gemm_");
}

TEST(ConvF32, EveryActivation) {
  std::vector<ConvCase> cases;
  for (const Activation activation :
       {Activation{ActivationKind::leakyRelu, 0.1f}, Activation{ActivationKind::elu, 1.5f},
        Activation{ActivationKind::sigmoid}, Activation{ActivationKind::tanh},
        Activation{ActivationKind::hardSigmoid, 0.2f, 0.5f}, Activation{ActivationKind::hardSwish},
        Activation{ActivationKind::clip, -0.5f, 0.25f}}) {
    cases.push_back({"activation", 1, 5, 5, 6, 37, 1, 1, {.activation = activation}, true, true});
  }
  checkConvs(cases, "conv_f32_gemm_");
  for (ConvCase& c : cases) {
    c.c = c.o = 21;
    c.kh = c.kw = 3;
    c.attrs.groups = 21;
  }
  checkConvs(cases, "conv_f32_depthwise_");
}

TEST(ConvF32, NothingToComputeIsFine) {
  checkConvs({{"batch 0", 0, 4, 4, 8, 8, 3, 3, {.pads = {1, 1, 1, 1}}},
              {"batch 0, rgb", 0, 4, 4, 3, 8, 3, 3, {}}},
             "conv_f32_gemm_");
  checkConvs({{"batch 0, depthwise", 0, 4, 4, 8, 8, 3, 3, {.groups = 8}}}, "conv_f32_depthwise_");
}

TEST(DepthwiseF32, WindowsStridesTailsAndBorders) {
  std::vector<ConvCase> cases;
  for (const int k : {1, 2, 3, 5, 7}) {
    for (const int stride : {1, 2, 3}) {
      const int pad = k / 2;
      for (const int64_t c : {2, 16, 37, 64, 70}) {
        cases.push_back({"dw",
                         1,
                         8,
                         13,
                         c,
                         c,
                         k,
                         k,
                         {.strides = {stride, stride},
                          .pads = {pad, pad, pad, pad},
                          .groups = static_cast<int32_t>(c),
                          .activation = kRelu6}});
      }
    }
  }
  cases.push_back(
      {"dw residual", 2, 6, 6, 20, 20, 3, 3, {.pads = {1, 1, 1, 1}, .groups = 20}, true, true});
  cases.push_back({"dw no bias", 1, 6, 6, 8, 8, 3, 3, {.pads = {0, 2, 1, 0}, .groups = 8}, false});
  cases.push_back({"dw dilated",
                   1,
                   14,
                   14,
                   9,
                   9,
                   3,
                   3,
                   {.dilations = {3, 2}, .pads = {3, 2, 3, 2}, .groups = 9}});
  cases.push_back({"dw pads beyond", 1, 2, 3, 4, 4, 3, 3, {.pads = {4, 5, 6, 4}, .groups = 4}});
  cases.push_back({"dw 1x1 image", 1, 1, 1, 33, 33, 3, 3, {.pads = {1, 1, 1, 1}, .groups = 33}});
  cases.push_back({"dw tall",
                   1,
                   31,
                   2,
                   12,
                   12,
                   10,
                   4,
                   {.strides = {2, 2}, .pads = {4, 1, 5, 2}, .groups = 12}});
  cases.push_back({"dw real", 1, 28, 28, 96, 96, 3, 3, {.pads = {1, 1, 1, 1}, .groups = 96}});
  checkConvs(cases, "conv_f32_depthwise_");
}

struct TransposeCase {
  const char* name;
  int64_t n, h, w, c, o, kh, kw;
  ConvTransposeAttrs attrs;
};

TEST(ConvTransposeF32, StridesPadsDilationsGroups) {
  const std::vector<TransposeCase> cases = {
      {"k2 s2", 1, 5, 7, 16, 24, 2, 2, {.strides = {2, 2}, .activation = kRelu}},
      {"k3 s2",
       2,
       4,
       5,
       9,
       7,
       3,
       3,
       {.strides = {2, 2}, .pads = {1, 1, 1, 1}, .outputPads = {1, 1}}},
      {"k4 s2", 1, 6, 6, 32, 33, 4, 4, {.strides = {2, 2}, .pads = {1, 1, 1, 1}}},
      {"s1", 1, 5, 5, 3, 4, 3, 3, {.pads = {1, 0, 1, 2}}},
      {"stride above kernel", 1, 3, 4, 5, 6, 2, 1, {.strides = {3, 4}, .outputPads = {2, 1}}},
      {"dilated",
       1,
       5,
       5,
       6,
       6,
       3,
       3,
       {.strides = {2, 3}, .dilations = {3, 2}, .pads = {2, 1, 0, 3}}},
      {"even dilation", 1, 4, 4, 4, 4, 3, 3, {.strides = {2, 2}, .dilations = {2, 2}}},
      {"groups", 1, 4, 4, 12, 18, 3, 3, {.strides = {2, 2}, .groups = 3}},
      {"depthwise", 1, 4, 4, 6, 6, 4, 4, {.strides = {2, 2}, .pads = {1, 1, 1, 1}, .groups = 6}},
      {"one output", 1, 1, 1, 4, 4, 2, 2, {.strides = {5, 5}, .pads = {0, 0, 1, 1}}},
      {"batch 0", 0, 4, 4, 4, 4, 2, 2, {.strides = {2, 2}}},
      {"pads cut whole taps", 1, 3, 3, 4, 4, 5, 5, {.strides = {2, 2}, .pads = {4, 4, 3, 4}}}};
  std::mt19937 random(kSeed);
  for (const TransposeCase& c : cases) {
    LayerCase layer{OpType::ConvTranspose, c.attrs, {}, {false, true, true}};
    layer.inputs = {randomTensor(random, {c.n, c.h, c.w, c.c}),
                    randomTensor(random, {c.o, c.kh, c.kw, c.c / c.attrs.groups}),
                    randomTensor(random, {c.o})};
    checkEverywhere(layer, c.kh * c.kw * c.c, c.name, "conv_transpose_f32_gemm_");
  }
}

TEST(FullyConnectedF32, AllSizes) {
  std::mt19937 random(kSeed);
  for (const int64_t m : {0, 1, 2, 15, 40}) {
    for (const int64_t i : {1, 7, 100, 1024}) {
      for (const int64_t o : {1, 10, 33, 129}) {
        LayerCase layer{
            OpType::FullyConnected, FullyConnectedAttrs{kRelu}, {}, {false, true, true}};
        layer.inputs = {randomTensor(random, {m, i}), randomTensor(random, {o, i}),
                        randomTensor(random, {o})};
        checkEverywhere(layer, i, "fully connected", "fully_connected_f32_gemm_");
      }
    }
  }
}

TEST(MatMulF32, BatchesBroadcastLikeNumpy) {
  const std::vector<std::pair<Shape, Shape>> cases = {{{3, 4}, {4, 5}},
                                                      {{1, 1}, {1, 1}},
                                                      {{17, 33}, {33, 65}},
                                                      {{5}, {5}},
                                                      {{5}, {5, 3}},
                                                      {{3, 5}, {5}},
                                                      {{2, 3, 4}, {4, 5}},
                                                      {{2, 3, 4}, {2, 4, 5}},
                                                      {{3, 4}, {2, 4, 5}},
                                                      {{2, 1, 3, 4}, {3, 4, 5}},
                                                      {{1, 3, 4}, {6, 1, 4, 2}},
                                                      {{0, 4}, {4, 5}},
                                                      {{3, 0}, {0, 5}},
                                                      {{2, 3, 4}, {1, 4, 5}},
                                                      {{0, 3, 4}, {1, 4, 5}},
                                                      {{3, 4}, {4, 0}},
                                                      {{6, 70, 64}, {6, 64, 70}},
                                                      {{4}, {3, 4, 2}}};
  std::mt19937 random(kSeed);
  for (const auto& [a, b] : cases) {
    for (const bool constant : {false, true}) {
      LayerCase layer{OpType::MatMul, NoAttrs{}, {}, {false, constant}};
      layer.inputs = {randomTensor(random, a), randomTensor(random, b)};
      checkEverywhere(layer, a[a.rank() - 1], a.toString() + " · " + b.toString(),
                      "matmul_f32_gemm_");
    }
  }
}

TEST(ConvF32, RefusalsNameTheReason) {
  std::mt19937 random(kSeed);
  LayerCase computed = makeConv({"", 1, 4, 4, 3, 4, 3, 3, {}}, random);
  computed.constant[1] = false;
  const Graph graph = computed.graph();
  EXPECT_EQ(cpuFloatBackend().supports(graph, graph.layers[0]).reason, "weights are not constant");
  Graph doubles = makeConv({"", 1, 4, 4, 3, 4, 3, 3, {}, false}, random).graph();
  doubles.tensor(doubles.layers[0].inputs[0]).dtype = DType::f64;
  EXPECT_EQ(cpuFloatBackend().supports(doubles, doubles.layers[0]).reason,
            "input 0 is f64, wanted f32");
  const auto transposed = [&](int32_t stride) {
    LayerCase layer{OpType::ConvTranspose, ConvTransposeAttrs{.strides = {stride, stride}},
                    {randomTensor(random, {1, 2, 2, 1}), randomTensor(random, {1, 1, 1, 1})},
                    {false, true}};
    const Graph made = layer.graph();
    return cpuFloatBackend().supports(made, made.layers[0]).reason;
  };
  EXPECT_EQ(transposed(64), "");
  EXPECT_EQ(transposed(65), "strides and groups cut it into 4225 products, wanted at most 4096");
}

TEST(ConvF32, KernelNamesTellTileAndLevel) {
  std::mt19937 random(kSeed);
  const LayerCase layer = makeConv({"", 1, 4, 4, 3, 4, 3, 3, {}}, random);
  EXPECT_EQ(test::runLayer(layer, IsaLevel::scalar, 1).kernel, "conv_f32_gemm_2x4_scalar");
  const auto has = [](IsaLevel level) {
    const auto built = compiledIsaLevels();
    return isaAvailable(level, readCpu()) && std::find(built.begin(), built.end(), level) != built.end();
  };
  if (has(IsaLevel::avx512)) {
    EXPECT_EQ(test::runLayer(layer, IsaLevel::avx512, 1).kernel, "conv_f32_gemm_14x32_avx512");
    EXPECT_EQ(test::runLayer(layer, IsaLevel::amx, 1).kernel, "conv_f32_gemm_14x32_avx512");
  }
  if (has(IsaLevel::neon)) {
    EXPECT_EQ(test::runLayer(layer, IsaLevel::neon, 1).kernel, "conv_f32_gemm_7x12_neon");
  }
}

}  // namespace
}  // namespace qrt
