// Concats whose inputs are written in place: the same bytes as with a copy, and only where nobody else looks.
#include <gtest/gtest.h>

#include "support/graph_builder.h"
#include "support/run_execution.h"

namespace qrt {
namespace {

using test::GraphBuilder;

// The same bytes with and without slices; the kernels with them.
std::vector<std::string> kernelsWithSlices(const Graph& graph, IsaLevel isa = IsaLevel::scalar, int threads = 1) {
  const auto copied = test::runExecution(graph, isa, {.threads = threads, .whole = true});
  const auto sliced = test::runExecution(graph, isa, {.threads = threads});
  EXPECT_TRUE(copied.ok() && sliced.ok()) << copied.status().message() << sliced.status().message();
  if (!copied.ok() || !sliced.ok()) return {};
  EXPECT_EQ(copied->outputs, sliced->outputs);
  for (const std::string& kernel : copied->kernels) EXPECT_NE(kernel, "view");
  return sliced->kernels;
}

// 1×1 and 3×3 (a Winograd one), grouped, strided-in, and an activation that the tile's clamp does not do.
TensorId branches(GraphBuilder& b, TensorId x) {
  return b.add(OpType::Concat, AxisAttrs{3},
               {b.conv(x, 32, 5, 1, 1, 1, ActivationKind::relu), b.conv(x, 32, 40, 3, 1, 1, ActivationKind::hardSwish),
                b.conv(x, 32, 8, 3, 1, 2), b.conv(x, 32, 33, 5, 1, 1, ActivationKind::sigmoid)});
}

TEST(Concat, IsWrittenInPlaceAtEveryLevel) {
  GraphBuilder b;
  const TensorId both = branches(b, b.input("x", {2, 13, 11, 32}));
  b.output(b.conv(both, 86, 7, 1));
  b.output(b.add(OpType::Relu, {both}));
  for (const IsaLevel isa : compiledIsaLevels()) {
    if (!isaAvailable(isa, readCpu())) continue;
    for (const int threads : {1, 3}) {
      SCOPED_TRACE(testing::Message() << isaName(isa) << ", " << threads << " threads");
      const auto kernels = kernelsWithSlices(b.graph, isa, threads);
      ASSERT_EQ(kernels.size(), 7u);
      EXPECT_EQ(kernels[4], "view");
      EXPECT_NE(kernels[1].find("winograd"), std::string::npos) << kernels[1];
    }
  }
}

TEST(Concat, MayBeAnOutputOfTheGraph) {
  GraphBuilder b;
  b.output(branches(b, b.input("x", {1, 6, 6, 32})));
  EXPECT_EQ(kernelsWithSlices(b.graph)[4], "view");
}

TEST(Concat, CopiesWhatOthersReadOrTheGraphGivesOut) {
  for (const int which : {0, 1, 2, 3, 4}) {
    SCOPED_TRACE(which);
    GraphBuilder b;
    const TensorId x = b.input("x", {1, 6, 6, 8});
    const TensorId first = b.conv(x, 8, 8, 1), second = b.conv(x, 8, 8, 3);
    std::vector<TensorId> inputs = {first, second};
    AxisAttrs attrs{3};
    if (which == 0) b.output(b.add(OpType::Relu, {first}));    // another reader
    if (which == 1) b.output(second);                          // an output
    if (which == 2) inputs = {first, first};                   // twice
    if (which == 3) attrs.axis = 1;                            // not of channels
    if (which == 4) inputs = {first, b.conv(x, 8, 8, 3, 1, 0)};  // depthwise, which writes dense pixels
    const auto layers = b.graph.layers.size();
    b.output(b.add(OpType::Concat, attrs, inputs));
    const auto kernels = kernelsWithSlices(b.graph);
    ASSERT_GT(kernels.size(), layers);
    EXPECT_NE(kernels[layers], "view");
  }
}

TEST(Concat, CopiesAConvolutionWithAResidual) {
  GraphBuilder b;
  const TensorId x = b.input("x", {1, 6, 6, 8});
  const TensorId first = b.conv(x, 8, 8, 1), second = b.conv(x, 8, 8, 3);
  b.graph.layers.back().inputs.push_back(x);
  b.output(b.add(OpType::Concat, AxisAttrs{-1}, {first, second}));
  EXPECT_NE(kernelsWithSlices(b.graph)[2], "view");
}

}  // namespace
}  // namespace qrt
