#include <gtest/gtest.h>

#include <cmath>

#include "base/half.h"
#include "support/one_op.h"

namespace qrt::test {
namespace {

using Floats = std::vector<float>;

// eˣ = 1, 2, 3, 6 and so on, for sums known beforehand.
const TestTensor kLogs = floats({2, 2}, {std::log(1.0f), std::log(3.0f), std::log(7.0f), std::log(1.0f)});

void expectNear(const Result<TestTensor>& found, const Floats& wanted) {
  ASSERT_TRUE(found.ok()) << found.status().message();
  const Floats values = found->values<float>();
  ASSERT_EQ(values.size(), wanted.size());
  for (size_t i = 0; i < wanted.size(); ++i) EXPECT_NEAR(values[i], wanted[i], 1e-6) << i;
}

TEST(Softmax, ByHandOnEitherAxis) {
  expectNear(runOne(OpType::Softmax, AxisAttrs{1}, {kLogs}), {0.25f, 0.75f, 0.875f, 0.125f});
  expectNear(runOne(OpType::Softmax, AxisAttrs{-2}, {kLogs}), {0.125f, 0.75f, 0.875f, 0.25f});
}

TEST(LogSoftmax, ByHandOnEitherAxis) {
  const auto log = [](float x) { return std::log(x); };
  expectNear(runOne(OpType::LogSoftmax, AxisAttrs{-1}, {kLogs}),
             {log(0.25f), log(0.75f), log(0.875f), log(0.125f)});
  expectNear(runOne(OpType::LogSoftmax, AxisAttrs{0}, {kLogs}),
             {log(0.125f), log(0.75f), log(0.875f), log(0.25f)});
}

TEST(Softmax, LargeValuesDoNotOverflow) {
  expectNear(runOne(OpType::Softmax, AxisAttrs{0}, {floats({3}, {1e30f, 1e30f, -1e30f})}), {0.5f, 0.5f, 0});
  expectNear(runOne(OpType::LogSoftmax, AxisAttrs{0}, {floats({2}, {1000, 0})}), {0, -1000});
  expectNear(runOne(OpType::Softmax, AxisAttrs{0}, {floats({1}, {-1e30f})}), {1});
}

TEST(Softmax, ShapeRuleAndDTypes) {
  const auto infer = [](const TestTensor& x, int axis) {
    return inferOne(OpType::Softmax, AxisAttrs{axis}, {x});
  };
  EXPECT_EQ(infer(shaped({-1, 4}), 1).value().shape, (Shape{-1, 4}));
  EXPECT_FALSE(infer(shaped(Shape::unranked()), -1).value().shape.ranked());
  QRT_EXPECT_ERROR(infer(shaped({2, 4}), 2), "axis 2");
  QRT_EXPECT_ERROR(infer(shaped({}), 0), "axis 0");
  QRT_EXPECT_ERROR(infer(shaped({2}, DType::s64), 0), "input 0 is s64");
  expectNear(runOne(OpType::Softmax, AxisAttrs{1}, {floats({3, 0}, {})}), {});
  const auto half = runOne(OpType::Softmax, AxisAttrs{0}, {tensorOf<BFloat16>({2}, {1, 1})});
  EXPECT_EQ(float(half.value().values<BFloat16>()[1]), 0.5f);
}

}  // namespace
}  // namespace qrt::test
