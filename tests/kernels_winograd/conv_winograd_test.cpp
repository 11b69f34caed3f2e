// Convolutions by Winograd's algorithm at every level here, with 1 and 3 threads byte for byte, and
// when they are chosen.
#include <gtest/gtest.h>

#include <random>
#include <string>

#include "kernels/winograd/conv_winograd_f32.h"
#include "kernels_winograd/run_winograd.h"

namespace qrt {
namespace {

using test::forEachTileSize;
using test::WinogradCase;

// Of a single output before its activation. Inputs and weights from −1 to 1 have variance ⅓;
// outputs at the far edge of a tile are amplified more than the mean; 16 times it was seen among
// thousands (F(7, 2)). The rest is for bias, residual and activation.
double mostError(const ConvShape& s, int m) {
  const double deviation = std::sqrt(static_cast<double>(s.c * s.kh * s.kw)) / 3;
  return 20 * winograd(m, static_cast<int>(s.kh)).error(s.c) * deviation + 1e-6;
}

void check(const WinogradCase& winograd, int m, const std::string& what) {
  const double bound = mostError(winograd.shape(), m);
  for (const IsaLevel level : test::levelsHere()) {
    const std::string where = what + " at " + std::string(isaName(level));
    const std::vector<float> one = winograd.run(m, level, 1), three = winograd.run(m, level, 3);
    const test::ErrorOf error = winograd.errorOf(one);
    EXPECT_LE(error.most, bound) << where;
    EXPECT_TRUE(one.empty() || std::memcmp(one.data(), three.data(), one.size() * sizeof(float)) == 0)
        << where << ": 1 and 3 threads differ";
  }
}

ConvShape square(int64_t h, int64_t w, int64_t c, int64_t o, int64_t r, int64_t pad) {
  return {.h = h,
          .w = w,
          .c = c,
          .oh = h + 2 * pad - r + 1,
          .ow = w + 2 * pad - r + 1,
          .o = o,
          .kh = r,
          .kw = r,
          .padTop = pad,
          .padLeft = pad};
}

TEST(ConvWinograd, EveryTileSizeAtEdgesOfEverySize) {
  forEachTileSize([](int m, int r) {
    for (int64_t extra = 0; extra < m; ++extra) {
      const WinogradCase winograd(square(m + extra, 2 * m - extra, 5, 7, r, r / 2),
                                  {ActivationKind::relu}, true, extra % 2 == 0);
      check(
          winograd, m,
          "F(" + std::to_string(m) + ", " + std::to_string(r) + ") extra " + std::to_string(extra));
    }
  });
}

TEST(ConvWinograd, ChannelsOfEveryRemainder) {
  for (int64_t c = 1; c <= 17; ++c) {
    check(WinogradCase(square(9, 6, c, 18 - c, 3, 1), {}, c % 2 == 0, c % 3 == 0), 4,
          "c " + std::to_string(c));
  }
  check(WinogradCase(square(6, 6, 33, 65, 3, 1), {}, true, false), 2, "33 to 65");
}

TEST(ConvWinograd, RandomShapes) {
  std::mt19937 random(5);
  const auto pick = [&](int64_t low, int64_t high) {
    return low + static_cast<int64_t>(random() % static_cast<uint64_t>(high - low + 1));
  };
  for (int i = 0; i < 60; ++i) {
    const int64_t r = pick(2, 7);
    int m = static_cast<int>(pick(2, 7));
    while (!winogradExists(m, static_cast<int>(r))) m = m % 7 + 1;
    ConvShape s{.n = pick(1, 2),
                .h = pick(1, 20),
                .w = pick(1, 20),
                .c = pick(1, 40),
                .o = pick(1, 40),
                .kh = r,
                .kw = r,
                .padTop = pick(0, r + 1),
                .padLeft = pick(0, r + 1)};
    s.oh = s.h + s.padTop + pick(0, 2) - r + 1;  // the window may be larger than the input
    s.ow = s.w + s.padLeft + pick(0, 2) - r + 1;
    if (s.oh < 1 || s.ow < 1) continue;
    check(
        WinogradCase(s, {ActivationKind::clip, -1, 1}, pick(0, 1) == 1, pick(0, 1) == 1, random()),
        m, "random " + std::to_string(i));
  }
}

TEST(ConvWinograd, ManyChunksAndColumnSplits) {
  check(WinogradCase(square(61, 45, 80, 20, 3, 1), {ActivationKind::tanh}, true, false), 2,
        "many chunks");
  check(WinogradCase(square(5, 5, 200, 130, 3, 1), {}, true, true), 4, "one chunk");
  check(WinogradCase({.n = 0,
                      .h = 4,
                      .w = 4,
                      .c = 8,
                      .oh = 4,
                      .ow = 4,
                      .o = 8,
                      .kh = 3,
                      .kw = 3,
                      .padTop = 1,
                      .padLeft = 1},
                     {}, false, false),
        2, "batch 0");
}

TEST(ConvWinograd, IsChosenWhereItPaysAndMay) {
  const GemmKernelF32& gemm = gemmKernelF32(IsaLevel::scalar);
  const ConvShape shape = square(56, 56, 64, 64, 3, 1);
  EXPECT_GT(chooseWinograd(shape, gemm, 1), 2);
  EXPECT_EQ(chooseWinograd(shape, gemm, winograd(2, 3).error(64)), 2);
  EXPECT_EQ(chooseWinograd(shape, gemm, 0), 0);
  const auto changed = [&](auto change) {
    ConvShape other = shape;
    change(other);
    return chooseWinograd(other, gemm, 1);
  };
  EXPECT_EQ(changed([](ConvShape& s) { s.strideH = 2, s.oh = 28; }), 0);
  EXPECT_EQ(changed([](ConvShape& s) { s.dilationW = 2, s.ow = 54; }), 0);
  EXPECT_EQ(changed([](ConvShape& s) { s.groups = 2; }), 0);
  EXPECT_EQ(changed([](ConvShape& s) { s.kw = 1; }), 0);
  EXPECT_EQ(changed([](ConvShape& s) { s.transposed = true; }), 0);
  EXPECT_EQ(changed([](ConvShape& s) { s.h = s.w = s.oh = s.ow = 1; }), 0);
  EXPECT_EQ(changed([](ConvShape& s) { s.kh = s.kw = 8, s.oh = s.ow = 51; }), 0);
}

TEST(ConvWinograd, LayersSayWhichTileTheyTook) {
  std::mt19937 random(9);
  const auto randomTensor = [&](const Shape& shape) {
    std::uniform_real_distribution<float> uniform(-1, 1);
    std::vector<float> values(static_cast<size_t>(shape.elements()));
    for (float& value : values) value = uniform(random);
    return test::floats(shape, values);
  };
  const test::LayerCase layer{
      OpType::Conv,
      ConvAttrs{.pads = {1, 1, 1, 1}, .activation = {ActivationKind::hardSwish}},
      {randomTensor({1, 30, 22, 48}), randomTensor({40, 3, 3, 48}), randomTensor({40}),
       randomTensor({1, 30, 22, 40})},
      {false, true, true, false}};
  for (const IsaLevel level : test::levelsHere()) {
    const test::LayerRun direct = test::runLayer(layer, level, 1);
    EXPECT_NE(direct.kernel.find("conv_f32_gemm_"), std::string::npos) << direct.kernel;
    const test::LayerRun one = test::runLayer(layer, level, 1, 2e-5);
    const ConvShape shape{.h = 30, .w = 22, .c = 48, .oh = 30, .ow = 22, .o = 40, .kh = 3, .kw = 3};
    const int m = chooseWinograd(shape, gemmKernelF32(level), 2e-5);
    EXPECT_EQ(one.kernel, "conv_f32_winograd" + std::to_string(m) + "x3_" +
                              std::string(isaName(winogradKernelF32(level).isa)));
    const test::LayerRun two = test::runLayer(layer, level, 2, 2e-5);
    EXPECT_EQ(0,
              std::memcmp(one.values.data(), two.values.data(), one.values.size() * sizeof(float)));
    const double bound = 2 * mostError(shape, m);  // slopes of HardSwish are below 2
    for (size_t i = 0; i < one.values.size(); ++i)
      ASSERT_NEAR(one.values[i], direct.values[i], bound) << i;
  }
}

}  // namespace
}  // namespace qrt
