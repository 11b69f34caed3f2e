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

size_t layersAfter(Graph graph, FoldBudget budget = {}) {
  GraphEditor editor(graph);
  EXPECT_TRUE(foldConstants(editor, budget).ok());
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
  FoldBudget budget;
  const Status status = foldConstants(editor, budget);
  EXPECT_EQ(status.code(), StatusCode::invalidArgument);
  EXPECT_NE(status.message().find("layer 'op' (Tile)"), std::string::npos) << status.message();
}

// Many zeros of 4,000 bytes, all of which live on in a Concat.
Graph manyFills(int count) {
  Graph graph;
  const std::vector<int64_t> thousand = {1000};
  const TensorId shape = graph.addConstant<int64_t>("shape", {1}, thousand);
  Layer concat{"concat", OpType::Concat, AxisAttrs{0}, {}, {}};
  for (int i = 0; i < count; ++i) {
    concat.inputs.push_back(graph.addTensor({.name = "fill"}));
    graph.layers.push_back({graph.uniqueLayerName("fill"),
                            OpType::ConstantOfShape,
                            NoAttrs{},
                            {shape},
                            {concat.inputs.back()}});
  }
  concat.outputs = {graph.addTensor({.name = "y"})};
  graph.outputs = concat.outputs;
  graph.layers.push_back(concat);
  return graph;
}

TEST(FoldConstants, TheBudgetIsForAllRoundsTogether) {
  Graph graph = manyFills(100);
  GraphEditor editor(graph);
  FoldBudget budget{.bytes = 10'000};
  for (int round = 0; round < 5; ++round) {
    ASSERT_TRUE(foldConstants(editor, budget).ok());
    editor.sort();
  }
  EXPECT_EQ(graph.layers.size(), 101u - 2);
  EXPECT_EQ(budget.bytes, 2'000);
}

// A bomb of 1 MiB a node: neither an import nor a session may make it all.
TEST(FoldConstants, ManyLargeFillsAreLeft) {
  Graph graph = manyFills(1000);
  for (Tensor& tensor : graph.tensors) {
    const std::vector<int64_t> large = {262144};
    if (tensor.isConstant()) tensor.constant = ConstantData::copyOf(std::as_bytes(std::span(large)));
  }
  ASSERT_TRUE(optimize(graph).ok());
  ASSERT_TRUE(specialize(graph, {}).ok());
  int64_t bytes = 0;
  for (const Tensor& tensor : graph.tensors) {
    if (tensor.isConstant()) bytes += static_cast<int64_t>(tensor.constant->bytes.size());
  }
  EXPECT_LT(bytes, int64_t{300} << 20);
  EXPECT_GT(graph.layers.size(), 700u);
}

}  // namespace
}  // namespace qrt
