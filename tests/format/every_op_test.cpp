// A model of each op goes through a file and computes the same behind it.
#include <gtest/gtest.h>

#include <set>

#include "format_test_support.h"
#include "graph/model_data.h"
#include "qrt/session.h"
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

// The outputs of a run on inputs that follow from their bytes' positions; open dims are 2.
std::vector<std::vector<std::byte>> outputsOf(const Model& model) {
  SessionOptions options;
  options.threads = 1;
  for (const TensorInfo& input : model.inputs()) {
    Shape& shape = options.inputShapes[input.name] = input.shape;
    for (int64_t& dim : shape.dims()) dim = dim == Shape::kUnknown ? 2 : dim;
  }
  Result<Session> session = Session::create(model, options);
  EXPECT_TRUE(session.ok()) << session.status().message();
  if (!session.ok()) return {};
  for (size_t i = 0; i < session->inputs().size(); ++i) {
    const TensorView input = *session->input(i);
    for (size_t b = 0; b < input.bytes(); ++b) {
      const size_t value = input.dtype == DType::f32 ? b * 37 % 64 : b % 4 == 0 ? 1 : 0;
      static_cast<std::byte*>(input.data)[b] = static_cast<std::byte>(value);
    }
  }
  EXPECT_TRUE(session->run().ok()) << session->run().message();
  std::vector<std::vector<std::byte>> outputs;
  for (size_t i = 0; i < session->outputs().size(); ++i) {
    const ConstTensorView output = *session->output(i);
    const auto* first = static_cast<const std::byte*>(output.data);
    outputs.emplace_back(first, first + output.bytes());
  }
  return outputs;
}

TEST(EveryOp, LoadsAsItWasSaved) {
  for (Graph& graph : allGraphs()) {
    SCOPED_TRACE(opName(graph.layers[0].op));
    ASSERT_TRUE(validate(graph).ok()) << validate(graph).message();
    ASSERT_TRUE(inferShapes(graph).ok()) << inferShapes(graph).message();
    const Result<Model> loaded = Model::fromMemory(encode(graph).value().joined());
    ASSERT_TRUE(loaded.ok()) << loaded.status().message();
    test::expectEqual(loaded->data().graph, graph);
    const bool computesAShape = graph.layers[0].input(1) != kNoTensor &&
                                !graph.tensor(graph.layers[0].input(1)).isConstant();
    const OpType op = graph.layers[0].op;
    if (op == OpType::ConstantOfShape || (op == OpType::Reshape && computesAShape)) continue;
    EXPECT_EQ(outputsOf(*loaded), outputsOf(makeModel(graph)));
  }
}

}  // namespace
}  // namespace qrt
