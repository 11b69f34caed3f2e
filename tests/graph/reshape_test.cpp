// Reshape, Flatten, Squeeze, Unsqueeze: shapes above all, since the bytes stay as they are.
#include <gtest/gtest.h>

#include "support/one_op.h"

namespace qrt {
namespace {

using test::floats;
using test::inferOne;
using test::ints;
using test::shaped;
using test::shapeOne;
using test::valuesOne;

Shape reshape(const Shape& in, const std::vector<int64_t>& to) {
  return shapeOne(OpType::Reshape, NoAttrs{}, {shaped(in), ints(to)});
}

TEST(Reshape, InfersAndCopiesDims) {
  EXPECT_EQ(reshape({2, 3, 4}, {4, 6}), (Shape{4, 6}));
  EXPECT_EQ(reshape({2, 3, 4}, {0, -1}), (Shape{2, 12}));
  EXPECT_EQ(reshape({2, 3, 4}, {-1}), (Shape{24}));
  EXPECT_EQ(reshape({1}, {}), Shape{});
  EXPECT_EQ(reshape({0, 3, 4}, {0, -1}), (Shape{0, 12}));
  EXPECT_EQ(valuesOne<float>(OpType::Reshape, NoAttrs{}, {floats({2, 2}, {1, 2, 3, 4}), ints({4})}),
            (std::vector<float>{1, 2, 3, 4}));
}

TEST(Reshape, UnknownDims) {
  EXPECT_EQ(reshape({-1, 3, 4}, {0, -1}), (Shape{-1, 12}));
  EXPECT_EQ(reshape({-1, 3, 4}, {-1, 12}), (Shape{-1, 12}));
  EXPECT_EQ(reshape({-1, 3, -1}, {0, 3, 0}), (Shape{-1, 3, -1}));
  EXPECT_EQ(reshape(Shape::unranked(), {0, 5, -1}), (Shape{-1, 5, -1}));
  const auto open = [](const Shape& parameter) {
    return shapeOne(OpType::Reshape, NoAttrs{}, {shaped({2, 3}), shaped(parameter, DType::s64)});
  };
  EXPECT_EQ(open({3}), (Shape{-1, -1, -1}));
  EXPECT_EQ(open({-1}), Shape::unranked());
}

TEST(Reshape, Refuses) {
  const auto infer = [](const Shape& in, const std::vector<int64_t>& to) {
    return inferOne(OpType::Reshape, NoAttrs{}, {shaped(in), ints(to)});
  };
  QRT_EXPECT_ERROR(infer({2, 3}, {4, 2}), "cannot reshape 2x3 to [4, 2]");
  QRT_EXPECT_ERROR(infer({2, 3}, {-1, 4}), "6 elements do not divide by 4");
  QRT_EXPECT_ERROR(infer({2, 3}, {-1, -1}), "two dimensions are -1");
  QRT_EXPECT_ERROR(infer({2, 3}, {-2, 3}), "dimension -2");
  QRT_EXPECT_ERROR(infer({6}, {2, 0}), "copied from input shape 6");
  QRT_EXPECT_ERROR(infer({6}, {1, 1, 1, 1, 1, 1, 1, 1, 6}), "at most 8");
  QRT_EXPECT_ERROR(infer({-1}, {INT64_MAX, INT64_MAX}), "too many elements");
  QRT_EXPECT_ERROR(infer({-1}, {-1, INT64_MAX, INT64_MAX}), "too many elements");
  QRT_EXPECT_ERROR(inferOne(OpType::Reshape, NoAttrs{}, {shaped({1}), floats({1}, {1})}),
                   "f32, wanted s64 or s32");
  QRT_EXPECT_ERROR(inferOne(OpType::Reshape, NoAttrs{}, {shaped({1}), shaped({9}, DType::s64)}),
                   "holds 9 values");
}

TEST(Flatten, JoinsDims) {
  const auto flatten = [](const Shape& in, int axis) {
    return shapeOne(OpType::Flatten, AxisAttrs{axis}, {shaped(in)});
  };
  EXPECT_EQ(flatten({2, 3, 4}, 1), (Shape{2, 12}));
  EXPECT_EQ(flatten({2, 3, 4}, 0), (Shape{1, 24}));
  EXPECT_EQ(flatten({2, 3, 4}, 3), (Shape{24, 1}));
  EXPECT_EQ(flatten({2, 3, 4}, -1), (Shape{6, 4}));
  EXPECT_EQ(flatten({-1, 3, 4}, 1), (Shape{-1, 12}));
  EXPECT_EQ(flatten(Shape::unranked(), 1), (Shape{-1, -1}));
  QRT_EXPECT_ERROR(inferOne(OpType::Flatten, AxisAttrs{4}, {shaped({2, 3, 4})}), "axis 4");
}

TEST(Squeeze, DropsDims) {
  const auto squeeze = [](const Shape& in, const std::vector<int64_t>& axes) {
    return shapeOne(OpType::Squeeze, AxesAttrs{axes}, {shaped(in)});
  };
  EXPECT_EQ(squeeze({1, 3, 1, 4}, {}), (Shape{3, 4}));
  EXPECT_EQ(squeeze({1, 3, 1, 4}, {-2}), (Shape{1, 3, 4}));
  EXPECT_EQ(squeeze({-1, 3, 1}, {0}), (Shape{3, 1}));
  EXPECT_EQ(squeeze({-1, 3, 1}, {}), Shape::unranked());
  EXPECT_EQ(squeeze({1}, {0}), Shape{});
  QRT_EXPECT_ERROR(inferOne(OpType::Squeeze, AxesAttrs{{1}}, {shaped({1, 3})}), "is 3, wanted 1");
  QRT_EXPECT_ERROR(inferOne(OpType::Squeeze, AxesAttrs{{0, -2}}, {shaped({1, 3})}), "twice");
  QRT_EXPECT_ERROR(inferOne(OpType::Squeeze, AxesAttrs{{INT64_MIN}}, {shaped({1, 3})}), "axis");
}

TEST(Unsqueeze, AddsDims) {
  const auto unsqueeze = [](const Shape& in, const std::vector<int64_t>& axes) {
    return shapeOne(OpType::Unsqueeze, AxesAttrs{axes}, {shaped(in)});
  };
  EXPECT_EQ(unsqueeze({3, 4}, {0, 2}), (Shape{1, 3, 1, 4}));
  EXPECT_EQ(unsqueeze({3, 4}, {-1}), (Shape{3, 4, 1}));
  EXPECT_EQ(unsqueeze({}, {0}), (Shape{1}));
  EXPECT_EQ(unsqueeze({-1}, {1}), (Shape{-1, 1}));
  QRT_EXPECT_ERROR(inferOne(OpType::Unsqueeze, AxesAttrs{{0, 0}}, {shaped({3})}), "twice");
  QRT_EXPECT_ERROR(inferOne(OpType::Unsqueeze, AxesAttrs{{3}}, {shaped({3})}), "axis 3");
  QRT_EXPECT_ERROR(inferOne(OpType::Unsqueeze, AxesAttrs{{0, 1, 2, 3, 4, 5, 6, 7}}, {shaped({3})}),
                   "9 dimensions");
}

}  // namespace
}  // namespace qrt
