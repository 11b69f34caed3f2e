// Transpose, Concat, Shape, Gather, Slice against naive loops and hand-computed values.
#include <gtest/gtest.h>

#include <numeric>

#include "support/one_op.h"

namespace qrt {
namespace {

using test::absentInput;
using test::booleans;
using test::floats;
using test::inferOne;
using test::ints;
using test::runOne;
using test::shaped;
using test::shapeOne;
using test::tensorOf;
using test::valuesOne;

using Ints = std::vector<int64_t>;

Ints iota(int64_t count) {
  Ints values(static_cast<size_t>(count));
  std::iota(values.begin(), values.end(), 0);
  return values;
}

TEST(Transpose, MovesEveryElement) {
  const Shape in{2, 3, 4, 5};
  Ints perm = {0, 1, 2, 3};
  do {
    const auto y =
        valuesOne<int64_t>(OpType::Transpose, TransposeAttrs{perm}, {tensorOf(in, iota(120))});
    ASSERT_EQ(y.size(), 120u);
    size_t at = 0;
    const auto dim = [&](int i) { return in[static_cast<int>(perm[static_cast<size_t>(i)])]; };
    Ints j(4);
    for (j[0] = 0; j[0] < dim(0); ++j[0])
      for (j[1] = 0; j[1] < dim(1); ++j[1])
        for (j[2] = 0; j[2] < dim(2); ++j[2])
          for (j[3] = 0; j[3] < dim(3); ++j[3]) {
            Ints i(4);
            for (size_t a = 0; a < 4; ++a) i[static_cast<size_t>(perm[a])] = j[a];
            ASSERT_EQ(y[at++], ((i[0] * 3 + i[1]) * 4 + i[2]) * 5 + i[3]);
          }
  } while (std::next_permutation(perm.begin(), perm.end()));
}

TEST(Transpose, EveryElementSize) {
  EXPECT_EQ(
      valuesOne<uint8_t>(OpType::Transpose, TransposeAttrs{}, {booleans({2, 2}, {0, 1, 0, 1})}),
      (std::vector<uint8_t>{0, 0, 1, 1}));
  EXPECT_EQ(
      valuesOne<int16_t>(OpType::Transpose, TransposeAttrs{}, {tensorOf<int16_t>({2, 1}, {5, 6})}),
      (std::vector<int16_t>{5, 6}));
  EXPECT_EQ(valuesOne<float>(OpType::Transpose, TransposeAttrs{}, {floats({}, {3})}),
            (std::vector<float>{3}));
  EXPECT_TRUE(valuesOne<float>(OpType::Transpose, TransposeAttrs{}, {floats({0, 3}, {})}).empty());
}

TEST(Transpose, ShapesAndRefusals) {
  const TransposeAttrs nhwc{{0, 2, 3, 1}};
  EXPECT_EQ(shapeOne(OpType::Transpose, nhwc, {shaped({-1, 3, 8, 9})}), (Shape{-1, 8, 9, 3}));
  EXPECT_EQ(shapeOne(OpType::Transpose, nhwc, {shaped(Shape::unranked())}),
            (Shape{-1, -1, -1, -1}));
  EXPECT_EQ(shapeOne(OpType::Transpose, TransposeAttrs{}, {shaped({2, 3})}), (Shape{3, 2}));
  EXPECT_EQ(shapeOne(OpType::Transpose, TransposeAttrs{}, {shaped(Shape::unranked())}),
            Shape::unranked());
  QRT_EXPECT_ERROR(inferOne(OpType::Transpose, nhwc, {shaped({2, 3})}), "perm of 4 dimensions");
  QRT_EXPECT_ERROR(inferOne(OpType::Transpose, TransposeAttrs{{0, 0}}, {shaped({2, 3})}),
                   "not a permutation");
  QRT_EXPECT_ERROR(inferOne(OpType::Transpose, TransposeAttrs{{0, 2}}, {shaped({2, 3})}),
                   "not a permutation");
  QRT_EXPECT_ERROR(
      inferOne(OpType::Transpose, TransposeAttrs{iota(9)}, {shaped(Shape::unranked())}),
      "perm of 9");
}

TEST(Concat, JoinsAlongTheAxis) {
  const auto a = ints({1, 2, 3, 4}), b = ints({5, 6});
  EXPECT_EQ(valuesOne<int64_t>(OpType::Concat, AxisAttrs{0}, {a, b, a}),
            (Ints{1, 2, 3, 4, 5, 6, 1, 2, 3, 4}));
  const auto x = tensorOf<int64_t>({2, 2}, {1, 2, 3, 4}), y = tensorOf<int64_t>({2, 1}, {5, 6});
  EXPECT_EQ(valuesOne<int64_t>(OpType::Concat, AxisAttrs{-1}, {x, y}), (Ints{1, 2, 5, 3, 4, 6}));
  EXPECT_EQ(valuesOne<int64_t>(OpType::Concat, AxisAttrs{1}, {x, tensorOf<int64_t>({2, 0}, {})}),
            (Ints{1, 2, 3, 4}));
  EXPECT_TRUE(valuesOne<int64_t>(OpType::Concat, AxisAttrs{0}, {ints({}), ints({})}).empty());
}

TEST(Concat, ShapesAndRefusals) {
  const AxisAttrs axis{1};
  EXPECT_EQ(shapeOne(OpType::Concat, axis, {shaped({-1, 2}), shaped({5, 3})}), (Shape{5, 5}));
  EXPECT_EQ(shapeOne(OpType::Concat, axis, {shaped({1, 2}), shaped({1, -1})}), (Shape{1, -1}));
  EXPECT_EQ(shapeOne(OpType::Concat, axis, {shaped(Shape::unranked()), shaped({1, 4})}),
            (Shape{1, -1}));
  QRT_EXPECT_ERROR(inferOne(OpType::Concat, axis, {shaped({1, 2}), shaped({2, 2})}),
                   "input 1 of shape 2x2 does not continue 1x2 along axis 1");
  QRT_EXPECT_ERROR(inferOne(OpType::Concat, axis, {shaped({1, 2}), shaped({1})}),
                   "does not continue");
  QRT_EXPECT_ERROR(inferOne(OpType::Concat, AxisAttrs{2}, {shaped({1, 2})}), "axis 2");
  QRT_EXPECT_ERROR(inferOne(OpType::Concat, axis, {shaped({1, 2}), shaped({1, 2}, DType::s8)}),
                   "is s8, wanted f32");
  const int64_t huge = int64_t{1} << 30;
  QRT_EXPECT_ERROR(inferOne(OpType::Concat, axis, std::vector(32, shaped({1, huge}))),
                   "too many elements");
}

TEST(ShapeOp, GivesDims) {
  const auto x = floats({2, 3, 1}, {1, 2, 3, 4, 5, 6});
  EXPECT_EQ(valuesOne<int64_t>(OpType::Shape, ShapeAttrs{}, {x}), (Ints{2, 3, 1}));
  EXPECT_EQ(valuesOne<int64_t>(OpType::Shape, ShapeAttrs{1, -1}, {x}), (Ints{3}));
  EXPECT_EQ(valuesOne<int64_t>(OpType::Shape, ShapeAttrs{-99, 2}, {x}), (Ints{2, 3}));
  EXPECT_EQ(valuesOne<int64_t>(OpType::Shape, ShapeAttrs{2, 1}, {x}), Ints{});
  EXPECT_EQ(shapeOne(OpType::Shape, ShapeAttrs{}, {shaped({-1, -1})}), (Shape{2}));
  EXPECT_EQ(shapeOne(OpType::Shape, ShapeAttrs{}, {shaped(Shape::unranked())}), (Shape{-1}));
}

TEST(Gather, PicksSlices) {
  const auto x = tensorOf<int64_t>({3, 2}, {1, 2, 3, 4, 5, 6});
  EXPECT_EQ(valuesOne<int64_t>(OpType::Gather, AxisAttrs{0}, {x, ints({2, -3})}),
            (Ints{5, 6, 1, 2}));
  EXPECT_EQ(valuesOne<int64_t>(OpType::Gather, AxisAttrs{1}, {x, tensorOf<int32_t>({}, {-1})}),
            (Ints{2, 4, 6}));
  EXPECT_EQ(shapeOne(OpType::Gather, AxisAttrs{1}, {x, tensorOf<int64_t>({}, {0})}), (Shape{3}));
  EXPECT_EQ(
      shapeOne(OpType::Gather, AxisAttrs{1}, {shaped({5, -1, 6}), shaped({2, 7}, DType::s64)}),
      (Shape{5, 2, 7, 6}));
  EXPECT_EQ(valuesOne<uint8_t>(OpType::Gather, AxisAttrs{0}, {booleans({3}, {0, 1, 0}), ints({1})}),
            (std::vector<uint8_t>{1}));
}

TEST(Gather, RefusesWildIndices) {
  const auto x = ints({1, 2, 3});
  for (const int64_t wild : {int64_t{3}, int64_t{-4}, INT64_MAX, INT64_MIN}) {
    QRT_EXPECT_ERROR(runOne(OpType::Gather, AxisAttrs{0}, {x, ints({wild})}),
                     "into a dimension of 3");
  }
  QRT_EXPECT_ERROR(runOne(OpType::Gather, AxisAttrs{0}, {ints({}), ints({0})}), "dimension of 0");
  QRT_EXPECT_ERROR(inferOne(OpType::Gather, AxisAttrs{0}, {x, floats({1}, {0})}), "f32, wanted");
  QRT_EXPECT_ERROR(inferOne(OpType::Gather, AxisAttrs{0}, {shaped({}), ints({0})}), "axis 0");
}

// Python's own x[start:end:step] in one dimension, by walking.
Ints sliceByWalking(int64_t dim, int64_t start, int64_t end, int64_t step) {
  Ints out;
  if (start < 0) start += dim;
  if (end < 0) end += dim;
  if (step > 0) {
    for (int64_t i = std::max<int64_t>(start, 0); i < std::min(end, dim); i += step)
      out.push_back(i);
  } else {
    for (int64_t i = std::max<int64_t>(std::min(start, dim - 1), 0);
         i > std::max<int64_t>(end, -1) && i < dim; i += step) {
      out.push_back(i);
    }
  }
  return out;
}

TEST(Slice, MatchesWalkingInOneDimension) {
  for (int64_t dim = 0; dim <= 5; ++dim) {
    for (int64_t start = -7; start <= 7; ++start) {
      for (int64_t end = -7; end <= 7; ++end) {
        for (const int64_t step : {-3, -2, -1, 1, 2, 3}) {
          const auto y = valuesOne<int64_t>(
              OpType::Slice, NoAttrs{},
              {ints(iota(dim)), ints({start}), ints({end}), ints({0}), ints({step})});
          ASSERT_EQ(y, sliceByWalking(dim, start, end, step))
              << dim << ": " << start << ' ' << end << ' ' << step;
        }
      }
    }
  }
}

TEST(Slice, SeveralAxes) {
  const auto x = tensorOf<int64_t>({2, 3, 4}, iota(24));
  EXPECT_EQ(valuesOne<int64_t>(
                OpType::Slice, NoAttrs{},
                {x, ints({-1, 2}), ints({INT64_MIN, INT64_MAX}), ints({1, -1}), ints({-2, 1})}),
            (Ints{10, 11, 2, 3, 22, 23, 14, 15}));
  EXPECT_EQ(valuesOne<int64_t>(OpType::Slice, NoAttrs{}, {x, ints({1, 1}), ints({2, 2})}),
            (Ints{16, 17, 18, 19}));
  EXPECT_EQ(valuesOne<int64_t>(OpType::Slice, NoAttrs{},
                               {ints(iota(5)), ints({INT64_MAX}), ints({INT64_MIN}), absentInput(),
                                ints({INT64_MIN})}),
            (Ints{4}));
}

TEST(Slice, UnknownParameters) {
  const auto open = shaped({1}, DType::s64);
  const auto x = shaped({2, 3, 4});
  EXPECT_EQ(shapeOne(OpType::Slice, NoAttrs{}, {x, open, ints({1})}), (Shape{-1, 3, 4}));
  EXPECT_EQ(shapeOne(OpType::Slice, NoAttrs{}, {x, open, open, ints({-1})}), (Shape{2, 3, -1}));
  EXPECT_EQ(shapeOne(OpType::Slice, NoAttrs{}, {x, open, open, open}), (Shape{-1, -1, -1}));
  EXPECT_EQ(shapeOne(OpType::Slice, NoAttrs{}, {shaped({-1, 3}), ints({0, 0}), ints({1, 2})}),
            (Shape{-1, 2}));
}

TEST(Slice, Refuses) {
  const auto infer = [](const Ints& starts, const Ints& ends, const Ints& axes, const Ints& steps) {
    return inferOne(OpType::Slice, NoAttrs{},
                    {shaped({4, 4}), ints(starts), ints(ends), ints(axes), ints(steps)});
  };
  QRT_EXPECT_ERROR(infer({0}, {1}, {0}, {0}), "step 0");
  QRT_EXPECT_ERROR(infer({0}, {1}, {2}, {1}), "axis 2");
  QRT_EXPECT_ERROR(infer({0, 0}, {1, 1}, {0, -2}, {1, 1}), "sliced twice");
  QRT_EXPECT_ERROR(infer({0, 0}, {1, 1}, {0}, {1, 1}), "2 starts, but another number");
  QRT_EXPECT_ERROR(inferOne(OpType::Slice, NoAttrs{}, {shaped({4}), ints({0, 0}), ints({1, 1})}),
                   "axis 1");
}

}  // namespace
}  // namespace qrt
