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
