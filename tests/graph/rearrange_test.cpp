// GatherElements, DepthToSpace, SpaceToDepth, and the chain that computes a Reshape's shape.
#include <gtest/gtest.h>

#include <numeric>

#include "support/one_op.h"

namespace qrt {
namespace {

using test::floats;
using test::inferOne;
using test::ints;
using test::runOne;
using test::shaped;
using test::shapeOne;
using test::tensorOf;
using test::valuesOne;

using Ints = std::vector<int64_t>;

TEST(GatherElements, PicksElements) {
  const auto x = tensorOf<int64_t>({2, 3}, {1, 2, 3, 4, 5, 6});
  EXPECT_EQ(valuesOne<int64_t>(OpType::GatherElements, AxisAttrs{1},
                               {x, tensorOf<int64_t>({2, 2}, {0, -1, 1, 1})}),
            (Ints{1, 3, 5, 5}));
  EXPECT_EQ(valuesOne<int64_t>(OpType::GatherElements, AxisAttrs{-2},
                               {x, tensorOf<int32_t>({3, 2}, {0, 1, 1, 0, -1, -2})}),
            (Ints{1, 5, 4, 2, 4, 2}));
  EXPECT_EQ(shapeOne(OpType::GatherElements, AxisAttrs{0},
                     {shaped({-1, 3}), shaped({7, -1}, DType::s64)}),
            (Shape{7, -1}));
}

TEST(GatherElements, Refuses) {
  const auto x = tensorOf<int64_t>({2, 2}, {1, 2, 3, 4});
  for (const int64_t wild : {int64_t{2}, int64_t{-3}, INT64_MIN, INT64_MAX}) {
    const auto indices = tensorOf<int64_t>({2, 2}, {0, 1, wild, 0});
    QRT_EXPECT_ERROR(runOne(OpType::GatherElements, AxisAttrs{0}, {x, indices}),
                     "into a dimension of 2");
  }
  QRT_EXPECT_ERROR(inferOne(OpType::GatherElements, AxisAttrs{0}, {x, shaped({1, 3}, DType::s64)}),
                   "indices of shape 1x3 into 2x2 along axis 0");
  QRT_EXPECT_ERROR(inferOne(OpType::GatherElements, AxisAttrs{0}, {x, ints({0})}),
                   "indices of shape");
}

// The formulas of attributes.h, element by element.
TEST(DepthToSpace, FollowsTheFormula) {
  constexpr int64_t n = 2, h = 3, w = 2, b = 2, c = 5;
  Ints data(static_cast<size_t>(n * h * w * b * b * c));
  std::iota(data.begin(), data.end(), 0);
  const auto x = tensorOf<int64_t>({n, h, w, b * b * c}, data);
  for (const auto mode : {DepthToSpaceMode::dcr, DepthToSpaceMode::crd}) {
    const auto y = valuesOne<int64_t>(OpType::DepthToSpace, DepthToSpaceAttrs{b, mode}, {x});
    ASSERT_EQ(y.size(), data.size());
    for (int64_t i = 0; i < static_cast<int64_t>(y.size()); ++i) {
      const int64_t ci = i % c, xi = i / c % (w * b), yi = i / (c * w * b) % (h * b);
      const int64_t by = yi % b, bx = xi % b, ni = i / (c * w * b * h * b);
      const int64_t channel =
          mode == DepthToSpaceMode::dcr ? (by * b + bx) * c + ci : (ci * b + by) * b + bx;
      ASSERT_EQ(y[static_cast<size_t>(i)],
                ((ni * h + yi / b) * w + xi / b) * (b * b * c) + channel);
    }
  }
  // SpaceToDepth is the inverse of dcr.
  const auto there = runOne(OpType::DepthToSpace, DepthToSpaceAttrs{b}, {x});
  EXPECT_EQ(valuesOne<int64_t>(OpType::SpaceToDepth, SpaceToDepthAttrs{b}, {*there}), data);
}

TEST(DepthToSpace, ShapesAndRefusals) {
  EXPECT_EQ(shapeOne(OpType::DepthToSpace, DepthToSpaceAttrs{2}, {shaped({-1, 3, -1, 8})}),
            (Shape{-1, 6, -1, 2}));
  EXPECT_EQ(shapeOne(OpType::SpaceToDepth, SpaceToDepthAttrs{3}, {shaped({1, 6, -1, 2})}),
            (Shape{1, 2, -1, 18}));
  EXPECT_EQ(
      shapeOne(OpType::DepthToSpace, DepthToSpaceAttrs{2}, {shaped(Shape::unranked())}).rank(), 4);
  QRT_EXPECT_ERROR(inferOne(OpType::DepthToSpace, DepthToSpaceAttrs{2}, {shaped({1, 3, 3, 6})}),
                   "channels of 6 does not divide by 4");
  QRT_EXPECT_ERROR(inferOne(OpType::SpaceToDepth, SpaceToDepthAttrs{2}, {shaped({1, 4, 3, 6})}),
                   "width of 3");
  QRT_EXPECT_ERROR(inferOne(OpType::SpaceToDepth, SpaceToDepthAttrs{0}, {shaped({1, 4, 3, 6})}),
                   "block size 0");
  QRT_EXPECT_ERROR(inferOne(OpType::DepthToSpace, DepthToSpaceAttrs{2}, {shaped({3, 3, 8})}),
                   "[N,H,W,C]");
}

// x.view(x.size(0), -1) as PyTorch exports it: Shape → Gather → Unsqueeze → Concat → Reshape.
// Before the batch is known the result has rank 2; with it, evaluating the chain gives the whole
// shape.
TEST(ShapeChain, GivesRankThenShape) {
  Graph graph;
  const auto add = [&](OpType op, Attributes attributes, std::vector<TensorId> inputs) {
    const TensorId out = graph.addTensor({.name = "t"});
    graph.layers.push_back(
        {graph.uniqueLayerName("layer"), op, std::move(attributes), std::move(inputs), {out}});
    return out;
  };
  const TensorId x = graph.addTensor({.name = "x", .shape = {-1, 8, 3}});
  graph.inputs = {x};
  const int64_t zero = 0, minusOne = -1;
  const TensorId index = graph.addConstant<int64_t>("index", {}, {&zero, 1});
  const TensorId rest = graph.addConstant<int64_t>("rest", {1}, {&minusOne, 1});
  const TensorId shape = add(OpType::Shape, ShapeAttrs{}, {x});
  const TensorId batch = add(OpType::Gather, AxisAttrs{0}, {shape, index});
  const TensorId batch1 = add(OpType::Unsqueeze, AxesAttrs{{0}}, {batch});
  const TensorId wanted = add(OpType::Concat, AxisAttrs{0}, {batch1, rest});
  const TensorId y = add(OpType::Reshape, NoAttrs{}, {x, wanted});
  graph.outputs = {y};
  ASSERT_TRUE(validate(graph).ok()) << validate(graph).message();
  ASSERT_TRUE(inferShapes(graph).ok());
  EXPECT_EQ(graph.tensor(wanted).shape, (Shape{2}));
  EXPECT_EQ(graph.tensor(y).shape, (Shape{-1, -1}));

  graph.tensor(x).shape = {5, 8, 3};
  ASSERT_TRUE(inferShapes(graph).ok());
  for (size_t i = 0; i < 4; ++i) {  // what constant folding does
    const Layer& layer = graph.layers[i];
    std::vector<ConstTensorView> in;
    for (const TensorId id : layer.inputs) {
      const Tensor& t = graph.tensor(id);
      in.push_back(t.isConstant() ? t.constantView() : ConstTensorView(t.dtype, t.shape, nullptr));
    }
    Tensor& out = graph.tensor(layer.outputs[0]);
    std::vector<std::byte> bytes(static_cast<size_t>(out.shape.elements()) * dtypeSize(out.dtype));
    const TensorView view{out.dtype, out.shape, bytes.data()};
    ASSERT_TRUE(runReference(layer, in, {&view, 1}).ok());
    out.constant = ConstantData::copyOf(bytes);
  }
  ASSERT_TRUE(inferShapes(graph).ok());
  EXPECT_EQ(graph.tensor(y).shape, (Shape{5, 24}));
}

}  // namespace
}  // namespace qrt
