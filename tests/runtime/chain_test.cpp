// Layers that take turns by bands of rows: the same bytes as one after the other, mostly in less memory.
#include <gtest/gtest.h>

#include <random>

#include "passes/passes.h"
#include "support/graph_builder.h"
#include "support/int8_networks.h"
#include "support/networks.h"
#include "support/run_execution.h"

namespace qrt {
namespace {

using test::GraphBuilder;

// Convolutions of all kinds one after another, all of them large enough to be cut.
Graph randomChain(unsigned seed) {
  std::mt19937 random(seed);
  const auto pick = [&](int64_t low, int64_t high) {
    return low + static_cast<int64_t>(random() % static_cast<unsigned>(high - low + 1));
  };
  GraphBuilder b(seed);
  int64_t h = pick(20, 60), w = pick(20, 60), c = pick(1, 24);
  TensorId x = b.input("x", {1, h, w, c});
  for (int64_t layer = 0, layers = pick(2, 6); layer < layers; ++layer) {
    const bool depthwise = pick(0, 1) == 0;
    const auto kernel = static_cast<int32_t>(pick(1, 4)), stride = static_cast<int32_t>(pick(0, 3) == 0 ? 2 : 1);
    ConvAttrs attrs;
    attrs.strides = {stride, stride};
    attrs.pads = {static_cast<int32_t>(pick(0, kernel)), static_cast<int32_t>(pick(0, kernel)),
                  static_cast<int32_t>(pick(0, kernel)), static_cast<int32_t>(pick(0, kernel))};
    attrs.dilations = {static_cast<int32_t>(pick(1, 2)), 1};
    attrs.groups = depthwise ? static_cast<int32_t>(c) : 1;
    attrs.activation.kind = pick(0, 1) == 0 ? ActivationKind::relu : ActivationKind::hardSwish;
    const int64_t out = depthwise ? c : pick(3, 70), depth = c / attrs.groups;
    h = (h + attrs.pads[0] + attrs.pads[2] - (kernel - 1) * attrs.dilations[0] - 1) / stride + 1;
    w = (w + attrs.pads[1] + attrs.pads[3] - kernel) / stride + 1;
    if (h < 1 || w < 1) break;
    std::vector<TensorId> inputs = {x, b.weights({out, kernel, kernel, depth}, kernel * kernel * depth),
                                    b.weights({out}, 1)};
    if (!depthwise && pick(0, 4) == 0) inputs.push_back(b.input("residual", {1, h, w, out}));
    x = b.add(OpType::Conv, attrs, inputs);
    c = out;
  }
  b.output(x);
  return b.graph;
}

TEST(Chain, GivesTheSameBytes) {
  int chains = 0;  // those in less memory, at least
  for (unsigned seed = 0; seed < 100; ++seed) {
    const Graph graph = randomChain(seed);
    for (const int threads : {1, 3}) {
      const IsaLevel isa = seed % 2 == 0 ? IsaLevel::scalar : activeIsa().value();
      const auto whole = test::runExecution(graph, isa, {.threads = threads, .whole = true});
      const auto turns =
          test::runExecution(graph, isa, {.threads = threads, .cacheBytes = size_t{16} << 10 << seed % 3});
      ASSERT_TRUE(whole.ok() && turns.ok()) << whole.status().message() << turns.status().message();
      ASSERT_EQ(whole->outputs, turns->outputs) << "seed " << seed << ", " << threads << " threads";
      chains += turns->activations < whole->activations;
    }
  }
  EXPECT_GT(chains, 10);
}

// What a turn writes and reads lies in the rings.
void expectInside(const Chain& chain, const std::vector<Step>& steps, const Turn& turn) {
  Rowwise& step = *steps[turn.step].program->rowwise();
  const auto inRing = [&](size_t writer, int64_t first, int64_t last, int64_t base) {
    const Ring& ring = chain.rings[writer - chain.first];
    ASSERT_GE(first, base);
    ASSERT_LE(static_cast<size_t>((last - base) * ring.rowBytes), ring.bytes);
  };
  if (turn.step < chain.last) {
    inRing(turn.step, step.rowsWritten(turn.first).first, step.rowsWritten(turn.last - 1).last, turn.outputBase);
  }
  if (turn.step > chain.first) {
    inRing(turn.step - 1, step.rowsRead(turn.first).first, step.rowsRead(turn.last - 1).last, turn.inputBase);
  }
}

TEST(Chain, StaysInsideItsRings) {
  for (const IsaLevel isa : compiledIsaLevels()) {
    if (!isaAvailable(isa, readCpu())) continue;
    int chains = 0;
    for (unsigned seed = 0; seed < 60; ++seed) {
      GraphBuilder b;  // a window smaller than its stride skips rows, some of which are written in part
      const int64_t size = 90 + seed;
      const TensorId x = b.input("x", {1, size, size, 16});
      const TensorId wide = b.conv(x, 16, 32, seed % 2 == 0 ? 1 : 3);
      b.output(b.conv(wide, 32, 64, 1, 2));
      const Graph graph = seed % 3 == 0 ? b.graph : randomChain(seed);
      const auto compiled = test::compileGraph(graph, isa, 1);
      ASSERT_TRUE(compiled.ok()) << compiled.status().message();
      for (const int threads : {1, 2, 5}) {
        for (const Chain& chain : planChains(*compiled->graph, compiled->steps, threads, 256 << 10)) {
          SCOPED_TRACE(testing::Message() << "seed " << seed << ", " << threads << " threads, " << isaName(isa));
          for (const std::vector<Turn>& stripe : chain.stripes) {
            for (const Turn& turn : stripe) {
              expectInside(chain, compiled->steps, turn);
              if (HasFatalFailure()) return;
            }
          }
          ++chains;
        }
      }
    }
    EXPECT_GT(chains, 20) << isaName(isa);
  }
}

TEST(Chain, Int8NetworksGiveTheSameBytes) {
  for (const test::NamedNetwork& network : test::kNetworks) {
    SCOPED_TRACE(network.name);
    Graph graph = test::asInt8(network.make(96)).data().graph;
    const Status specialized = specializeAsWritten(graph, {});
    ASSERT_TRUE(specialized.ok()) << specialized.message();
    for (const int threads : {1, 3}) {
      const IsaLevel isa = activeIsa().value();
      const auto whole = test::runExecution(graph, isa, {.threads = threads, .whole = true});
      const auto turns = test::runExecution(graph, isa, {.threads = threads, .cacheBytes = 16 << 10});
      ASSERT_TRUE(whole.ok() && turns.ok()) << whole.status().message() << turns.status().message();
      EXPECT_EQ(whole->outputs, turns->outputs);
    }
  }
}

TEST(Chain, LeavesWhatOthersReadWhole) {
  GraphBuilder b;
  const TensorId x = b.input("x", {1, 40, 40, 16});
  const TensorId first = b.conv(x, 16, 32, 1), second = b.conv(first, 32, 32, 3, 1, 0);
  b.output(b.conv(second, 32, 8, 1));
  b.output(first);
  const auto whole = test::runExecution(b.graph, IsaLevel::scalar, {.whole = true});
  const auto turns = test::runExecution(b.graph, IsaLevel::scalar, {.cacheBytes = 32 << 10});
  ASSERT_TRUE(whole.ok() && turns.ok());
  EXPECT_EQ(whole->outputs, turns->outputs);
  EXPECT_LT(turns->activations, whole->activations);  // `second` only
}

}  // namespace
}  // namespace qrt
