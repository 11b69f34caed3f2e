// MaxPool and AveragePool: cases computed by hand, against a loop over padded copies, and shape rules.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

#include "support/one_op.h"

namespace qrt::test {
namespace {

const TestTensor kCounting = floats({1, 3, 3, 1}, {1, 2, 3, 4, 5, 6, 7, 8, 9});

std::vector<float> pooled(OpType op, const PoolAttrs& attrs, const TestTensor& x = kCounting) {
  const auto out = runOne(op, attrs, {x});
  EXPECT_TRUE(out.ok()) << out.status().message();
  return out.ok() ? out->values<float>() : std::vector<float>();
}

Shape pooledShape(const PoolAttrs& attrs, const Shape& x) {
  const auto out = inferOne(OpType::MaxPool, attrs, {shaped(x)});
  EXPECT_TRUE(out.ok()) << out.status().message();
  return out.ok() ? out->shape : Shape();
}

using Floats = std::vector<float>;

TEST(MaxPool, ByHand) {
  EXPECT_EQ(pooled(OpType::MaxPool, {.kernel = {2, 2}}), (Floats{5, 6, 8, 9}));
  EXPECT_EQ(pooled(OpType::MaxPool, {.kernel = {2, 2}, .strides = {2, 2}}), (Floats{5}));
  EXPECT_EQ(pooled(OpType::MaxPool, {.kernel = {2, 2}, .strides = {2, 2}, .ceilMode = true}),
            (Floats{5, 6, 8, 9}));
  EXPECT_EQ(pooled(OpType::MaxPool, {.kernel = {2, 2}, .strides = {2, 2}, .pads = {1, 1, 1, 1}}),
            (Floats{1, 3, 7, 9}));
  EXPECT_EQ(pooled(OpType::MaxPool, {.kernel = {2, 2}, .dilations = {2, 2}}), (Floats{9}));
  EXPECT_EQ(pooled(OpType::MaxPool, {.kernel = {1, 2}, .dilations = {1, 2}, .pads = {0, 2, 0, 2}}),
            (Floats{1, 2, 3, 2, 3, 4, 5, 6, 5, 6, 7, 8, 9, 8, 9}));
}

TEST(MaxPool, PaddingIsNeverTheMaximum) {
  const TestTensor negative = floats({1, 2, 2, 1}, {-4, -3, -2, -1});
  EXPECT_EQ(pooled(OpType::MaxPool, {.kernel = {2, 2}, .pads = {1, 1, 0, 0}}, negative),
            (Floats{-4, -3, -2, -1}));
  const auto bytes = runOne(OpType::MaxPool, PoolAttrs{.kernel = {2, 2}, .pads = {1, 1, 0, 0}},
                            {tensorOf<int8_t>({1, 2, 2, 1}, {-128, -3, -127, -1})});
  EXPECT_EQ(bytes.value().values<int8_t>(), (std::vector<int8_t>{-128, -3, -127, -1}));
  const auto unsignedBytes = runOne(OpType::MaxPool, PoolAttrs{.kernel = {1, 2}},
                                    {tensorOf<uint8_t>({1, 1, 2, 1}, {3, 200})});
  EXPECT_EQ(unsignedBytes.value().values<uint8_t>(), (std::vector<uint8_t>{200}));
}

TEST(MaxPool, NaNWins) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const Floats found =
      pooled(OpType::MaxPool, {.kernel = {1, 2}}, floats({1, 1, 5, 1}, {1, nan, 2, 4, nan}));
  EXPECT_TRUE(std::isnan(found[0]) && std::isnan(found[1]) && std::isnan(found[3]));
  EXPECT_EQ(found[2], 4);
}

TEST(MaxPool, ADilatedWindowMaySeeOnlyPadding) {
  // Taps at −3 and 1 of one input.
  EXPECT_EQ(pooled(OpType::MaxPool, {.kernel = {1, 2}, .dilations = {1, 4}, .pads = {0, 3, 0, 1}},
                   floats({1, 1, 1, 1}, {5})),
            (Floats{-std::numeric_limits<float>::infinity()}));
}

TEST(AveragePool, ByHand) {
  EXPECT_EQ(pooled(OpType::AveragePool, {.kernel = {2, 2}}), (Floats{3, 4, 6, 7}));
  const PoolAttrs padded{.kernel = {2, 2}, .strides = {2, 2}, .pads = {1, 1, 0, 0}};
  EXPECT_EQ(pooled(OpType::AveragePool, padded), (Floats{1, 2.5f, 5.5f, 7}));
  PoolAttrs counted = padded;
  counted.countIncludePad = true;
  EXPECT_EQ(pooled(OpType::AveragePool, counted), (Floats{0.25f, 1.25f, 2.75f, 7}));
}

TEST(AveragePool, CeilModeCountsPaddingButNothingBehindIt) {
  const PoolAttrs ceil{.kernel = {2, 2}, .strides = {2, 2}, .ceilMode = true};
  EXPECT_EQ(pooled(OpType::AveragePool, ceil), (Floats{3, 4.5f, 7.5f, 9}));
  PoolAttrs counted = ceil;
  counted.countIncludePad = true;
  EXPECT_EQ(pooled(OpType::AveragePool, counted), (Floats{3, 4.5f, 7.5f, 9}));
  // One row 1 2 3 4 with a padding of 1 at both ends, windows of 3 every 3: (0 1 2) (3 4 0).
  EXPECT_EQ(pooled(OpType::AveragePool,
                   {.kernel = {1, 3}, .strides = {1, 3}, .pads = {0, 1, 0, 1}, .ceilMode = true,
                    .countIncludePad = true},
                   floats({1, 1, 4, 1}, {1, 2, 3, 4})),
            (Floats{1, 7.0f / 3}));
}

TEST(Pools, KeepChannelsAndBatchesApart) {
  std::mt19937 random(3);
  std::uniform_real_distribution<float> values(-1, 1);
  Floats x(2 * 5 * 7 * 3);
  for (float& value : x) value = values(random);
  const PoolAttrs attrs{.kernel = {3, 2}, .strides = {2, 3}, .pads = {1, 0, 1, 1}};
  const Floats max = pooled(OpType::MaxPool, attrs, floats({2, 5, 7, 3}, x));
  const Floats mean = pooled(OpType::AveragePool, attrs, floats({2, 5, 7, 3}, x));
  ASSERT_EQ(max.size(), 2u * 3 * 3 * 3);
  size_t at = 0;
  for (int n = 0; n < 2; ++n)
    for (int oh = 0; oh < 3; ++oh)
      for (int ow = 0; ow < 3; ++ow)
        for (int c = 0; c < 3; ++c, ++at) {
          float best = -2;
          double sum = 0;
          int count = 0;
          for (int ih = 0; ih < 5; ++ih)
            for (int iw = 0; iw < 7; ++iw) {
              if (ih < 2 * oh - 1 || ih > 2 * oh + 1 || iw < 3 * ow || iw > 3 * ow + 1) continue;
              const float value = x[static_cast<size_t>(((n * 5 + ih) * 7 + iw) * 3 + c)];
              best = std::max(best, value);
              sum += static_cast<double>(value);
              ++count;
            }
          EXPECT_EQ(max[at], best) << at;
          EXPECT_FLOAT_EQ(mean[at], static_cast<float>(sum / count)) << at;
        }
}

TEST(Pools, OutputSizes) {
  EXPECT_EQ(pooledShape({.kernel = {3, 3}, .strides = {2, 2}}, {1, 112, 112, 8}), (Shape{1, 55, 55, 8}));
  EXPECT_EQ(pooledShape({.kernel = {3, 3}, .strides = {2, 2}, .ceilMode = true}, {1, 112, 112, 8}),
            (Shape{1, 56, 56, 8}));
  // Rounding up would give 3, but the third window would start at 4, behind the input and its left padding.
  EXPECT_EQ(pooledShape({.kernel = {1, 2}, .strides = {1, 2}, .pads = {0, 0, 0, 1}, .ceilMode = true},
                        {1, 1, 4, 1}),
            (Shape{1, 1, 2, 1}));
  EXPECT_EQ(pooledShape({.kernel = {2, 2}}, {-1, 4, -1, -1}), (Shape{-1, 3, -1, -1}));
  EXPECT_EQ(pooledShape({.kernel = {2, 2}}, Shape::unranked()), (Shape{-1, -1, -1, -1}));
}

TEST(Pools, AutoPadBecomesPads) {
  const auto resolved = [](PoolAttrs attrs, const Shape& x) {
    Graph graph = oneOpGraph(OpType::MaxPool, attrs, {shaped(x)});
    EXPECT_TRUE(inferShapes(graph).ok());
    return std::pair(graph.layers[0].attrs<PoolAttrs>(), graph.tensor(graph.outputs[0]).shape);
  };
  PoolAttrs same{.kernel = {3, 4}, .strides = {2, 3}, .dilations = {2, 1}};
  same.autoPad = AutoPad::sameUpper;
  // Height 7: 4 windows of 5 in steps of 2 need 11. Width 8: 3 windows of 4 in steps of 3 need 10.
  const auto [upper, upperShape] = resolved(same, {1, 7, 8, 1});
  EXPECT_EQ(upper.autoPad, AutoPad::none);
  EXPECT_EQ(upper.pads, (std::array<int32_t, 4>{2, 1, 2, 1}));
  EXPECT_EQ(upperShape, (Shape{1, 4, 3, 1}));
  // Height 8: 4 windows, 11 again. Width 7: 3 windows, 10 again.
  same.autoPad = AutoPad::sameLower;
  EXPECT_EQ(resolved(same, {1, 8, 7, 1}).first.pads, (std::array<int32_t, 4>{2, 2, 1, 1}));
  // One dim open: the other's output is known, and nothing is final.
  const auto [open, openShape] = resolved(same, {1, -1, 7, 1});
  EXPECT_EQ(open.autoPad, AutoPad::sameLower);
  EXPECT_EQ(openShape, (Shape{1, -1, 3, 1}));
  // With stride 1 no size is needed; a step wider than the window needs no padding.
  same.strides = {1, 1};
  EXPECT_EQ(resolved(same, Shape::unranked()).first.pads, (std::array<int32_t, 4>{2, 2, 2, 1}));
  const PoolAttrs sparse{.kernel = {1, 2}, .strides = {2, 3}, .autoPad = AutoPad::sameUpper};
  EXPECT_EQ(resolved(sparse, {1, 5, 5, 1}).first.pads, (std::array<int32_t, 4>{}));
  EXPECT_EQ(resolved(sparse, {1, 5, 5, 1}).second, (Shape{1, 3, 2, 1}));
}

TEST(Pools, HugeKernelsOverSmallInputsEnd) {
  constexpr int32_t kHuge = 1 << 24;
  EXPECT_EQ(pooled(OpType::MaxPool, {.kernel = {kHuge, kHuge}, .pads = {kHuge - 3, kHuge - 3, 0, 0}}),
            (Floats{9}));
}

TEST(Pools, ErrorsSayWhatIsWrong) {
  const auto pool = [](const PoolAttrs& attrs, const Shape& x) {
    return inferOne(OpType::AveragePool, attrs, {shaped(x)});
  };
  const Shape x{1, 4, 4, 2};
  QRT_EXPECT_ERROR(pool({.kernel = {5, 1}}, x), "the kernel covers 5 of height, more than the padded input's 4");
  QRT_EXPECT_ERROR(pool({.kernel = {0, 1}}, x), "kernel size (height) is 0, wanted at least 1");
  QRT_EXPECT_ERROR(pool({.kernel = {-1, 1}}, x), "kernel size (height) is -1");
  QRT_EXPECT_ERROR(pool({.strides = {1, -2}}, x), "stride (width) is -2");
  QRT_EXPECT_ERROR(pool({.kernel = {2, 2}, .pads = {0, 2, 0, 0}}, x), "see only padding");
  QRT_EXPECT_ERROR(pool({.dilations = {2, 1}}, x), "dilation 2 of AveragePool, wanted 1");
  QRT_EXPECT_ERROR(pool({}, {1, 0, 4, 2}), "input height is 0");
  constexpr int32_t kMost = std::numeric_limits<int32_t>::max();
  QRT_EXPECT_ERROR(pool({.kernel = {kMost, 1}, .dilations = {kMost, 1}, .autoPad = AutoPad::sameUpper}, x),
                   "kernel size (height) is 2147483647");
  QRT_EXPECT_ERROR(pool({.strides = {0, 1}, .autoPad = AutoPad::sameUpper}, x), "stride (height) is 0");
  QRT_EXPECT_ERROR(pool({}, {4, 4, 2}), "wanted [N,H,W,C]");
  QRT_EXPECT_ERROR(inferOne(OpType::MaxPool, PoolAttrs{}, {shaped(x, DType::s64)}), "input 0 is s64");
}

}  // namespace
}  // namespace qrt::test
