// BatchNormalization, InstanceNormalization, LayerNormalization and Lrn by hand.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "base/half.h"
#include "support/one_op.h"

namespace qrt::test {
namespace {

using Floats = std::vector<float>;

void expectNear(const Result<TestTensor>& found, const Floats& wanted) {
  ASSERT_TRUE(found.ok()) << found.status().message();
  const Floats values = found->values<float>();
  ASSERT_EQ(values.size(), wanted.size());
  for (size_t i = 0; i < wanted.size(); ++i) {
    EXPECT_NEAR(values[i], wanted[i], 1e-6f * (1 + std::abs(wanted[i]))) << i;
  }
}

// Variances 4 and 0.25 with epsilon 0 divide by 2 and 0.5: all results are exact.
const std::vector<TestTensor> kPerChannel = {floats({2}, {3, -1}), floats({2}, {10, 20}),
                                             floats({2}, {1, 2}), floats({2}, {4, 0.25f})};

TEST(BatchNormalization, ByHandOnEitherAxis) {
  const auto run = [](int axis, const Shape& shape, const Floats& x) {
    std::vector<TestTensor> inputs = kPerChannel;
    inputs.insert(inputs.begin(), floats(shape, x));
    return runOne(OpType::BatchNormalization, NormAttrs{.epsilon = 0, .axis = axis}, inputs);
  };
  // (x − 1) / 2 · 3 + 10 and −(x − 2) / 0.5 + 20.
  expectNear(run(-1, {1, 2, 2}, {1, 2, 3, 4}), {10, 20, 13, 16});
  expectNear(run(1, {1, 2, 2}, {1, 3, 2, 4}), {10, 13, 20, 16});
  expectNear(run(3, {0, 1, 1, 2}, {}), {});
}

TEST(BatchNormalization, EpsilonIsAddedToTheVariance) {
  expectNear(runOne(OpType::BatchNormalization, NormAttrs{.epsilon = 5, .axis = 1},
                    {floats({1, 1}, {7}), floats({1}, {1}), floats({1}, {0}), floats({1}, {1}),
                     floats({1}, {4})}),
             {2});
}

TEST(InstanceNormalization, ByHand) {
  // Channel 0 of sample 0 holds 1 3 (mean 2, deviation 1), channel 1 holds 10 30 (20, 10);
  // sample 1 holds 0 8 and 5 5.
  const Floats last = {1, 10, 3, 30, 0, 5, 8, 5};
  const TestTensor scale = floats({2}, {2, 1}), bias = floats({2}, {0, 7});
  expectNear(runOne(OpType::InstanceNormalization, NormAttrs{.epsilon = 0.0f, .axis = 2},
                    {floats({1, 2, 2}, {1, 10, 3, 30}), scale, bias}),
             {-2, 6, 2, 8});
  expectNear(runOne(OpType::InstanceNormalization, NormAttrs{.epsilon = 1e-12f, .axis = 3},
                    {floats({2, 1, 2, 2}, last), scale, bias}),
             {-2, 6, 2, 8, -2, 7, 2, 7});
  expectNear(runOne(OpType::InstanceNormalization, NormAttrs{.epsilon = 0, .axis = 1},
                    {floats({1, 2, 2}, {1, 3, 10, 30}), scale, bias}),
             {-2, 2, 6, 8});
}

TEST(LayerNormalization, ByHandWithStatistics) {
  // Rows 1 3 (mean 2, deviation 1) and 0 8 (mean 4, deviation 4).
  const std::vector<TestTensor> inputs = {floats({2, 2}, {1, 3, 0, 8}), floats({2}, {1, 2}),
                                          floats({2}, {10, 20})};
  const auto out = runOutputs(OpType::LayerNormalization, NormAttrs{.epsilon = 0, .axis = -1}, inputs,
                              {{}, {}, {}});
  ASSERT_TRUE(out.ok()) << out.status().message();
  EXPECT_EQ((*out)[0].values<float>(), (Floats{9, 22, 9, 22}));
  EXPECT_EQ((*out)[1].shape, (Shape{2, 1}));
  EXPECT_EQ((*out)[1].values<float>(), (Floats{2, 4}));
  EXPECT_EQ((*out)[2].values<float>(), (Floats{1, 0.25f}));
  // Over both dims, without bias: mean 3, variance (4 + 0 + 9 + 25) / 4.
  const float deviation = std::sqrt(9.5f);
  expectNear(runOne(OpType::LayerNormalization, NormAttrs{.epsilon = 0, .axis = 0},
                    {inputs[0], floats({2, 2}, {1, 1, 1, 2})}),
             {-2 / deviation, 0, -3 / deviation, 10 / deviation});
}

TEST(LayerNormalization, RunsInHalf) {
  const auto out = runOne(OpType::LayerNormalization, NormAttrs{.epsilon = 0, .axis = 1},
                          {tensorOf<Half>({1, 2}, {1, 3}), tensorOf<Half>({2}, {1, 1})});
  ASSERT_TRUE(out.ok()) << out.status().message();
  EXPECT_EQ(float(out->values<Half>()[1]), 1.0f);
}

TEST(Normalizations, ShapesMayBeUnknown) {
  const auto infer = [](OpType op, const Shape& x, const Shape& scale) {
    return inferOne(op, NormAttrs{.axis = 1}, {shaped(x), shaped(scale), shaped(scale)}).value().shape;
  };
  EXPECT_EQ(infer(OpType::InstanceNormalization, {-1, -1, 5}, {3}), (Shape{-1, -1, 5}));
  EXPECT_EQ(infer(OpType::LayerNormalization, {2, -1, 5}, {3, 5}), (Shape{2, -1, 5}));
  EXPECT_FALSE(infer(OpType::InstanceNormalization, Shape::unranked(), {3}).ranked());
  EXPECT_FALSE(infer(OpType::LayerNormalization, Shape::unranked(), {3}).ranked());
}

TEST(Normalizations, ErrorsSayWhatIsWrong) {
  const auto infer = [](OpType op, const NormAttrs& attrs, const Shape& x, const Shape& scale) {
    return inferOne(op, attrs, {shaped(x), shaped(scale), shaped(scale)});
  };
  constexpr OpType kInstance = OpType::InstanceNormalization, kLayer = OpType::LayerNormalization;
  QRT_EXPECT_ERROR(infer(kInstance, {.epsilon = NAN}, {1, 2}, {2}), "epsilon is nan");
  QRT_EXPECT_ERROR(infer(kInstance, {.epsilon = -1}, {1, 2}, {2}), "epsilon is -1");
  QRT_EXPECT_ERROR(infer(kInstance, {.axis = 2}, {1, 2}, {2}), "axis 2");
  QRT_EXPECT_ERROR(infer(kInstance, {.axis = 0}, {1, 2}, {1}), "wanted one behind the batch");
  QRT_EXPECT_ERROR(infer(kInstance, {}, {1, 2, 4}, {3}), "values per channel is 3, wanted 2");
  QRT_EXPECT_ERROR(infer(kInstance, {}, {1, 2, 4}, {1, 2}), "wanted one value per channel");
  QRT_EXPECT_ERROR(infer(kLayer, {.axis = 1}, {1, 2, 4}, {4}), "wanted the normalized dimensions");
  QRT_EXPECT_ERROR(infer(kLayer, {.axis = 1}, {1, 2, 4}, {2, 3}), "scale or bias is 3, wanted 4");
  QRT_EXPECT_ERROR(inferOne(kLayer, NormAttrs{}, {shaped({1, 2}, DType::s32), shaped({2})}),
                   "input 0 is s32");
  QRT_EXPECT_ERROR(inferOne(OpType::BatchNormalization, NormAttrs{},
                            {shaped({1, 2}), shaped({2}), shaped({2}), shaped({2}), shaped({1})}),
                   "values per channel is 1, wanted 2");
}

TEST(Lrn, ByHandWithAnEvenSize) {
  // Size 4 sees one channel before and two after: sums of squares 14, 30, 29, 25 of 1 2 3 4.
  const LrnAttrs attrs{.size = 4, .alpha = 4, .beta = 0.5f, .bias = 2, .axis = 1};
  const Floats wanted = {1 / 4.0f, 2 / std::sqrt(32.0f), 3 / std::sqrt(31.0f), 4 / std::sqrt(27.0f)};
  expectNear(runOne(OpType::Lrn, attrs, {floats({1, 4}, {1, 2, 3, 4})}), wanted);
  // The same channels, each twice along an inner dim.
  expectNear(runOne(OpType::Lrn, attrs, {floats({1, 4, 2}, {1, 1, 2, 2, 3, 3, 4, 4})}),
             {wanted[0], wanted[0], wanted[1], wanted[1], wanted[2], wanted[2], wanted[3], wanted[3]});
}

TEST(Lrn, ErrorsSayWhatIsWrong) {
  const auto infer = [](const LrnAttrs& attrs) {
    return inferOne(OpType::Lrn, attrs, {shaped({1, 4})});
  };
  QRT_EXPECT_ERROR(infer({.size = 0}), "size is 0, wanted at least 1");
  QRT_EXPECT_ERROR(infer({.beta = INFINITY}), "must be finite");
  QRT_EXPECT_ERROR(infer({.axis = -3}), "axis -3");
  EXPECT_TRUE(runOne(OpType::Lrn, LrnAttrs{.size = std::numeric_limits<int32_t>::max()},
                     {floats({1, 2}, {1, 2})})
                  .ok());
}

}  // namespace
}  // namespace qrt::test
