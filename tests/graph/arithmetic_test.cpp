#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

#include "base/half.h"
#include "support/one_op.h"

namespace qrt {
namespace {

using test::floats;
using test::inferOne;
using test::ints;
using test::shaped;
using test::shapeOne;
using test::tensorOf;
using test::valuesOne;

using Ints = std::vector<int64_t>;

// Element of a tensor at a multi-index of the broadcast shape, straight from numpy's definition.
float at(const std::vector<float>& data, const Shape& shape, const std::vector<int64_t>& index) {
  int64_t offset = 0;
  for (int i = 0; i < shape.rank(); ++i) {
    const int64_t j = index[index.size() - static_cast<size_t>(shape.rank() - i)];
    offset = offset * shape[i] + (shape[i] == 1 ? 0 : j);
  }
  return data[static_cast<size_t>(offset)];
}

TEST(Arithmetic, BroadcastsLikeNumpy) {
  const std::vector<std::pair<Shape, Shape>> cases = {
      {{2, 3}, {2, 3}},       {{2, 3}, {3}},    {{2, 3}, {2, 1}}, {{3}, {2, 1}},
      {{}, {2, 2}},           {{}, {}},         {{1}, {}},        {{0, 3}, {1, 3}},
      {{2, 1, 5}, {1, 7, 1}}, {{4}, {2, 3, 4}}, {{1, 0}, {5, 1}}, {{1, 2, 1, 3}, {5, 1, 2, 3}}};
  std::mt19937 random(7);
  for (const auto& [a, b] : cases) {
    const auto fill = [&](const Shape& shape) {
      std::vector<float> data(static_cast<size_t>(shape.elements()));
      for (float& x : data) x = static_cast<float>(random() % 100) - 50;
      return data;
    };
    const auto x = fill(a), y = fill(b);
    const std::vector<test::TestTensor> inputs = {floats(a, x), floats(b, y)};
    const auto got = valuesOne<float>(OpType::Sub, BinaryAttrs{}, inputs);
    const Shape shape = shapeOne(OpType::Sub, BinaryAttrs{}, inputs);
    ASSERT_EQ(got.size(), static_cast<size_t>(shape.elements()))
        << a.toString() << ' ' << b.toString();
    std::vector<int64_t> index(static_cast<size_t>(shape.rank()));
    for (size_t flat = 0; flat < got.size(); ++flat) {
      auto rest = static_cast<int64_t>(flat);
      for (int i = shape.rank() - 1; i >= 0; --i) {
        index[static_cast<size_t>(i)] = rest % shape[i];
        rest /= shape[i];
      }
      ASSERT_EQ(got[flat], at(x, a, index) - at(y, b, index))
          << a.toString() << ' ' << b.toString();
    }
  }
}

TEST(Arithmetic, IntegersWrapAndNeverTrap) {
  const int64_t low = std::numeric_limits<int64_t>::min();
  const int64_t high = std::numeric_limits<int64_t>::max();
  const auto run = [](OpType op, const Ints& a, const Ints& b) {
    return valuesOne<int64_t>(op, BinaryAttrs{}, {ints(a), ints(b)});
  };
  EXPECT_EQ(run(OpType::Div, {7, -7, 7, low, 5}, {2, 2, -2, -1, 0}), (Ints{3, -3, -3, low, 0}));
  EXPECT_EQ(run(OpType::Add, {high, 1}, {1, 2}), (Ints{low, 3}));
  EXPECT_EQ(run(OpType::Sub, {low}, {1}), (Ints{high}));
  EXPECT_EQ(run(OpType::Mul, {high, -3}, {2, 4}), (Ints{-2, -12}));
  EXPECT_EQ(valuesOne<uint8_t>(OpType::Mul, BinaryAttrs{},
                               {tensorOf<uint8_t>({2}, {200, 3}), tensorOf<uint8_t>({}, {2})}),
            (std::vector<uint8_t>{144, 6}));
  EXPECT_EQ(valuesOne<int8_t>(OpType::Div, BinaryAttrs{},
                              {tensorOf<int8_t>({2}, {-128, 9}), tensorOf<int8_t>({}, {-1})}),
            (std::vector<int8_t>{-128, -9}));
}

TEST(Arithmetic, MinAndMaxKeepNaN) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  for (const OpType op : {OpType::Min, OpType::Max}) {
    const auto y =
        valuesOne<float>(op, NoAttrs{}, {floats({4}, {1, 5, nan, 1}), floats({4}, {2, 4, 1, nan})});
    EXPECT_EQ(y[0], op == OpType::Min ? 1 : 2);
    EXPECT_EQ(y[1], op == OpType::Min ? 4 : 5);
    EXPECT_TRUE(std::isnan(y[2]) && std::isnan(y[3])) << opName(op);
  }
}

TEST(Arithmetic, AppliesTheActivation) {
  const auto x = floats({3}, {-3, 1, 5});
  EXPECT_EQ(valuesOne<float>(OpType::Add, BinaryAttrs{{ActivationKind::relu, 0, 0}},
                             {x, floats({}, {1})}),
            (std::vector<float>{0, 2, 6}));
  EXPECT_EQ(valuesOne<float>(OpType::Mul, BinaryAttrs{{ActivationKind::clip, 0, 6}},
                             {x, floats({}, {2})}),
            (std::vector<float>{0, 2, 6}));
  QRT_EXPECT_ERROR(
      inferOne(OpType::Add, BinaryAttrs{{ActivationKind::relu, 0, 0}}, {ints({1}), ints({1})}),
      "s64");
}

TEST(Arithmetic, SixteenBitFloatsRoundOnce) {
  const auto half = [](float x) { return tensorOf<Half>({1}, {Half(x)}); };
  EXPECT_EQ(float(valuesOne<Half>(OpType::Div, BinaryAttrs{}, {half(1), half(3)})[0]),
            float(Half(1.0f / 3)));
}

TEST(Arithmetic, ShapesAndRefusals) {
  const auto shape = [](const Shape& a, const Shape& b) {
    return shapeOne(OpType::Add, BinaryAttrs{}, {shaped(a), shaped(b)});
  };
  EXPECT_EQ(shape({-1, 3}, {1, 3}), (Shape{-1, 3}));
  EXPECT_EQ(shape({-1, 1}, {4, 5}), (Shape{4, 5}));
  EXPECT_EQ(shape(Shape::unranked(), {4}), Shape::unranked());
  const auto infer = [](const Shape& a, const Shape& b, DType dtype) {
    return inferOne(OpType::Add, BinaryAttrs{}, {shaped(a), shaped(b, dtype)});
  };
  QRT_EXPECT_ERROR(infer({2}, {3}, DType::f32), "cannot be broadcast");
  QRT_EXPECT_ERROR(infer({2}, {2}, DType::s64), "wanted f32");
  QRT_EXPECT_ERROR(infer({1 << 21, 1}, {1, 1 << 21}, DType::f32), "too many elements");
}

}  // namespace
}  // namespace qrt
