// Concats whose inputs are written in place: the same bytes as with a copy, and only where nobody else looks.
#include <gtest/gtest.h>

#include <cstring>
#include <random>

#include "base/error.h"
#include "runtime/execution.h"
#include "runtime/input_output.h"
#include "runtime/place.h"
#include "support/graph_builder.h"

namespace qrt {
namespace {

using test::GraphBuilder;

struct Ran {
  std::vector<std::vector<std::byte>> outputs;
  std::vector<std::string> kernels;  // by layer
};

Result<Ran> run(const Graph& given, bool slices, IsaLevel isa, int threads) {
  WeightCache weights;
  auto graph = std::make_unique<Graph>(given);
  QRT_RETURN_IF_ERROR(validate(*graph));
  QRT_RETURN_IF_ERROR(inferShapes(*graph));
  QRT_ASSIGN_OR_RETURN(const auto placed, place(*graph, {{findBackend("cpu-float"), findBackend("reference")}, {}}));
  std::vector<const Backend*> backends;
  for (const LayerBackend& layer : placed) backends.push_back(layer.actual);
  QRT_ASSIGN_OR_RETURN(auto steps, compile(*graph, partition(*graph, backends), {isa, threads, weights, 1e-4}));
  QRT_ASSIGN_OR_RETURN(auto execution, Execution::create(std::move(graph), std::move(steps), false, slices));
  QRT_ASSIGN_OR_RETURN(InputsOutputs io, InputsOutputs::create(execution->graph(), execution->graph()));
  execution->connect(io.memory());
  std::mt19937 random(1);
  for (size_t i = 0; i < io.inputs().size(); ++i) {
    QRT_ASSIGN_OR_RETURN(const TensorView view, io.input(i));
    for (float& value : view.as<float>().value()) value = static_cast<float>(random() % 2001) / 100 - 10;
  }
  ThreadPool pool(threads);
  for (int i = 0; i < 2; ++i) QRT_RETURN_IF_ERROR(execution->run(pool));
  Ran ran;
  for (size_t i = 0; i < io.outputs().size(); ++i) {
    QRT_ASSIGN_OR_RETURN(const ConstTensorView view, io.output(i));
    const auto* bytes = static_cast<const std::byte*>(view.data);
    ran.outputs.emplace_back(bytes, bytes + view.bytes());
  }
  for (size_t i = 0; i < execution->steps().size(); ++i) ran.kernels.emplace_back(execution->kernel(i));
  return ran;
}

// The same bytes with and without slices; the kernels with them.
std::vector<std::string> kernelsWithSlices(const Graph& graph, IsaLevel isa = IsaLevel::scalar, int threads = 1) {
  const auto copied = run(graph, false, isa, threads), sliced = run(graph, true, isa, threads);
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
