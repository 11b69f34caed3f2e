// Transposes of a tensor whose rank nobody knows, which may contradict each other.
#include <gtest/gtest.h>

#include "passes/passes.h"

namespace qrt {
namespace {

Graph transposesOf(const std::vector<std::vector<int64_t>>& perms) {
  Graph graph;
  const TensorId x = graph.addTensor({.name = "x"});
  graph.inputs = {x};
  const auto add = [&](OpType op, Attributes attributes, TensorId in) {
    const TensorId out = graph.addTensor({.name = "t"});
    graph.layers.push_back({graph.uniqueLayerName("l"), op, std::move(attributes), {in}, {out}});
    return out;
  };
  for (const auto& perm : perms) {
    const TensorId relu =
        add(OpType::Relu, NoAttrs{}, add(OpType::Transpose, TransposeAttrs{perm}, x));
    graph.outputs.push_back(add(OpType::Transpose, TransposeAttrs{perm}, relu));
  }
  return graph;
}

TEST(LayoutUnranked, TransposesThatContradictEachOtherStay) {
  const std::vector<int64_t> two{1, 0}, three{0, 2, 1}, four{0, 3, 2, 1}, reverse;
  for (const auto& perms :
       {std::vector{two, four}, {four, two}, {reverse, four}, {four, reverse, three, two, four}}) {
    Graph graph = transposesOf(perms);
    ASSERT_TRUE(validate(graph).ok());
    ASSERT_TRUE(optimize(graph).ok());
    EXPECT_TRUE(validate(graph).ok()) << validate(graph).message();
    EXPECT_EQ(graph.outputs.size(), perms.size());
  }
}

}  // namespace
}  // namespace qrt
