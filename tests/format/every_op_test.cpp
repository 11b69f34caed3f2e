// A model of each op goes through a file and computes the same behind it.
#include <gtest/gtest.h>

#include <random>
#include <set>

#include "format_test_support.h"
#include "graph/model_data.h"
#include "support/op_graphs.h"

namespace qrt {
namespace {

std::vector<Graph> allGraphs() {
  std::vector<Graph> graphs = test::opGraphs();
  graphs.push_back(test::smallNet());
  return graphs;
}

TEST(EveryOp, HasAGraph) {
  std::set<OpType> seen;
  for (const Graph& graph : test::opGraphs()) seen.insert(graph.layers[0].op);
  for (int i = 0; i < kOpCount; ++i) {
    EXPECT_EQ(seen.count(static_cast<OpType>(i)), 1u) << opName(static_cast<OpType>(i));
  }
}

TEST(EveryOp, LoadsAsItWasSaved) {
  for (Graph& graph : allGraphs()) {
    SCOPED_TRACE(opName(graph.layers[0].op));
    ASSERT_TRUE(validate(graph).ok()) << validate(graph).message();
    const Status status = inferShapes(graph);
    if (status.code() == StatusCode::unsupported) continue;  // not written yet
    ASSERT_TRUE(status.ok()) << status.message();
    const Result<Model> loaded = Model::fromMemory(encode(graph).value().joined());
    ASSERT_TRUE(loaded.ok()) << loaded.status().message();
    test::expectEqual(loaded->data().graph, graph);
  }
}

}  // namespace
}  // namespace qrt
