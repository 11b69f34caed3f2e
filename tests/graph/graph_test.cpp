#include "graph/graph.h"

#include <gtest/gtest.h>

#include "graph/op.h"

namespace qrt {
namespace {

Graph identityGraph() {
  Graph graph;
  const TensorId x = graph.addTensor({.name = "x", .shape = {1, 2}});
  const TensorId y = graph.addTensor({.name = "y"});
  graph.layers.push_back({"copy", OpType::Identity, NoAttrs{}, {x}, {y}});
  graph.inputs = {x};
  graph.outputs = {y};
  return graph;
}

TEST(Graph, InfersShapesThroughLayers) {
  Graph graph = identityGraph();
  ASSERT_TRUE(validate(graph).ok());
  ASSERT_TRUE(inferShapes(graph).ok());
  EXPECT_EQ(graph.tensor(1).shape, (Shape{1, 2}));
}

TEST(Graph, ValidateNamesWhatIsWrong) {
  Graph cyclic = identityGraph();
  cyclic.layers[0].inputs = {1};
  EXPECT_NE(validate(cyclic).message().find("before anything makes it"), std::string::npos);
  Graph twice = identityGraph();
  twice.layers.push_back(twice.layers[0]);
  EXPECT_NE(validate(twice).message().find("two layers are named 'copy'"), std::string::npos);
  Graph wild = identityGraph();
  wild.layers[0].inputs = {7};
  EXPECT_NE(validate(wild).message().find("tensor 7 does not exist"), std::string::npos);
}

TEST(Graph, NamesStayUnique) {
  Graph graph = identityGraph();
  const TensorId again = graph.addTensor({.name = "x"});
  EXPECT_EQ(graph.tensor(again).name, "x_1");
  EXPECT_EQ(graph.uniqueLayerName("copy"), "copy_1");
}

TEST(Graph, NamesOfDirectEditsAreSeen) {
  Graph graph = identityGraph();
  EXPECT_EQ(graph.uniqueLayerName("a"), "a");
  EXPECT_EQ(graph.uniqueLayerName("a"), "a_1");  // given out, though no layer has it yet
  EXPECT_EQ(graph.uniqueLayerName("a_1"), "a_1_1");
  EXPECT_EQ(graph.uniqueLayerName(""), "_1");
  graph.tensors.push_back({.name = "pushed"});
  EXPECT_EQ(graph.tensor(graph.addTensor({.name = "pushed"})).name, "pushed_1");
  Graph copy = graph;
  EXPECT_EQ(copy.tensor(copy.addTensor({.name = "pushed"})).name, "pushed_2");
  copy.compact();
  EXPECT_EQ(copy.tensor(copy.addTensor({.name = "pushed"})).name, "pushed");
}

TEST(Graph, TensOfThousandsOfEqualNamesAreNoTrouble) {
  // Quadratic, this takes minutes: 5e9 comparisons of names, ten times.
  Graph graph = identityGraph();
  for (int i = 0; i < 100000; ++i) {
    graph.addTensor({.name = "same"});
    graph.uniqueLayerName("same");
  }
  EXPECT_EQ(graph.tensors.back().name, "same_99999");
  EXPECT_TRUE(validate(graph).ok());
}

TEST(Graph, RefusesShapesWhoseProductsOverflow) {
  EXPECT_TRUE(checkShape({1LL << 20, -1, 0, 1LL << 20}).ok());
  EXPECT_TRUE(checkShape(Shape::unranked()).ok());
  EXPECT_FALSE(checkShape({1LL << 20, 1LL << 20, 2}).ok());
  EXPECT_FALSE(checkShape({-1, 1LL << 31}).ok());
  EXPECT_FALSE(checkShape({0, 1LL << 31}).ok());
  EXPECT_FALSE(checkShape({-2}).ok());
}

TEST(Graph, CompactDropsUnusedTensors) {
  Graph graph = identityGraph();
  graph.addTensor({.name = "unused"});
  graph.compact();
  EXPECT_EQ(graph.tensors.size(), 2u);
  EXPECT_TRUE(validate(graph).ok());
}

TEST(Broadcast, FollowsNumpyWithUnknownDims) {
  EXPECT_EQ(broadcastShapes({2, 1, 3}, {4, 1}).value(), (Shape{2, 4, 3}));
  EXPECT_EQ(broadcastShapes({-1, 1}, {5}).value(), (Shape{-1, 5}));
  EXPECT_EQ(broadcastShapes({-1}, {5}).value(), (Shape{5}));
  EXPECT_FALSE(broadcastShapes({2}, {3}).ok());
}

}  // namespace
}  // namespace qrt
