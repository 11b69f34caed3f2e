// Graphs and their comparison for the tests of the file format.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

#include "format/format.h"
#include "graph/attribute_io.h"
#include "graph/graph.h"

namespace qrt::test {

/// x [1,2] f32 → Identity → y, with a name, metadata and a constant that is an output too.
inline Graph smallGraph() {
  Graph graph;
  graph.name = "small";
  graph.metadata = {{"producer", "a test"}, {"labels", "cat\ndog"}};
  const TensorId x = graph.addTensor({.name = "x", .shape = {1, 2}});
  const TensorId y = graph.addTensor({.name = "y", .shape = {1, 2}});
  const float values[] = {1.5f, -2.5f, 3.5f};
  const TensorId w = graph.addConstant<float>("w", {3}, values);
  const TensorId z = graph.addTensor({.name = "z", .shape = {3}});
  graph.layers.push_back({"copy", OpType::Identity, NoAttrs{}, {x}, {y}});
  graph.layers.push_back({"copy_w", OpType::Identity, NoAttrs{}, {w}, {z}});
  graph.inputs = {x};
  graph.outputs = {y, z};
  return graph;
}

/// Bytes at a 64-byte boundary, as decode() wants them, with their owner.
struct Aligned {
  explicit Aligned(std::span<const std::byte> bytes) : data(ConstantData::copyOf(bytes)) {}
  ConstantData data;
};

inline void expectEqual(const Graph& a, const Graph& b) {
  EXPECT_EQ(a.name, b.name);
  EXPECT_EQ(a.metadata, b.metadata);
  EXPECT_EQ(a.inputs, b.inputs);
  EXPECT_EQ(a.outputs, b.outputs);
  ASSERT_EQ(a.tensors.size(), b.tensors.size());
  for (size_t i = 0; i < a.tensors.size(); ++i) {
    SCOPED_TRACE(a.tensors[i].name);
    EXPECT_EQ(a.tensors[i].name, b.tensors[i].name);
    EXPECT_EQ(a.tensors[i].dtype, b.tensors[i].dtype);
    EXPECT_EQ(a.tensors[i].shape, b.tensors[i].shape);
    EXPECT_EQ(a.tensors[i].quant, b.tensors[i].quant);
    ASSERT_EQ(a.tensors[i].isConstant(), b.tensors[i].isConstant());
    if (!a.tensors[i].isConstant()) continue;
    const auto x = a.tensors[i].constant->bytes;
    const auto y = b.tensors[i].constant->bytes;
    EXPECT_TRUE(std::equal(x.begin(), x.end(), y.begin(), y.end()));
  }
  ASSERT_EQ(a.layers.size(), b.layers.size());
  for (size_t i = 0; i < a.layers.size(); ++i) {
    SCOPED_TRACE(a.layers[i].name);
    EXPECT_EQ(a.layers[i].name, b.layers[i].name);
    EXPECT_EQ(a.layers[i].op, b.layers[i].op);
    EXPECT_EQ(a.layers[i].inputs, b.layers[i].inputs);
    EXPECT_EQ(a.layers[i].outputs, b.layers[i].outputs);
    EXPECT_EQ(attributeValues(a.layers[i].attributes), attributeValues(b.layers[i].attributes));
  }
}

}  // namespace qrt::test
