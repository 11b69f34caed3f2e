// Equalization: the same function, even channels, and only where that is exact.
#include "quantize/corrections/equalize.h"

#include <gtest/gtest.h>

#include <cmath>

#include "support/graph_builder.h"
#include "support/interpreter.h"
#include "support/values.h"

namespace qrt::test {
namespace {

constexpr int64_t kSize = 9;

std::vector<float> floatsOf(const Graph& graph, TensorId id) {
  const auto values = graph.tensor(id).constantView().as<float>();
  return {values->begin(), values->end()};
}

// Convolution, depthwise, pool, LeakyRelu, convolution, mean, FullyConnected.
Graph chain(unsigned seed) {
  GraphBuilder net(seed);
  TensorId x = net.input("x", {1, kSize, kSize, 3});
  x = net.conv(x, 3, 8, 3, 1, 1, ActivationKind::relu);
  x = net.conv(x, 8, 8, 3, 2, 0, ActivationKind::relu);
  PoolAttrs pool;
  pool.kernel = {2, 2};
  x = net.add(OpType::MaxPool, pool, {x});
  x = net.conv(x, 8, 12, 1, 1, 4);
  x = net.add(OpType::LeakyRelu, AlphaAttrs{0.1f}, {x});
  x = net.conv(x, 12, 7, 3, 1, 1, ActivationKind::relu);
  x = net.add(OpType::Reshape, {x, net.constant<int64_t>({2}, {1, -1})});
  x = net.add(OpType::FullyConnected, {x, net.weights({5, 4 * 4 * 7}, 112), net.weights({5}, 1)});
  net.output(x);
  Graph graph = net.graph;
  EXPECT_TRUE(validate(graph).ok() && inferShapes(graph).ok());
  return graph;
}

// Multiplies output channel c of layer `maker` and divides input channel c of convolution `reader`.
void rescale(Graph& graph, size_t maker, size_t reader, std::mt19937& random) {
  const auto change = [&](TensorId id, auto&& fn) {
    std::vector<float> values = floatsOf(graph, id);
    for (size_t i = 0; i < values.size(); ++i) fn(values[i], i, values.size());
    graph.tensor(id).constant = ConstantData::copyOf(std::as_bytes(std::span(values)));
  };
  const Layer& from = graph.layers[maker];
  const Layer& to = graph.layers[reader];
  const auto channels = static_cast<size_t>(graph.tensor(from.inputs[1]).shape[0]);
  const auto groups = static_cast<size_t>(to.attrs<ConvAttrs>().groups);
  std::vector<float> factors(channels);
  for (float& f : factors) f = std::exp2(static_cast<float>(random() % 9) - 4);
  for (const TensorId id : {from.inputs[1], from.inputs[2]}) {
    change(id, [&](float& v, size_t i, size_t n) { v *= factors[i / (n / channels)]; });
  }
  change(to.inputs[1], [&](float& v, size_t i, size_t n) {
    const size_t depth = channels / groups;
    v /= factors[i / (n / groups) * depth + i % depth];
  });
}

double relativeDifference(const std::vector<float>& a, const std::vector<float>& b) {
  double most = 0, difference = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    most = std::fmax(most, std::fabs(a[i]));
    difference = std::fmax(difference, std::fabs(double{a[i]} - b[i]));
  }
  return difference / most;
}

std::vector<float> outputOf(const Graph& graph, unsigned seed) {
  const auto outputs = interpret(graph, randomInputs(graph, seed));
  EXPECT_TRUE(outputs.ok()) << outputs.status().message();
  const auto values = (*outputs)[0].constantView().as<float>();
  return {values->begin(), values->end()};
}

TEST(Equalize, KeepsTheFunctionAndUndoesRescaling) {
  for (unsigned seed = 1; seed <= 10; ++seed) {
    SCOPED_TRACE(seed);
    const Graph original = chain(seed);
    Graph scaled = original;
    std::mt19937 random(seed);
    rescale(scaled, 0, 1, random);
    rescale(scaled, 1, 3, random);  // grouped reader: 4 groups of 2
    Graph evened = original;
    Graph evenedScaled = scaled;
    ASSERT_TRUE(equalize(evened).ok() && equalize(evenedScaled).ok());
    const std::vector<float> wanted = outputOf(original, seed);
    ASSERT_LT(relativeDifference(wanted, outputOf(scaled, seed)), 1e-5);
    EXPECT_LT(relativeDifference(wanted, outputOf(evenedScaled, seed)), 1e-5);
    EXPECT_LT(relativeDifference(wanted, outputOf(evened, seed)), 1e-5);
    // Whatever the factors were, the weights end up the same.
    for (size_t i = 0; i < original.layers.size(); ++i) {
      if (original.layers[i].op != OpType::Conv) continue;
      EXPECT_LT(relativeDifference(floatsOf(evened, evened.layers[i].inputs[1]),
                                   floatsOf(evenedScaled, evenedScaled.layers[i].inputs[1])),
                1e-5);
    }
    EXPECT_GT(relativeDifference(floatsOf(original, original.layers[0].inputs[1]),
                                 floatsOf(evened, evened.layers[0].inputs[1])),
              0.1);
  }
}

// Graphs in which nothing may change.
void expectUntouched(const GraphBuilder& net) {
  Graph graph = net.graph;
  ASSERT_TRUE(validate(graph).ok() && inferShapes(graph).ok());
  const Graph before = graph;
  ASSERT_TRUE(equalize(graph).ok());
  for (size_t t = 0; t < graph.tensors.size(); ++t) {
    if (!graph.tensors[t].isConstant()) continue;
    const auto id = static_cast<TensorId>(t);
    EXPECT_EQ(floatsOf(graph, id), floatsOf(before, id)) << graph.tensors[t].name;
  }
}

TEST(Equalize, LeavesClipsAlone) {
  GraphBuilder net;
  TensorId x = net.conv(net.input("x", {1, 5, 5, 3}), 3, 4, 3);
  std::get<ConvAttrs>(net.graph.layers[0].attributes).activation = {ActivationKind::clip, 0, 6};
  net.output(net.conv(x, 4, 4, 3));
  expectUntouched(net);
}

TEST(Equalize, LeavesTensorsAloneThatOthersRead) {
  GraphBuilder net;
  const TensorId x = net.conv(net.input("x", {1, 5, 5, 3}), 3, 4, 3);
  net.output(net.add(OpType::Add, {x, net.conv(x, 4, 4, 3)}));
  expectUntouched(net);
  GraphBuilder output;
  const TensorId y = output.conv(output.input("x", {1, 5, 5, 3}), 3, 4, 3);
  output.output(y);
  output.output(output.conv(y, 4, 4, 3));
  expectUntouched(output);
}

TEST(Equalize, SharesFactorsAmongAllReaders) {
  GraphBuilder net(3);
  const TensorId x = net.conv(net.input("x", {1, 6, 6, 3}), 3, 4, 3, 1, 1, ActivationKind::relu);
  net.output(net.add(OpType::Add, {net.conv(x, 4, 2, 3), net.conv(x, 4, 2, 1)}));
  Graph graph = net.graph;
  ASSERT_TRUE(validate(graph).ok() && inferShapes(graph).ok());
  Graph evened = graph;
  ASSERT_TRUE(equalize(evened).ok());
  EXPECT_NE(floatsOf(graph, graph.layers[2].inputs[1]), floatsOf(evened, evened.layers[2].inputs[1]));
  EXPECT_LT(relativeDifference(outputOf(graph, 1), outputOf(evened, 1)), 1e-5);
}

TEST(Equalize, SurvivesDeadChannels) {
  GraphBuilder net(4);
  TensorId x = net.conv(net.input("x", {1, 5, 5, 3}), 3, 4, 3, 1, 1, ActivationKind::relu);
  net.output(net.conv(x, 4, 2, 1));
  Graph graph = net.graph;
  std::vector<float> weights = floatsOf(graph, graph.layers[0].inputs[1]);
  for (size_t i = 0; i < 27; ++i) weights[i] = 0;          // channel 0 is its bias
  for (size_t i = 27; i < 54; ++i) weights[i] *= 1e-30f;   // channel 1 next to it
  graph.tensor(graph.layers[0].inputs[1]).constant =
      ConstantData::copyOf(std::as_bytes(std::span(weights)));
  ASSERT_TRUE(validate(graph).ok() && inferShapes(graph).ok());
  Graph evened = graph;
  ASSERT_TRUE(equalize(evened).ok());
  EXPECT_LT(relativeDifference(outputOf(graph, 1), outputOf(evened, 1)), 1e-5);
}

// Weight decay leaves channels of which only the bias is more than 1e-28: they must not set the scale.
TEST(Equalize, ScalesDoNotDriftInDeepChainsWithDeadChannels) {
  GraphBuilder net(5);
  TensorId x = net.input("x", {1, 5, 5, 3});
  for (int i = 0; i < 20; ++i) x = net.conv(x, i == 0 ? 3 : 8, 8, 1, 1, i % 2 == 0 ? 1 : 8, ActivationKind::relu);
  net.output(x);
  Graph graph = net.graph;
  for (size_t i = 0; i < 20; i += 2) {
    const TensorId id = graph.layers[i].inputs[1];
    std::vector<float> weights = floatsOf(graph, id);
    for (size_t w = 0; w < weights.size() * 3 / 4; ++w) weights[w] *= 1e-28f;
    graph.tensor(id).constant = ConstantData::copyOf(std::as_bytes(std::span(weights)));
  }
  ASSERT_TRUE(validate(graph).ok() && inferShapes(graph).ok());
  Graph evened = graph;
  ASSERT_TRUE(equalize(evened).ok());
  EXPECT_LT(relativeDifference(outputOf(graph, 1), outputOf(evened, 1)), 1e-5);
  for (const Layer& layer : evened.layers) {
    for (const float bias : floatsOf(evened, layer.inputs[2])) {
      EXPECT_GT(std::fabs(bias), 1e-4) << layer.name;
      EXPECT_LT(std::fabs(bias), 1e4) << layer.name;
    }
  }
}

}  // namespace
}  // namespace qrt::test
