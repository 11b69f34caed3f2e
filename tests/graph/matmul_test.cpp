// MatMul and FullyConnected by hand, against a loop over numpy's broadcasting rule, and shape rules.
#include <gtest/gtest.h>

#include <limits>
#include <random>

#include "support/one_op.h"

namespace qrt::test {
namespace {

using Floats = std::vector<float>;

std::string shapeOf(const Shape& a, const Shape& b) {
  const auto out = inferOne(OpType::MatMul, NoAttrs{}, {shaped(a), shaped(b)});
  return out.ok() ? out->shape.toString() : out.status().message();
}

TEST(MatMul, ShapesFollowNumpy) {
  EXPECT_EQ(shapeOf({2, 3}, {3, 4}), "2x4");
  EXPECT_EQ(shapeOf({3}, {3}), "scalar");
  EXPECT_EQ(shapeOf({3}, {3, 4}), "4");
  EXPECT_EQ(shapeOf({2, 3}, {3}), "2");
  EXPECT_EQ(shapeOf({5, 1, 2, 3}, {7, 3, 4}), "5x7x2x4");
  EXPECT_EQ(shapeOf({3}, {7, 3, 4}), "7x4");
  EXPECT_EQ(shapeOf({7, 2, 3}, {3}), "7x2");
  EXPECT_EQ(shapeOf({-1, 2, -1}, {3, 4}), "?x2x4");
  EXPECT_EQ(shapeOf(Shape::unranked(), {3, 4}), "unranked");
  EXPECT_EQ(shapeOf({0, 2, 3}, {3, 4}), "0x2x4");
}

TEST(MatMul, ErrorsSayWhatIsWrong) {
  EXPECT_EQ(shapeOf({2, 3}, {4, 3}),
            "layer 'op' (MatMul): matrices 2x3 and 4x3: rows of the second is 4, wanted 3");
  EXPECT_NE(shapeOf({2, 2, 3}, {3, 3, 4}).find("cannot be broadcast"), std::string::npos);
  EXPECT_NE(shapeOf({}, {3}).find("input 0 is a scalar"), std::string::npos);
  QRT_EXPECT_ERROR(inferOne(OpType::MatMul, NoAttrs{}, {shaped({1}, DType::u8), shaped({1})}),
                   "input 0 is u8");
}

TEST(MatMul, BroadcastsBatches) {
  std::mt19937 random(11);
  std::uniform_int_distribution<int> values(-9, 9);
  const auto fill = [&](size_t count) {
    Floats result(count);
    for (float& value : result) value = static_cast<float>(values(random));
    return result;
  };
  // [2,1,3,5] × [4,5,2] → [2,4,3,2]; small integers, so that sums are exact.
  const Floats a = fill(2 * 3 * 5), b = fill(4 * 5 * 2);
  const auto out = runOne(OpType::MatMul, NoAttrs{}, {floats({2, 1, 3, 5}, a), floats({4, 5, 2}, b)});
  ASSERT_TRUE(out.ok()) << out.status().message();
  ASSERT_EQ(out->shape, (Shape{2, 4, 3, 2}));
  const Floats found = out->values<float>();
  size_t at = 0;
  for (size_t i = 0; i < 2; ++i)
    for (size_t j = 0; j < 4; ++j)
      for (size_t m = 0; m < 3; ++m)
        for (size_t n = 0; n < 2; ++n, ++at) {
          float sum = 0;
          for (size_t k = 0; k < 5; ++k) sum += a[(i * 3 + m) * 5 + k] * b[(j * 5 + k) * 2 + n];
          EXPECT_EQ(found[at], sum) << at;
        }
}

TEST(MatMul, VectorsAndEmptySums) {
  const auto run = [](const TestTensor& a, const TestTensor& b) {
    return runOne(OpType::MatMul, NoAttrs{}, {a, b}).value().values<float>();
  };
  EXPECT_EQ(run(floats({3}, {1, 2, 3}), floats({3}, {4, 5, 6})), Floats{32});
  EXPECT_EQ(run(floats({2}, {1, 2}), floats({2, 2}, {1, 2, 3, 4})), (Floats{7, 10}));
  EXPECT_EQ(run(floats({2, 2}, {1, 2, 3, 4}), floats({2}, {1, 2})), (Floats{5, 11}));
  EXPECT_EQ(run(floats({2, 0}, {}), floats({0, 1}, {})), (Floats{0, 0}));
}

TEST(MatMul, IntegersWrapAround) {
  const int32_t most = std::numeric_limits<int32_t>::max();
  const auto out = runOne(OpType::MatMul, NoAttrs{},
                          {tensorOf<int32_t>({1, 2}, {most, -3}), tensorOf<int32_t>({2, 1}, {2, 5})});
  EXPECT_EQ(out.value().values<int32_t>(), std::vector<int32_t>{-17});
}

TEST(MatMul, CountsMacs) {
  Graph graph = oneOpGraph(OpType::MatMul, NoAttrs{}, {shaped({5, 2, 3}), shaped({3, 4})});
  ASSERT_TRUE(inferShapes(graph).ok());
  EXPECT_EQ(layerMacs(graph, graph.layers[0]), 5 * 2 * 3 * 4);
}

TEST(FullyConnected, ByHand) {
  const FullyConnectedAttrs relu{{ActivationKind::relu}};
  const std::vector<TestTensor> inputs = {floats({2, 3}, {1, 2, 3, -1, 0, 1}),
                                          floats({2, 3}, {1, 1, 1, 2, 0, -1}), floats({2}, {0.5f, 2})};
  EXPECT_EQ(runOne(OpType::FullyConnected, FullyConnectedAttrs{}, inputs).value().values<float>(),
            (Floats{6.5f, 1, 0.5f, -1}));
  EXPECT_EQ(runOne(OpType::FullyConnected, relu, inputs).value().values<float>(),
            (Floats{6.5f, 1, 0.5f, 0}));
  const auto ints = runOne(OpType::FullyConnected, FullyConnectedAttrs{},
                           {tensorOf<int64_t>({1, 2}, {3, -4}), tensorOf<int64_t>({1, 2}, {5, 6})});
  EXPECT_EQ(ints.value().values<int64_t>(), std::vector<int64_t>{-9});
  Graph graph = oneOpGraph(OpType::FullyConnected, FullyConnectedAttrs{}, inputs);
  ASSERT_TRUE(inferShapes(graph).ok());
  EXPECT_EQ(layerMacs(graph, graph.layers[0]), 2 * 3 * 2);
}

TEST(FullyConnected, ErrorsSayWhatIsWrong) {
  const auto run = [](std::vector<TestTensor> inputs, ActivationKind kind = ActivationKind::none) {
    return inferOne(OpType::FullyConnected, FullyConnectedAttrs{{kind}}, inputs);
  };
  EXPECT_EQ(run({shaped({-1, 3}), shaped({4, -1})}).value().shape, (Shape{-1, 4}));
  QRT_EXPECT_ERROR(run({shaped({1, 3}), shaped({4, 2})}), "weights' input size is 2, wanted 3");
  QRT_EXPECT_ERROR(run({shaped({1, 3, 1}), shaped({4, 3})}), "has shape 1x3x1, wanted [M,I]");
  QRT_EXPECT_ERROR(run({shaped({1, 3}), shaped({4, 3}), shaped({3})}), "size of the bias is 3, wanted 4");
  QRT_EXPECT_ERROR(run({shaped({1, 3}, DType::s32), shaped({4, 3}, DType::s32)}, ActivationKind::relu),
                   "a tensor with an activation is s32");
}

}  // namespace
}  // namespace qrt::test
