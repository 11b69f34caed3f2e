// ConstantOfShape, Expand, Tile, Split, Pad: ops that make tensors larger, smaller or many.
#include <gtest/gtest.h>

#include <numeric>

#include "support/one_op.h"

namespace qrt {
namespace {

using test::booleans;
using test::floats;
using test::inferOne;
using test::ints;
using test::runOne;
using test::runOutputs;
using test::shaped;
using test::shapeOne;
using test::tensorOf;
using test::valuesOne;

using Ints = std::vector<int64_t>;

const test::TestTensor kOpen2 =
    shaped({2}, DType::s64);  // a parameter of two values, not yet known

TEST(ConstantOfShape, Fills) {
  EXPECT_EQ(valuesOne<float>(OpType::ConstantOfShape, NoAttrs{}, {ints({2, 2})}),
            (std::vector<float>{0, 0, 0, 0}));
  EXPECT_EQ(valuesOne<int64_t>(OpType::ConstantOfShape, NoAttrs{}, {ints({3}), ints({7})}),
            (Ints{7, 7, 7}));
  EXPECT_EQ(valuesOne<uint8_t>(OpType::ConstantOfShape, NoAttrs{}, {ints({}), booleans({1}, {1})}),
            (std::vector<uint8_t>{1}));
  EXPECT_TRUE(valuesOne<float>(OpType::ConstantOfShape, NoAttrs{}, {ints({0, 5})}).empty());
  EXPECT_EQ(shapeOne(OpType::ConstantOfShape, NoAttrs{}, {kOpen2}), (Shape{-1, -1}));
  EXPECT_EQ(shapeOne(OpType::ConstantOfShape, NoAttrs{}, {shaped({-1}, DType::s64)}),
            Shape::unranked());
  EXPECT_EQ(inferOne(OpType::ConstantOfShape, NoAttrs{}, {kOpen2, ints({1})})->dtype, DType::s64);
}

TEST(ConstantOfShape, RefusesAbsurdShapes) {
  const auto infer = [](const Ints& shape) {
    return inferOne(OpType::ConstantOfShape, NoAttrs{}, {ints(shape)});
  };
  QRT_EXPECT_ERROR(infer({2, -1}), "shape [2, -1] has a negative dimension");
  QRT_EXPECT_ERROR(infer({1 << 30, 1 << 30}), "too many elements");
  QRT_EXPECT_ERROR(infer({INT64_MAX, 0}), "too many elements");
  QRT_EXPECT_ERROR(infer(Ints(9, 1)), "at most 8");
  QRT_EXPECT_ERROR(inferOne(OpType::ConstantOfShape, NoAttrs{}, {ints({1}), ints({1, 2})}),
                   "wanted one element");
}

TEST(Expand, BroadcastsBothWays) {
  EXPECT_EQ(
      valuesOne<int64_t>(OpType::Expand, NoAttrs{}, {tensorOf<int64_t>({2, 1}, {1, 2}), ints({3})}),
      (Ints{1, 1, 1, 2, 2, 2}));
  EXPECT_EQ(shapeOne(OpType::Expand, NoAttrs{}, {shaped({3, 1}), ints({2, 1, 6})}),
            (Shape{2, 3, 6}));
  EXPECT_EQ(shapeOne(OpType::Expand, NoAttrs{}, {shaped({3, 1}), kOpen2}), (Shape{3, -1}));
  EXPECT_EQ(shapeOne(OpType::Expand, NoAttrs{}, {shaped({1, 3}), shaped({3}, DType::s64)}),
            (Shape{-1, -1, 3}));
  QRT_EXPECT_ERROR(inferOne(OpType::Expand, NoAttrs{}, {shaped({3}), ints({2})}),
                   "cannot be broadcast");
  QRT_EXPECT_ERROR(inferOne(OpType::Expand, NoAttrs{}, {shaped({3}), ints({-1})}), "negative");
}

TEST(Tile, Repeats) {
  const auto x = tensorOf<int64_t>({2, 2}, {1, 2, 3, 4});
  EXPECT_EQ(valuesOne<int64_t>(OpType::Tile, NoAttrs{}, {x, ints({2, 1})}),
            (Ints{1, 2, 3, 4, 1, 2, 3, 4}));
  EXPECT_EQ(valuesOne<int64_t>(OpType::Tile, NoAttrs{}, {x, ints({1, 3})}),
            (Ints{1, 2, 1, 2, 1, 2, 3, 4, 3, 4, 3, 4}));
  EXPECT_TRUE(valuesOne<int64_t>(OpType::Tile, NoAttrs{}, {x, ints({0, 3})}).empty());
  const Shape eight{1, 2, 1, 1, 1, 1, 1, 2};
  EXPECT_EQ(
      valuesOne<int64_t>(OpType::Tile, NoAttrs{},
                         {tensorOf<int64_t>(eight, {1, 2, 3, 4}), ints({1, 1, 1, 1, 1, 1, 2, 1})}),
      (Ints{1, 2, 1, 2, 3, 4, 3, 4}));
  EXPECT_EQ(shapeOne(OpType::Tile, NoAttrs{}, {shaped({-1, 3}), ints({2, 2})}), (Shape{-1, 6}));
  EXPECT_EQ(shapeOne(OpType::Tile, NoAttrs{}, {shaped({2, 3}), kOpen2}), (Shape{-1, -1}));
  EXPECT_EQ(shapeOne(OpType::Tile, NoAttrs{}, {shaped(Shape::unranked()), kOpen2}),
            (Shape{-1, -1}));
  QRT_EXPECT_ERROR(inferOne(OpType::Tile, NoAttrs{}, {shaped({2}), ints({-1})}), "repeat of -1");
  QRT_EXPECT_ERROR(inferOne(OpType::Tile, NoAttrs{}, {shaped({2}), ints({INT64_MAX})}),
                   "repeat of");
  QRT_EXPECT_ERROR(inferOne(OpType::Tile, NoAttrs{}, {shaped({2}), ints({1, 1})}), "2 repeats");
}

std::vector<Ints> split(const SplitAttrs& attrs, const test::TestTensor& x, size_t count) {
  const auto pieces = runOutputs(OpType::Split, attrs, {x}, std::vector<test::TestTensor>(count));
  EXPECT_TRUE(pieces.ok()) << pieces.status().message();
  std::vector<Ints> values;
  for (const auto& piece : *pieces) values.push_back(piece.values<int64_t>());
  return values;
}

TEST(Split, CutsAlongTheAxis) {
  const auto x = tensorOf<int64_t>({2, 3}, {1, 2, 3, 4, 5, 6});
  EXPECT_EQ(split({1, {1, 2}}, x, 2), (std::vector<Ints>{{1, 4}, {2, 3, 5, 6}}));
  EXPECT_EQ(split({1, {}}, x, 3), (std::vector<Ints>{{1, 4}, {2, 5}, {3, 6}}));
  EXPECT_EQ(split({1, {}}, x, 2), (std::vector<Ints>{{1, 2, 4, 5}, {3, 6}}));
  EXPECT_EQ(split({-2, {0, 2}}, x, 2), (std::vector<Ints>{{}, {1, 2, 3, 4, 5, 6}}));
}

TEST(Split, ShapesAndRefusals) {
  const auto infer = [](const SplitAttrs& attrs, const Shape& in, size_t count) {
    Graph graph =
        test::oneOpGraph(OpType::Split, attrs, {shaped(in)}, std::vector<test::TestTensor>(count));
    const Status status = inferShapes(graph);
    return status.ok() ? Result<Shape>(graph.tensor(graph.outputs.back()).shape)
                       : Result<Shape>(status);
  };
  EXPECT_EQ(*infer({1, {}}, {-1, 5}, 2), (Shape{-1, 2}));
  EXPECT_EQ(*infer({0, {}}, {-1, 5}, 2), (Shape{-1, 5}));
  EXPECT_EQ(*infer({0, {3, 4}}, {-1, 5}, 2), (Shape{4, 5}));
  EXPECT_EQ(*infer({0, {3, 4}}, Shape::unranked(), 2), Shape::unranked());
  QRT_EXPECT_ERROR(infer({0, {3, 4}}, {8}, 2), "add up to 7, wanted 8");
  QRT_EXPECT_ERROR(infer({0, {8, -1, 1}}, {8}, 3), "piece of size -1");
  QRT_EXPECT_ERROR(infer({0, {8}}, {8}, 2), "1 sizes for 2 outputs");
  QRT_EXPECT_ERROR(infer({0, {}}, {5}, 4), "does not split into 4");
  QRT_EXPECT_ERROR(infer({1, {}}, {5}, 4), "axis 1");
}

TEST(Pad, ModesInOneDimension) {
  const auto pad = [](PadMode mode, const Ints& x, int64_t begin, int64_t end) {
    return valuesOne<int64_t>(OpType::Pad, PadAttrs{mode},
                              {ints(x), ints({begin, end}), tensorOf<int64_t>({}, {9})});
  };
  EXPECT_EQ(pad(PadMode::constant, {1, 2, 3}, 2, 1), (Ints{9, 9, 1, 2, 3, 9}));
  EXPECT_EQ(pad(PadMode::edge, {1, 2, 3}, 2, 1), (Ints{1, 1, 1, 2, 3, 3}));
  EXPECT_EQ(pad(PadMode::reflect, {1, 2, 3}, 2, 1), (Ints{3, 2, 1, 2, 3, 2}));
  // numpy.pad([1, 2, 3], (5, 6), 'reflect')
  EXPECT_EQ(pad(PadMode::reflect, {1, 2, 3}, 5, 6),
            (Ints{2, 1, 2, 3, 2, 1, 2, 3, 2, 1, 2, 3, 2, 1}));
  EXPECT_EQ(pad(PadMode::reflect, {4}, 2, 1), (Ints{4, 4, 4, 4}));
  EXPECT_EQ(pad(PadMode::constant, {1, 2, 3}, -1, 2), (Ints{2, 3, 9, 9}));
  EXPECT_EQ(pad(PadMode::reflect, {1, 2, 3, 4}, -1, 2), (Ints{2, 3, 4, 3, 2}));
  EXPECT_EQ(pad(PadMode::constant, {1, 2, 3}, -1, -2), Ints{});
  EXPECT_EQ(pad(PadMode::constant, {}, 1, 1), (Ints{9, 9}));
}

TEST(Pad, TwoDimensions) {
  const auto x = tensorOf<int64_t>({2, 2}, {1, 2, 3, 4});
  EXPECT_EQ(valuesOne<int64_t>(OpType::Pad, PadAttrs{}, {x, ints({1, 0, 0, 1})}),
            (Ints{0, 0, 0, 1, 2, 0, 3, 4, 0}));
  EXPECT_EQ(valuesOne<int64_t>(OpType::Pad, PadAttrs{PadMode::edge}, {x, ints({1, 1, 0, -1})}),
            (Ints{1, 1, 1, 1, 3, 3}));
  EXPECT_EQ(valuesOne<float>(OpType::Pad, PadAttrs{}, {floats({}, {5}), ints({})}),
            (std::vector<float>{5}));
}

TEST(Pad, ShapesAndRefusals) {
  const auto infer = [](const Shape& in, const Ints& pads, PadMode mode = PadMode::constant) {
    return inferOne(OpType::Pad, PadAttrs{mode}, {shaped(in), ints(pads)});
  };
  EXPECT_EQ(infer({-1, 4}, {0, 1, 0, 2})->shape, (Shape{-1, 7}));
  EXPECT_EQ(shapeOne(OpType::Pad, PadAttrs{}, {shaped({4}), kOpen2}), (Shape{-1}));
  EXPECT_EQ(shapeOne(OpType::Pad, PadAttrs{}, {shaped(Shape::unranked()), kOpen2}), (Shape{-1}));
  QRT_EXPECT_ERROR(infer({4}, {0, 1, 2}), "3 pads for shape 4, wanted 2");
  QRT_EXPECT_ERROR(infer({4}, {-3, -2}), "crop more than");
  QRT_EXPECT_ERROR(infer({4}, {INT64_MIN, 0}), "too large");
  QRT_EXPECT_ERROR(infer({4}, {0, INT64_MAX}), "too large");
  QRT_EXPECT_ERROR(infer({0}, {1, 0}, PadMode::edge), "empty dimension");
  QRT_EXPECT_ERROR(inferOne(OpType::Pad, PadAttrs{}, {shaped({4}), ints({1, 1}), ints({1})}),
                   "value is s64, wanted f32");
}

}  // namespace
}  // namespace qrt
