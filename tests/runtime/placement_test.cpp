// Who runs what, and the reasons as a user reads them.
#include <gtest/gtest.h>

#include "backends/backend.h"
#include "qrt/session.h"
#include "runtime/place.h"
#include "support/graph_builder.h"
#include "support/one_op.h"
#include "support/test_backends.h"

namespace qrt {
namespace {

using test::GraphBuilder;

// Relu_0, Neg_1, Transpose_2 over a graph of f32.
Graph threeLayers() {
  GraphBuilder b;
  b.output(b.add(OpType::Transpose, {b.add(OpType::Neg, {b.add(OpType::Relu, {b.input("x", {2, 3})})})}));
  return b.graph;
}

Graph inferred(Graph graph) {
  EXPECT_TRUE(inferShapes(graph).ok());
  return graph;
}

TEST(Place, TakesTheFirstThatSupportsALayer) {
  const Graph graph = inferred(threeLayers());
  const auto placed = place(graph, {{&test::inPlaceBackend(), &test::hostileBackend()}, {}});
  ASSERT_TRUE(placed.ok());
  EXPECT_EQ((*placed)[0].actual->name(), "in-place");
  EXPECT_EQ((*placed)[0].reason, "");
  EXPECT_EQ((*placed)[2].requested->name(), "in-place");
  EXPECT_EQ((*placed)[2].actual->name(), "hostile");
  EXPECT_EQ((*placed)[2].reason, "not my kind of op");
}

TEST(Place, PinsWinAndFallBackOpenly) {
  const Graph graph = inferred(threeLayers());
  const PlacementPolicy policy = {
      {&test::hostileBackend()},
      {{"Relu_0", &test::inPlaceBackend()}, {"Transpose_2", &test::inPlaceBackend()}}};
  const auto placed = place(graph, policy);
  ASSERT_TRUE(placed.ok());
  EXPECT_TRUE((*placed)[0].pinned);
  EXPECT_EQ((*placed)[0].actual->name(), "in-place");
  EXPECT_FALSE((*placed)[1].pinned);
  EXPECT_EQ((*placed)[1].actual->name(), "hostile");
  EXPECT_TRUE((*placed)[2].pinned);
  EXPECT_EQ((*placed)[2].requested->name(), "in-place");
  EXPECT_EQ((*placed)[2].actual->name(), "hostile");
  EXPECT_EQ((*placed)[2].reason, "not my kind of op");
}

TEST(Place, TellsEveryRefusal) {
  const Graph graph = inferred(threeLayers());
  const auto placed = place(
      graph, {{&test::inPlaceBackend(), &test::groupingBackend(), &test::hostileBackend()}, {}});
  ASSERT_TRUE(placed.ok());
  EXPECT_EQ((*placed)[2].reason, "not my kind of op; grouping: not my kind of op");
  QRT_EXPECT_ERROR(place(graph, {{&test::inPlaceBackend()}, {}}),
                   "layer 'Transpose_2' (Transpose): no backend runs it: not my kind of op");
}

Model model() {
  GraphBuilder b;
  const TensorId x = b.input("x", {1, 4, 4, 3});
  b.output(b.add(OpType::MaxPool, {b.conv(x, 3, 8, 3)}));
  return b.model();
}

TEST(Placement, ListsEveryLayer) {
  Session session = Session::create(model(), {.threads = 1}).value();
  const Placement& placement = session.placement();
  ASSERT_EQ(placement.layers.size(), session.layers().size());
  EXPECT_EQ(placement.layers[0].layer, "Conv_0");
  EXPECT_EQ(placement.layers[0].op, "Conv");
  EXPECT_EQ(placement.layers[0].requested, "cpu-float");
  EXPECT_EQ(placement.layers[0].actual, "cpu-float");
  EXPECT_EQ(placement.layers[0].reason, "");
  EXPECT_FALSE(placement.layers[0].pinned);
  EXPECT_NE(placement.layers[0].kernel.find("conv"), std::string::npos);
  EXPECT_TRUE(placement.transfers.empty());
}

TEST(Placement, PrioritiesArePutInOrder) {
  const Session session = Session::create(model(), {.backends = {"reference"}}).value();
  for (const LayerPlacement& layer : session.placement().layers) {
    EXPECT_EQ(layer.requested, "reference");
    EXPECT_EQ(layer.actual, "reference");
    EXPECT_EQ(layer.reason, "");
  }
}

TEST(Placement, SetLayerBackendPinsAndUnpins) {
  Session session = Session::create(model(), {.threads = 1}).value();
  const auto x = session.input(0)->as<float>().value();
  for (size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i % 7);
  ASSERT_TRUE(session.run().ok());
  const auto fast = session.output(0)->as<float>().value();
  const std::vector<float> before(fast.begin(), fast.end());

  ASSERT_TRUE(session.setLayerBackend("Conv_0", "reference").ok());
  EXPECT_TRUE(session.placement().layers[0].pinned);
  EXPECT_EQ(session.placement().layers[0].requested, "reference");
  EXPECT_EQ(session.placement().layers[0].kernel, "reference_Conv");
  // The input kept its place and content.
  EXPECT_EQ(session.input(0)->data, x.data());
  ASSERT_TRUE(session.run().ok());
  const auto slow = session.output(0)->as<float>().value();
  for (size_t i = 0; i < slow.size(); ++i) EXPECT_NEAR(slow[i], before[i], 1e-4);

  ASSERT_TRUE(session.setLayerBackend("Conv_0", "").ok());
  EXPECT_FALSE(session.placement().layers[0].pinned);
  EXPECT_EQ(session.placement().layers[0].actual, "cpu-float");
  ASSERT_TRUE(session.run().ok());
  const auto again = session.output(0)->as<float>().value();
  EXPECT_TRUE(std::equal(again.begin(), again.end(), before.begin()));
}

TEST(Placement, AnswersPinsOnLayersThatAreFusedAway) {
  GraphBuilder b;
  b.output(b.add(OpType::Relu, {b.conv(b.input("x", {1, 4, 4, 3}), 3, 8, 3)}));
  Session session = Session::create(b.model(), {.threads = 1,
                                                .layerBackends = {{"Relu_1", "reference"}},
                                                .profiling = true})
                        .value();
  const std::vector<LayerPlacement>& layers = session.placement().layers;
  ASSERT_EQ(session.layers().size(), 1u);
  ASSERT_EQ(layers.size(), 2u);
  EXPECT_EQ(layers[1].layer, "Relu_1");
  EXPECT_EQ(layers[1].op, "Relu");
  EXPECT_EQ(layers[1].requested, "reference");
  EXPECT_EQ(layers[1].actual, "");
  EXPECT_EQ(layers[1].reason, "folded or fused into other layers when the session was prepared");
  EXPECT_TRUE(layers[1].pinned);
  ASSERT_TRUE(session.run().ok());
  ASSERT_EQ(session.profile().layers.size(), 1u);
  EXPECT_EQ(session.profile().layers[0].layer, "Conv_0");
  ASSERT_TRUE(session.setLayerBackend("Relu_1", "").ok());
  EXPECT_EQ(session.placement().layers.size(), 1u);
}

TEST(Placement, KeepsBindingsWhenALayerMoves) {
  Session session = Session::create(model(), {.threads = 1}).value();
  const std::vector<float> x(48, 1.0f);
  ASSERT_TRUE(session.bindInput("x", {DType::f32, {1, 4, 4, 3}, x.data()}).ok());
  ASSERT_TRUE(session.run().ok());
  const auto out = session.output(0)->as<float>().value();
  const std::vector<float> before(out.begin(), out.end());
  ASSERT_TRUE(session.setLayerBackend("Conv_0", "reference").ok());
  ASSERT_TRUE(session.run().ok());
  for (size_t i = 0; i < out.size(); ++i) EXPECT_NEAR(out[i], before[i], 1e-4);
}

TEST(Placement, UnknownNamesAreAnsweredWithTheNearest) {
  Session session = Session::create(model(), {.threads = 1}).value();
  const Status layer = session.setLayerBackend("Conv_1", "reference");
  EXPECT_EQ(layer.code(), StatusCode::notFound);
  EXPECT_EQ(layer.message(), "no layer is named 'Conv_1'; did you mean 'Conv_0'?");
  const Status backend = session.setLayerBackend("Conv_0", "cpu-flaot");
  EXPECT_EQ(backend.code(), StatusCode::notFound);
  EXPECT_EQ(backend.message(), "no backend is named 'cpu-flaot'; did you mean 'cpu-float'?");
  EXPECT_EQ(session.setLayerBackend("Conv_0", "npu").message(),
            "no backend is named 'npu'; there are 'cpu-int8', 'cpu-float', 'reference'");
  EXPECT_FALSE(session.placement().layers[0].pinned);
  EXPECT_TRUE(session.run().ok());

  QRT_EXPECT_ERROR(Session::create(model(), {.backends = {"refrence"}}),
                   "no backend is named 'refrence'; did you mean 'reference'?");
  QRT_EXPECT_ERROR(Session::create(model(), {.layerBackends = {{"Cnov_0", "reference"}}}),
                   "no layer is named 'Cnov_0'; did you mean 'Conv_0'?");
  QRT_EXPECT_ERROR(Session::create(model(), {.layerBackends = {{"Conv_0", "gpu"}}}),
                   "layer 'Conv_0': no backend is named 'gpu'");
}

}  // namespace
}  // namespace qrt
