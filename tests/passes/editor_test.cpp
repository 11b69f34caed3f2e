#include "passes/editor.h"

#include <gtest/gtest.h>

#include "graph/op.h"
#include "passes/passes.h"

namespace qrt {
namespace {

// x → a → b → y, all Identity.
Graph chain() {
  Graph graph;
  TensorId last = graph.addTensor({.name = "x", .shape = {1, 2}});
  graph.inputs = {last};
  for (const char* name : {"a", "b", "y"}) {
    const TensorId next = graph.addTensor({.name = name, .shape = {1, 2}});
    graph.layers.push_back({name, OpType::Identity, NoAttrs{}, {last}, {next}});
    last = next;
  }
  graph.outputs = {last};
  return graph;
}

TEST(Editor, InsertsWhereNeeded) {
  Graph graph = chain();
  GraphEditor editor(graph);
  const TensorId fresh = editor.addTensor({.name = "a", .shape = {1, 2}});
  EXPECT_EQ(editor.tensor(fresh).name, "a_1");
  editor.addLayer({"a", OpType::Identity, NoAttrs{}, {1}, {fresh}}, 1);
  editor.setInput(1, 0, fresh);
  EXPECT_EQ(editor.readers(1).size(), 1u);
  editor.sort();
  ASSERT_TRUE(validate(graph).ok()) << validate(graph).message();
  ASSERT_EQ(graph.layers.size(), 4u);
  EXPECT_EQ(graph.layers[1].name, "a_1");
  EXPECT_EQ(graph.layers[2].name, "b");
}

TEST(Editor, BypassKeepsNamesOfOutputs) {
  Graph graph = chain();
  GraphEditor editor(graph);
  EXPECT_TRUE(editor.bypass(2, 2));  // y takes over what b makes
  EXPECT_TRUE(editor.bypass(0, 0));  // b reads x
  editor.sort();
  ASSERT_EQ(graph.layers.size(), 1u);
  EXPECT_FALSE(GraphEditor(graph).bypass(0, 0));  // x cannot be called y
  graph.compact();
  ASSERT_TRUE(validate(graph).ok());
  EXPECT_EQ(graph.layers[0].name, "b");
  EXPECT_EQ(graph.tensor(graph.outputs[0]).name, "y");
}

TEST(Editor, BypassKeepsParameters) {
  Graph graph = chain();
  for (Tensor& tensor : graph.tensors) tensor.dtype = DType::u8;
  graph.tensor(2).quant = QuantParams{{0.5f}, {3}};
  GraphEditor editor(graph);
  EXPECT_FALSE(editor.bypass(1, 1));  // b would lose its parameters
  EXPECT_FALSE(editor.bypass(2, 2));  // y would get some
  EXPECT_TRUE(editor.bypass(0, 0));
  EXPECT_EQ(editor.tensor(2).quant, (QuantParams{{0.5f}, {3}}));
}

TEST(Specialize, SaysWhatIsWrongWithShapes) {
  const auto message = [](Shape model, std::map<std::string, Shape> given) {
    Graph graph = chain();
    graph.tensor(0).shape = model;
    return specialize(graph, given).message();
  };
  EXPECT_EQ(message({-1, 2}, {}), "");
  EXPECT_EQ(message({-1, -1}, {{"x", {3, 4}}}), "");
  EXPECT_EQ(message({2, 2}, {{"x", {-1, 2}}}), "");
  EXPECT_NE(message({1, -1}, {}).find("input 'x' has shape 1x?"), std::string::npos);
  EXPECT_NE(message({-1, 2}, {{"x", {0, 2}}}).find("wanted at least 1"), std::string::npos);
  EXPECT_NE(message({0, 2}, {}).find("is empty"), std::string::npos);
  EXPECT_NE(message({1, 2}, {{"x", {1, 3}}}).find("wanted 2 for dim 1, not 3"), std::string::npos);
  EXPECT_NE(message({1, 2}, {{"x", {1, 2, 3}}}).find("wanted 2 dims, not 3"), std::string::npos);
  EXPECT_NE(message({1, 2}, {{"z", {1, 2}}}).find("no input 'z'"), std::string::npos);
  EXPECT_NE(message({1, int64_t{1} << 50}, {}).find("too many elements"), std::string::npos);
}

TEST(Specialize, InfersForTheGivenShape) {
  Graph graph = chain();
  graph.tensor(0).shape = Shape::unranked();
  ASSERT_TRUE(specialize(graph, {{"x", {5, 7}}}).ok());
  EXPECT_EQ(graph.tensor(graph.outputs[0]).shape, (Shape{5, 7}));
}

TEST(RemoveDeadLayers, KeepsWhatOutputsNeed) {
  Graph graph = chain();
  graph.outputs = {1};
  GraphEditor editor(graph);
  removeDeadLayers(editor);
  editor.sort();
  ASSERT_EQ(graph.layers.size(), 1u);
  EXPECT_EQ(graph.layers[0].name, "a");
}

}  // namespace
}  // namespace qrt
