// Transposes as only hand-made files have them: of a tensor whose rank nobody knows, which may
// contradict each other, and such that give quantization parameters.
#include <gtest/gtest.h>

#include <optional>

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

// Two that cancel each other, but for the parameters that one of them gives or changes.
TEST(LayoutQuantized, TransposesThatChangeParametersStay) {
  const QuantParams perColumn{{1, 2, 4}, {0, 0, 0}, 1};
  const QuantParams perRow{{1, 2, 4}, {0, 0, 0}, 0};
  const QuantParams others{{3, 3, 3}, {0, 0, 0}, 0};
  struct Case {
    std::optional<QuantParams> x, y, z;
    size_t transposes;
  };
  for (const Case& c : {Case{perColumn, perRow, perColumn, 0}, Case{perColumn, others, perColumn, 2},
                        Case{{}, QuantParams{{0.5f}, {3}, -1}, QuantParams{{0.5f}, {3}, -1}, 2}}) {
    Graph graph;
    const TensorId x = graph.addTensor({"x", DType::s8, {2, 3}, c.x, {}});
    const TensorId y = graph.addTensor({"y", DType::s8, {3, 2}, c.y, {}});
    const TensorId z = graph.addTensor({"z", DType::s8, {2, 3}, c.z, {}});
    const TensorId real = graph.addTensor({"real", DType::f32, {2, 3}, {}, {}});
    graph.inputs = {x};
    graph.outputs = {real};
    graph.layers = {{"there", OpType::Transpose, TransposeAttrs{{1, 0}}, {x}, {y}},
                    {"back", OpType::Transpose, TransposeAttrs{{1, 0}}, {y}, {z}},
                    {"real", OpType::Dequantize, NoAttrs{}, {z}, {real}}};
    ASSERT_TRUE(validate(graph).ok()) << validate(graph).message();
    const Status status = optimize(graph);
    ASSERT_TRUE(status.ok()) << status.message();
    ASSERT_EQ(graph.layers.size(), c.transposes + 1);
    EXPECT_EQ(graph.tensor(graph.layers.back().inputs[0]).quant, c.z);
  }
}

}  // namespace
}  // namespace qrt
