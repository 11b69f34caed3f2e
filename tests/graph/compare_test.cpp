// Equal, Greater, Less, And, Not, Where, Pow, PRelu.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "base/half.h"
#include "support/one_op.h"

namespace qrt {
namespace {

using test::booleans;
using test::floats;
using test::inferOne;
using test::ints;
using test::shaped;
using test::shapeOne;
using test::tensorOf;
using test::valuesOne;

using Bytes = std::vector<uint8_t>;
using Ints = std::vector<int64_t>;

TEST(Compare, GivesBooleans) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const auto run = [&](OpType op) {
    return valuesOne<uint8_t>(op, NoAttrs{},
                              {floats({4}, {1, 2, 3, nan}), floats({4}, {2, 2, 2, nan})});
  };
  EXPECT_EQ(run(OpType::Less), (Bytes{1, 0, 0, 0}));
  EXPECT_EQ(run(OpType::Equal), (Bytes{0, 1, 0, 0}));
  EXPECT_EQ(run(OpType::Greater), (Bytes{0, 0, 1, 0}));
  EXPECT_EQ(
      valuesOne<uint8_t>(OpType::Less, NoAttrs{}, {ints({-1, 5}), tensorOf<int64_t>({}, {2})}),
      (Bytes{1, 0}));
  const auto half = tensorOf<Half>({1}, {Half(2)});
  EXPECT_EQ(valuesOne<uint8_t>(OpType::Equal, NoAttrs{}, {half, half}), (Bytes{1}));
  const auto result = inferOne(OpType::Less, NoAttrs{}, {shaped({-1, 1}), shaped({3})});
  EXPECT_EQ(result->dtype, DType::boolean);
  EXPECT_EQ(result->shape, (Shape{-1, 3}));
  QRT_EXPECT_ERROR(inferOne(OpType::Less, NoAttrs{}, {booleans({1}, {1}), booleans({1}, {1})}),
                   "bool, wanted one of");
}

// Bytes of broken files may be neither 0 nor 1.
TEST(Compare, BooleansAreZeroOrNot) {
  const auto a = booleans({4}, {0, 1, 7, 0}), b = booleans({4}, {0, 2, 1, 9});
  EXPECT_EQ(valuesOne<uint8_t>(OpType::Equal, NoAttrs{}, {a, b}), (Bytes{1, 1, 1, 0}));
  EXPECT_EQ(valuesOne<uint8_t>(OpType::And, NoAttrs{}, {a, b}), (Bytes{0, 1, 1, 0}));
  EXPECT_EQ(valuesOne<uint8_t>(OpType::Not, NoAttrs{}, {b}), (Bytes{1, 0, 0, 0}));
  QRT_EXPECT_ERROR(inferOne(OpType::Not, NoAttrs{}, {floats({1}, {1})}), "f32, wanted one of bool");
  QRT_EXPECT_ERROR(inferOne(OpType::And, NoAttrs{}, {floats({1}, {1}), floats({1}, {1})}), "bool");
}

TEST(Where, BroadcastsAllThree) {
  EXPECT_EQ(
      valuesOne<int64_t>(OpType::Where, NoAttrs{},
                         {booleans({2, 1}, {1, 0}), ints({1, 2, 3}), tensorOf<int64_t>({}, {9})}),
      (Ints{1, 2, 3, 9, 9, 9}));
  EXPECT_EQ(
      valuesOne<uint8_t>(OpType::Where, NoAttrs{},
                         {booleans({2}, {5, 0}), booleans({2}, {1, 1}), booleans({2}, {0, 0})}),
      (Bytes{1, 0}));
  const auto cond = shaped({-1, 1}, DType::boolean);
  EXPECT_EQ(shapeOne(OpType::Where, NoAttrs{}, {cond, shaped({4}), shaped({})}), (Shape{-1, 4}));
  QRT_EXPECT_ERROR(inferOne(OpType::Where, NoAttrs{}, {cond, shaped({}), shaped({}, DType::s64)}),
                   "input 2 is s64, wanted f32");
  QRT_EXPECT_ERROR(inferOne(OpType::Where, NoAttrs{}, {shaped({}), shaped({}), shaped({})}),
                   "bool");
}

TEST(Pow, ResultHasTheBaseDType) {
  const auto x = floats({3}, {2, 9, -3});
  EXPECT_EQ(valuesOne<float>(OpType::Pow, NoAttrs{}, {x, floats({}, {2})}),
            (std::vector<float>{4, 81, 9}));
  EXPECT_EQ(valuesOne<float>(OpType::Pow, NoAttrs{}, {x, ints({3, -1, 0})}),
            (std::vector<float>{8, 1.0f / 9, 1}));
  EXPECT_TRUE(std::isnan(valuesOne<float>(OpType::Pow, NoAttrs{}, {x, floats({}, {0.5f})})[2]));
  EXPECT_EQ(valuesOne<int64_t>(OpType::Pow, NoAttrs{}, {ints({2, 4, -9}), floats({}, {0.5f})}),
            (Ints{1, 2, 0}));
  EXPECT_EQ(float(valuesOne<Half>(OpType::Pow, NoAttrs{},
                                  {tensorOf<Half>({1}, {Half(3)}), tensorOf<uint8_t>({}, {2})})[0]),
            9);
}

TEST(Pow, IntegersAreExactAndWrap) {
  EXPECT_EQ(valuesOne<int64_t>(OpType::Pow, NoAttrs{},
                               {ints({3, -3, 2, 2, 0, 7}), ints({39, 3, 63, 64, 0, 1})}),
            (Ints{4052555153018976267, -27, INT64_MIN, 0, 1, 7}));
  EXPECT_EQ(valuesOne<int64_t>(OpType::Pow, NoAttrs{},
                               {ints({1, -1, -1, 2, 0}), ints({-5, -3, -4, -1, -1})}),
            (Ints{1, -1, 1, 0, 0}));
  EXPECT_EQ(valuesOne<int8_t>(OpType::Pow, NoAttrs{},
                              {tensorOf<int8_t>({1}, {-2}), tensorOf<uint64_t>({}, {7})}),
            (std::vector<int8_t>{-128}));
}

TEST(PRelu, SlopeBroadcastsToX) {
  const auto x = floats({2, 2}, {-1, -2, 3, -4});
  EXPECT_EQ(valuesOne<float>(OpType::PRelu, NoAttrs{}, {x, floats({2}, {0.5f, 2})}),
            (std::vector<float>{-0.5f, -4, 3, -8}));
  EXPECT_EQ(valuesOne<int32_t>(OpType::PRelu, NoAttrs{},
                               {tensorOf<int32_t>({2}, {-3, 3}), tensorOf<int32_t>({}, {-2})}),
            (std::vector<int32_t>{6, 3}));
  EXPECT_EQ(shapeOne(OpType::PRelu, NoAttrs{}, {shaped({-1, 4}), shaped({4})}), (Shape{-1, 4}));
  QRT_EXPECT_ERROR(inferOne(OpType::PRelu, NoAttrs{}, {shaped({2}), shaped({3, 2})}),
                   "slope of shape 3x2 does not broadcast to 2");
  QRT_EXPECT_ERROR(inferOne(OpType::PRelu, NoAttrs{}, {shaped({1}), shaped({2})}), "slope");
}

}  // namespace
}  // namespace qrt
