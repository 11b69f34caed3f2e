// Depthwise Conv of s8 at every level here against the naive loop, byte for byte, with 1 and 2 threads.
#include <gtest/gtest.h>

#include "kernels_s8/conv_case.h"
#include "support/run_s8.h"

namespace qrt::test {
namespace {

QuantParams perTensor(float scale, int32_t zeroPoint) { return {{scale}, {zeroPoint}, -1}; }

Graph graphOf(const Case& c, const Data& d, const ConvAttrs& ends) {
  const ConvShape& s = c.shape;
  const auto i32 = [](int64_t value) { return static_cast<int32_t>(value); };
  Graph graph;
  const auto activation = [&](const char* name, const Shape& shape, float scale, int32_t zero) {
    return graph.addTensor(
        {.name = name, .dtype = DType::s8, .shape = shape, .quant = perTensor(scale, zero)});
  };
  const Shape yShape{s.n, s.oh, s.ow, s.o};
  const TensorId x = activation("x", {s.n, s.h, s.w, s.c}, d.scaleX, c.zeroX);
  const TensorId w = graph.addConstant<int8_t>("w", {s.o, s.kh, s.kw, 1}, d.weights);
  graph.tensor(w).quant = weightParams(c, d);
  const TensorId b = c.bias ? graph.addConstant<int32_t>("b", {s.o}, d.bias) : kNoTensor;
  const TensorId r = c.residual
                         ? activation("r", yShape, d.scaleResidual, d.quant.zeroResidual)
                         : kNoTensor;
  const TensorId y = activation("y", yShape, d.scaleY, c.zeroY);
  ConvAttrs attrs = ends;
  attrs.strides = {i32(s.strideH), i32(s.strideW)};
  attrs.dilations = {i32(s.dilationH), i32(s.dilationW)};
  attrs.pads[0] = i32(s.padTop);
  attrs.pads[1] = i32(s.padLeft);
  attrs.groups = i32(s.groups);
  graph.layers.push_back({"layer", OpType::Conv, attrs, {x, w, b, r}, {y}});
  return graph;
}

void checkData(const Case& c, const Data& d, const Activation& activation = {},
               const std::string& kernel = "conv_s8_depthwise_") {
  SCOPED_TRACE(testing::Message() << c.name << " c " << c.shape.c << " h " << c.shape.h << " w "
                                  << c.shape.w << " zero point " << c.zeroW << " seed " << kSeed);
  const Bytes want = bytesOf(naiveConv(c, d));
  const Graph graph = graphOf(c, d, {.activation = activation});
  const std::vector<Bytes> inputs = {bytesOf(d.x), {}, {}, bytesOf(d.residual)};
  for (const IsaLevel level : levelsHere()) {
    for (const int threads : {1, 2}) {
      const RunS8 run = runS8(graph, inputs, level, threads, c.residual);
      ASSERT_EQ(run.kernel.substr(0, kernel.size()), kernel);
      ASSERT_EQ(run.output.size(), want.size());
      for (size_t i = 0; i < want.size(); ++i) {
        ASSERT_EQ(static_cast<int>(run.output[i]), static_cast<int>(want[i]))
            << run.kernel << " threads " << threads << " at " << i << " of " << want.size();
      }
    }
  }
}

void check(const Case& c, Random& random, const Activation& activation = {},
           const std::string& kernel = "conv_s8_depthwise_") {
  checkData(c, makeData(c, random), activation, kernel);
}

TEST(DepthwiseS8, EveryNumberOfChannels) {
  Random random;
  for (int64_t c = 2; c <= 67; ++c) check({"3x3", conv(1, 5, 6, c, c, 3, 1, 1, c)}, random);
  for (const int64_t c : {95, 96, 97, 127, 128, 129, 144, 160, 191, 192, 193}) {
    check({"3x3", conv(1, 3, 4, c, c, 3, 1, 1, c), true, true}, random);
  }
}

TEST(DepthwiseS8, EveryWindowStrideAndDilation) {
  Random random;
  for (const int64_t k : {1, 2, 3, 4, 5, 7, 9, 11}) {
    for (const int64_t stride : {1, 2, 3}) {
      for (const int64_t dilation : {1, 2}) {
        const int64_t pad = k / 2 * dilation, c = 19 + k;
        check({"square", conv(2, 12, 23, c, c, k, stride, pad, c, dilation), k % 2 == 0, k == 3},
              random);
      }
    }
  }
}

TEST(DepthwiseS8, OddShapes) {
  Random random;
  check({"one pixel", conv(1, 1, 1, 16, 16, 3, 1, 1, 16)}, random);
  check({"one column", conv(1, 9, 1, 40, 40, 3, 1, 1, 40)}, random);
  check({"one row", conv(1, 1, 9, 40, 40, 3, 2, 1, 40)}, random);
  check({"pads beyond the image", conv(1, 2, 2, 20, 20, 3, 1, 5, 20)}, random);
  check({"batch 0", conv(0, 4, 4, 16, 16, 3, 1, 1, 16)}, random);
  ConvShape bar = conv(1, 8, 30, 33, 33, 5, 1, 2, 33);
  bar.kh = 1;
  bar.padTop = 0;
  bar.oh = 8;
  check({"1x5", bar}, random);
  ConvShape tall = conv(1, 30, 8, 33, 33, 6, 1, 0, 33);
  tall.kw = 1;
  tall.ow = 8;
  check({"6x1", tall}, random);
  ConvShape uneven = conv(1, 12, 7, 24, 24, 3, 1, 1, 24);
  uneven.strideW = 2;
  uneven.ow = 4;
  check({"strides 1 and 2", uneven}, random);
  check({"wide: bands in pieces", conv(1, 4, 301, 70, 70, 3, 1, 1, 70), true, true}, random);
  ConvShape wide = conv(1, 4, 310, 6, 6, 300, 1, 0, 6);
  wide.kh = 1;
  wide.oh = 4;
  check({"too wide for a band of some levels", wide}, random, {}, "conv_s8_");
}

TEST(DepthwiseS8, ExtremeValues) {
  Random random;
  for (const int extreme : {1, 2}) {
    for (const int32_t zero : {-128, 0, 127}) {
      check({"3x3", conv(1, 6, 7, 83, 83, 3, 1, 1, 83), true, true, zero, -zero / 2, -128, 127,
             extreme}, random);
      check({"5x5 s2", conv(1, 7, 9, 34, 34, 5, 2, 2, 34), true, false, zero, 0, -128, 127, extreme},
            random);
    }
  }
}

// In one, two or three parts, in all blocks or some.
TEST(DepthwiseS8, WeightsWithAZeroPoint) {
  Random random;
  for (const int32_t zeroW : {-128, -127, -5, 1, 90, 127}) {
    for (const int extreme : {0, 1}) {
      for (const int64_t k : {3, 5}) {
        for (const int64_t stride : {1, 2}) {
          const int64_t c = 83 + k;
          check({"square", conv(1, 9, 10, c, c, k, stride, k / 2, c), true, stride == 1, -zeroW / 2, 5, -128, 127,
                 extreme, zeroW}, random);
        }
      }
    }
    check({"no bias", conv(1, 5, 6, 17, 17, 3, 1, 1, 17), false, false, 127, 0, -128, 127, 0, zeroW}, random);
    check({"dilated", conv(1, 9, 9, 40, 40, 3, 1, 2, 40, 2), true, false, -128, 0, -128, 127, 1, zeroW}, random);
  }
}

TEST(DepthwiseS8, OnlySomeBlocksNeedTwoParts) {
  Random random;
  const Case c = {"mixed", conv(1, 6, 7, 200, 200, 3, 1, 1, 200), true, false, -3, 5, -128, 127, 0, 20};
  Data d = makeData(c, random);
  for (size_t i = 0; i < d.weights.size(); ++i) {
    if (i / 9 != 70 && i / 9 != 190) d.weights[i] = std::max<int8_t>(d.weights[i], -100);
  }
  d.weights[70 * 9 + 4] = d.weights[190 * 9] = -128;
  checkData(c, d);
}

TEST(DepthwiseS8, ActivationsNarrowTheRange) {
  Random random;
  const ConvShape s = conv(1, 8, 9, 48, 48, 3, 1, 1, 48);
  // clip(-1, 3) with scale 0.11: -9.09 and 27.27 steps around the zero point.
  check({"relu", s, true, false, 0, -20, -20, 127}, random, {ActivationKind::relu});
  check({"clip", s, true, true, 4, -20, -29, 7}, random, {ActivationKind::clip, -1, 3});
}

}  // namespace
}  // namespace qrt::test
