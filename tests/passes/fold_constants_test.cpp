// What is folded, and what a graph that asks for too much does not get.
#include <gtest/gtest.h>

#include "passes/passes.h"
#include "support/one_op.h"

namespace qrt {
namespace {

using test::TestTensor;

TestTensor zeros(const Shape& shape) {
  return test::floats(shape, std::vector<float>(static_cast<size_t>(shape.elements())));
}

// One layer over constants, and a Relu behind it so that its result is not a graph output.
Graph constantGraph(OpType op, Attributes attributes, const std::vector<TestTensor>& inputs) {
  Graph graph = test::oneOpGraph(op, std::move(attributes), inputs);
  const TensorId y = graph.addTensor({.name = "y"});
  graph.layers.push_back({"relu", OpType::Relu, NoAttrs{}, graph.outputs, {y}});
  graph.outputs = {y};
  return graph;
}

size_t layersAfter(Graph graph) {
  GraphEditor editor(graph);
  EXPECT_TRUE(foldConstants(editor).ok());
  editor.sort();
  return graph.layers.size();
}

TEST(FoldConstants, FoldsUnlessItIsTooMuchWork) {
  const Attributes same = ConvAttrs{{1, 1}, {1, 1}, {1, 1, 1, 1}, 1, {}};
  EXPECT_EQ(
      layersAfter(constantGraph(OpType::Conv, same, {zeros({1, 8, 8, 4}), zeros({4, 3, 3, 4})})),
      1u);
  // 64·64·64·9·64 = 151e6 multiply-accumulates over 1 MB.
  EXPECT_EQ(layersAfter(
                constantGraph(OpType::Conv, same, {zeros({1, 64, 64, 64}), zeros({64, 3, 3, 64})})),
            2u);
}

TEST(FoldConstants, RefusesShapesWhoseProductsOverflow) {
  const std::vector<int64_t> repeats(4, int64_t{1} << 20);
  Graph graph = constantGraph(OpType::Tile, NoAttrs{},
                              {zeros({1, 1, 1, 1}), test::tensorOf<int64_t>({4}, repeats)});
  GraphEditor editor(graph);
  const Status status = foldConstants(editor);
  EXPECT_EQ(status.code(), StatusCode::invalidArgument);
  EXPECT_NE(status.message().find("layer 'op' (Tile)"), std::string::npos) << status.message();
}

}  // namespace
}  // namespace qrt
