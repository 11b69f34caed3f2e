// Conv and ConvTranspose against a scatter formulation, hand-computed cases, and their shape rules.
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "base/half.h"
#include "support/one_op.h"

namespace qrt::test {
namespace {

std::vector<float> randomValues(std::mt19937& random, int64_t count) {
  std::uniform_real_distribution<float> values(-1, 1);
  std::vector<float> result(static_cast<size_t>(count));
  for (float& value : result) value = values(random);
  return result;
}

struct Case {
  Shape x, w;
  std::array<int32_t, 2> strides{1, 1}, dilations{1, 1};
  std::array<int32_t, 4> pads{};
  int32_t groups = 1;
  std::array<int32_t, 2> outputPads{};
};

// The oracle scatters: each (input pixel, output pixel, tap) triple whose positions meet adds a
// product. `transposed` swaps which of the two is strided. No index arithmetic is shared with the op.
std::vector<double> scatter(const Case& c, const std::vector<float>& x, const std::vector<float>& w,
                            const Shape& out, bool transposed) {
  std::vector<double> result(static_cast<size_t>(out.elements()));
  const int64_t groupIn = c.x[3] / c.groups, groupOut = c.w[0] / c.groups;
  const auto meets = [&](int axis, int64_t i, int64_t o, int64_t k) {
    const auto a = static_cast<size_t>(axis);
    const int64_t wide = transposed ? o : i, narrow = transposed ? i : o;
    return narrow * c.strides[a] + k * c.dilations[a] == wide + c.pads[a];
  };
  for (int64_t n = 0; n < c.x[0]; ++n)
    for (int64_t ih = 0; ih < c.x[1]; ++ih)
      for (int64_t oh = 0; oh < out[1]; ++oh)
        for (int64_t kh = 0; kh < c.w[1]; ++kh) {
          if (!meets(0, ih, oh, kh)) continue;
          for (int64_t iw = 0; iw < c.x[2]; ++iw)
            for (int64_t ow = 0; ow < out[2]; ++ow)
              for (int64_t kw = 0; kw < c.w[2]; ++kw) {
                if (!meets(1, iw, ow, kw)) continue;
                for (int64_t oc = 0; oc < c.w[0]; ++oc)
                  for (int64_t i = 0; i < groupIn; ++i) {
                    const int64_t ic = oc / groupOut * groupIn + i;
                    const int64_t xAt = ((n * c.x[1] + ih) * c.x[2] + iw) * c.x[3] + ic;
                    const int64_t wAt = ((oc * c.w[1] + kh) * c.w[2] + kw) * groupIn + i;
                    const int64_t at = ((n * out[1] + oh) * out[2] + ow) * out[3] + oc;
                    result[static_cast<size_t>(at)] += static_cast<double>(x[static_cast<size_t>(xAt)]) *
                                                       static_cast<double>(w[static_cast<size_t>(wAt)]);
                  }
              }
        }
  return result;
}

void expectScatter(const Case& c, bool transposed, const Shape& wantedShape) {
  std::mt19937 random(7);
  const auto x = randomValues(random, c.x.elements());
  const auto w = randomValues(random, c.w.elements());
  const auto bias = randomValues(random, c.w[0]);
  Attributes attributes = ConvAttrs{c.strides, c.dilations, c.pads, c.groups, {}};
  if (transposed) {
    attributes = ConvTransposeAttrs{c.strides, c.dilations, c.pads, c.outputPads, c.groups, {}};
  }
  const auto found = runOne(transposed ? OpType::ConvTranspose : OpType::Conv, attributes,
                            {floats(c.x, x), floats(c.w, w), floats({c.w[0]}, bias)});
  ASSERT_TRUE(found.ok()) << found.status().message();
  ASSERT_EQ(found->shape, wantedShape) << found->shape.toString();
  const auto values = found->values<float>();
  const auto wanted = scatter(c, x, w, wantedShape, transposed);
  for (size_t i = 0; i < values.size(); ++i) {
    const double exact = wanted[i] + static_cast<double>(bias[i % static_cast<size_t>(c.w[0])]);
    ASSERT_NEAR(values[i], exact, 1e-6 * (1 + std::abs(exact))) << i;
  }
}

TEST(Conv, MatchesScatter) {
  expectScatter({.x = {2, 5, 7, 3}, .w = {4, 3, 3, 3}}, false, {2, 3, 5, 4});
  expectScatter({.x = {1, 1, 1, 1}, .w = {1, 1, 1, 1}}, false, {1, 1, 1, 1});
  expectScatter({.x = {1, 6, 5, 4}, .w = {6, 3, 2, 2}, .strides = {2, 1}, .pads = {1, 0, 2, 3},
                 .groups = 2},
                false, {1, 4, 7, 6});
  expectScatter({.x = {1, 9, 11, 5}, .w = {5, 3, 3, 1}, .strides = {2, 3}, .dilations = {2, 3},
                 .pads = {2, 3, 2, 3}, .groups = 5},
                false, {1, 5, 4, 5});
  // Fewer outputs than the stride would leave: the last rows are not read.
  expectScatter({.x = {1, 5, 5, 1}, .w = {2, 2, 2, 1}, .strides = {3, 3}}, false, {1, 2, 2, 2});
}

TEST(ConvTranspose, MatchesScatter) {
  expectScatter({.x = {2, 3, 4, 2}, .w = {3, 3, 3, 2}}, true, {2, 5, 6, 3});
  expectScatter({.x = {1, 3, 2, 4}, .w = {6, 3, 2, 2}, .strides = {2, 3}, .pads = {1, 0, 0, 1},
                 .groups = 2, .outputPads = {1, 2}},
                true, {1, 7, 6, 6});
  expectScatter({.x = {1, 2, 3, 3}, .w = {3, 2, 3, 1}, .strides = {3, 1}, .dilations = {2, 2},
                 .pads = {0, 2, 1, 2}, .groups = 3},
                true, {1, 5, 3, 3});
}

TEST(Conv, AddsBiasThenResidualThenActivates) {
  // 1·2 + 3·(−4) = −10; + bias 1 + residual 4 = −5; leaky relu 0.1: −0.5. Second pixel: 2 + 1 + 4 = 7.
  const Attributes attributes = ConvAttrs{.activation = {ActivationKind::leakyRelu, 0.1f, 0}};
  const auto out = runOne(OpType::Conv, attributes,
                          {floats({1, 1, 2, 2}, {1, -4, 1, 0}), floats({1, 1, 1, 2}, {2, 3}),
                           floats({1}, {1}), floats({1, 1, 2, 1}, {4, 4})});
  ASSERT_TRUE(out.ok()) << out.status().message();
  EXPECT_EQ(out->values<float>(), (std::vector<float>{-0.5f, 7}));
  const auto noBias = runOne(OpType::Conv, ConvAttrs{},
                             {floats({1, 1, 1, 1}, {3}), floats({1, 1, 1, 1}, {2}), absentInput(),
                              floats({1, 1, 1, 1}, {10})});
  ASSERT_TRUE(noBias.ok());
  EXPECT_EQ(noBias->values<float>(), std::vector<float>{16});
}

TEST(Conv, RunsInHalfAndDouble) {
  const auto half = runOne(OpType::Conv, ConvAttrs{},
                           {tensorOf<Half>({1, 1, 1, 2}, {1.5f, 2}),
                            tensorOf<Half>({1, 1, 1, 2}, {2, 0.25f})});
  ASSERT_TRUE(half.ok());
  EXPECT_EQ(float(half->values<Half>()[0]), 3.5f);
  const auto wide = runOne(OpType::Conv, ConvAttrs{.activation = {ActivationKind::relu}},
                           {tensorOf<double>({1, 1, 1, 1}, {1 + 0x1p-40}),
                            tensorOf<double>({1, 1, 1, 1}, {1})});
  ASSERT_TRUE(wide.ok());
  EXPECT_EQ(wide->values<double>()[0], 1 + 0x1p-40);
}

TEST(Conv, ShapeRuleKeepsUnknownDims) {
  const auto shape = [](const Shape& x, const Shape& w) {
    return inferOne(OpType::Conv, ConvAttrs{.strides = {2, 2}}, {shaped(x), shaped(w)}).value().shape;
  };
  EXPECT_EQ(shape({-1, -1, 7, 3}, {8, 3, 3, 3}), (Shape{-1, -1, 3, 8}));
  EXPECT_EQ(shape(Shape::unranked(), {8, 3, 3, 3}), (Shape{-1, -1, -1, 8}));
  EXPECT_EQ(shape({1, 7, 7, -1}, Shape::unranked()), (Shape{1, -1, -1, -1}));
  const auto residual = inferOne(OpType::Conv, ConvAttrs{},
                                 {shaped({-1, 4, 4, 3}), shaped({8, 1, 1, 3}), absentInput(),
                                  shaped({2, 4, -1, 8})});
  EXPECT_EQ(residual.value().shape, (Shape{2, 4, 4, 8}));
}

TEST(Conv, EmptyBatchComputesNothing) {
  const auto out = runOne(OpType::Conv, ConvAttrs{},
                          {floats({0, 2, 2, 1}, {}), floats({1, 1, 1, 1}, {2})});
  ASSERT_TRUE(out.ok()) << out.status().message();
  EXPECT_EQ(out->shape, (Shape{0, 2, 2, 1}));
}

TEST(Conv, ErrorsSayWhatIsWrong) {
  const auto conv = [](const ConvAttrs& attrs, const Shape& x, const Shape& w) {
    return inferOne(OpType::Conv, attrs, {shaped(x), shaped(w)});
  };
  const Shape x{1, 5, 5, 4}, w{6, 3, 3, 4};
  constexpr int32_t kHuge = std::numeric_limits<int32_t>::max();
  QRT_EXPECT_ERROR(conv({}, {1, 2, 5, 4}, w), "layer 'op' (Conv): the kernel covers 3 of height");
  QRT_EXPECT_ERROR(conv({}, {1, 5, 0, 4}, w), "input width is 0");
  QRT_EXPECT_ERROR(conv({}, {5, 5, 4}, w), "has shape 5x5x4, wanted [N,H,W,C]");
  QRT_EXPECT_ERROR(conv({}, x, {6, 3, 3, 3}), "(input channels per group) is 3, wanted 4");
  QRT_EXPECT_ERROR(conv({}, x, {6, 0, 3, 4}), "weights of shape 6x0x3x4 are empty");
  QRT_EXPECT_ERROR(conv({.groups = 4}, x, w), "groups is 4, wanted a positive divisor of 4 input");
  QRT_EXPECT_ERROR(conv({.groups = 0}, x, w), "groups is 0");
  QRT_EXPECT_ERROR(conv({.groups = -2}, x, w), "groups is -2");
  QRT_EXPECT_ERROR(conv({.strides = {1, 0}}, x, w), "stride (width) is 0, wanted 1 to");
  QRT_EXPECT_ERROR(conv({.strides = {kHuge, 1}}, x, w), "stride (height) is 2147483647");
  QRT_EXPECT_ERROR(conv({.dilations = {0, 1}}, x, w), "dilation (height) is 0");
  QRT_EXPECT_ERROR(conv({.pads = {0, -1, 0, 0}}, x, w), "padding before (width) is -1");
  QRT_EXPECT_ERROR(conv({.pads = {0, 0, kHuge, 0}}, x, w), "padding after (height) is 2147483647");
  QRT_EXPECT_ERROR(conv({.activation = {ActivationKind::clip, NAN, 1}}, x, w), "NaN");
  QRT_EXPECT_ERROR(conv({}, x, {6, int64_t{1} << 30, 3, 4}), "kernel size (height) is 1073741824");
  QRT_EXPECT_ERROR(inferOne(OpType::Conv, ConvAttrs{}, {shaped(x, DType::s8), shaped(w)}),
                   "input 0 is s8, wanted one of f32");
  QRT_EXPECT_ERROR(inferOne(OpType::Conv, ConvAttrs{}, {shaped(x), shaped(w, DType::f16)}),
                   "is f16, wanted f32");
  QRT_EXPECT_ERROR(inferOne(OpType::Conv, ConvAttrs{}, {shaped(x), shaped(w), shaped({5})}),
                   "size of the bias is 5, wanted 6");
  QRT_EXPECT_ERROR(inferOne(OpType::Conv, ConvAttrs{},
                            {shaped(x), shaped(w), absentInput(), shaped({1, 3, 3, 1})}),
                   "a dimension of the residual is 1, wanted 6");
  QRT_EXPECT_ERROR(inferOne(OpType::ConvTranspose, ConvTransposeAttrs{.pads = {3, 0, 4, 0}},
                            {shaped(x), shaped(w)}),
                   "padding 3 and 4 cuts all 7 of the output's height");
  QRT_EXPECT_ERROR(inferOne(OpType::ConvTranspose, ConvTransposeAttrs{.outputPads = {0, -1}},
                            {shaped(x), shaped(w)}),
                   "output padding (width) is -1");
  const ConvTransposeAttrs tooMuch{.strides = {3, 1}, .dilations = {1, 2}, .outputPads = {3, 1}};
  QRT_EXPECT_ERROR(inferOne(OpType::ConvTranspose, tooMuch, {shaped(x), shaped(w)}),
                   "output padding (height) is 3, wanted 0 to 2");
}

TEST(Conv, CountsMacs) {
  const auto macs = [](OpType op, const Attributes& attributes, const Shape& x, const Shape& w) {
    Graph graph = oneOpGraph(op, attributes, {shaped(x), shaped(w)});
    EXPECT_TRUE(inferShapes(graph).ok());
    return layerMacs(graph, graph.layers[0]);
  };
  // MobileNet's first layer and a depthwise one.
  EXPECT_EQ(macs(OpType::Conv, ConvAttrs{.strides = {2, 2}, .pads = {0, 0, 1, 1}}, {1, 224, 224, 3},
                 {32, 3, 3, 3}),
            112 * 112 * 32 * 27);
  EXPECT_EQ(macs(OpType::Conv, ConvAttrs{.pads = {1, 1, 1, 1}, .groups = 32}, {1, 112, 112, 32},
                 {32, 3, 3, 1}),
            112 * 112 * 32 * 9);
  EXPECT_EQ(macs(OpType::ConvTranspose, ConvTransposeAttrs{.strides = {2, 2}}, {1, 4, 5, 6},
                 {7, 2, 2, 6}),
            4 * 5 * 6 * 7 * 4);
  EXPECT_EQ(macs(OpType::Conv, ConvAttrs{}, {-1, 4, 4, 3}, {8, 1, 1, 3}), 0);
}

}  // namespace
}  // namespace qrt::test
