// What pins mean, which wins, and what is said of those that mean nothing.
#include "runtime/pins.h"

#include <gtest/gtest.h>

#include "graph/model_data.h"
#include "qrt/session.h"
#include "support/graph_builder.h"
#include "support/one_op.h"
#include "support/test_backends.h"

namespace qrt {
namespace {

using test::GraphBuilder;

// Relu_0, Neg_1, Relu_2, a/b..c (Neg), op:Neg (Relu), x*y (Neg), in a row.
Graph sixLayers() {
  GraphBuilder b;
  TensorId x = b.input("x", {2, 3});
  for (const OpType op : {OpType::Relu, OpType::Neg, OpType::Relu, OpType::Neg, OpType::Relu, OpType::Neg}) x = b.add(op, {x});
  b.output(x);
  b.graph.layers[3].name = "a/b..c";
  b.graph.layers[4].name = "op:Neg";
  b.graph.layers[5].name = "x*y";
  return b.graph;
}

const Backend* const kA = &test::hostileBackend();
const Backend* const kB = &test::inPlaceBackend();

// "AB..": by layer, '.' where there is no pin.
std::string meaning(const Pins& pins) {
  const Graph graph = sixLayers();
  const auto resolved = resolvePins(pins, graph, graph);
  if (!resolved.ok()) return resolved.status().message();
  std::string text;
  for (const Layer& layer : graph.layers) {
    const auto pin = resolved->find(layer.name);
    text += pin == resolved->end() ? '.' : pin->second == kA ? 'A' : 'B';
  }
  return text;
}

TEST(Pins, MeanLayers) {
  EXPECT_EQ(meaning({{"Neg_1", kA}}), ".A....");
  EXPECT_EQ(meaning({{"*_?", kA}}), "AAA...");
  EXPECT_EQ(meaning({{"R*u_*2", kA}}), "..A...");
  EXPECT_EQ(meaning({{"*", kB}}), "BBBBBB");
  EXPECT_EQ(meaning({{"op:Relu", kA}}), "A.A.A.");
  EXPECT_EQ(meaning({{"Neg_1..a/b..c", kA}}), ".AAA..");
  EXPECT_EQ(meaning({{"a/b..c..x*y", kA}}), "...AAA");
  EXPECT_EQ(meaning({{"Relu_2..Relu_2", kA}}), "..A...");
}

TEST(Pins, AreNamesWhereALayerIsCalledSo) {
  EXPECT_EQ(meaning({{"a/b..c", kA}}), "...A..");
  EXPECT_EQ(meaning({{"op:Neg", kA}}), "....A.");
  EXPECT_EQ(meaning({{"x*y", kA}}), ".....A");
}

TEST(Pins, StrongerOnesWin) {
  EXPECT_EQ(meaning({{"op:Relu", kA}, {"*_?", kB}}), "BBB.A.");
  EXPECT_EQ(meaning({{"*_?", kB}, {"Neg_1", kA}}), "BAB...");
  // A name settles what patterns cannot agree on.
  EXPECT_EQ(meaning({{"Relu_*", kA}, {"*_0", kB}, {"Relu_0", kB}}), "B.A...");
  EXPECT_EQ(meaning({{"Relu_*", kA}, {"*_0", kA}}), "A.A...");
}

TEST(Pins, ThatContradictEachOtherAreErrors) {
  EXPECT_EQ(meaning({{"*_0", kA}, {"Relu_*", kB}}),
            "layer 'Relu_0' is pinned to 'hostile' by '*_0' and to 'in-place' by 'Relu_*'");
  EXPECT_EQ(meaning({{"Relu_0..Neg_1", kA}, {"Neg*", kB}}),
            "layer 'Neg_1' is pinned to 'in-place' by 'Neg*' and to 'hostile' by 'Relu_0..Neg_1'");
}

TEST(Pins, ThatMeanNothingAreErrors) {
  EXPECT_EQ(meaning({{"Rely_*", kA}}), "no layer's name is like 'Rely_*'; did you mean 'Relu_0' or 'Relu_2'?");
  EXPECT_EQ(meaning({{"op:Rleu", kA}}), "no layer's op is 'Rleu'; did you mean 'Relu'?");
  EXPECT_EQ(meaning({{"Relu_0..Neg_9", kA}}), "'Relu_0..Neg_9': no layer is named 'Neg_9'; did you mean 'Neg_1'?");
  EXPECT_EQ(meaning({{"Neg_1..Relu_0", kA}}), "'Neg_1..Relu_0': 'Neg_1' does not run before 'Relu_0'");
}

std::string backendsOf(const Session& session) {
  std::string text;
  for (const LayerPlacement& layer : session.placement().layers) text += layer.actual == "reference" ? 'r' : '.';
  return text;
}

TEST(Pins, OfSessions) {
  Session session = Session::create(makeModel(sixLayers()), {.threads = 1, .layerBackends = {{"op:Relu", "reference"}}}).value();
  EXPECT_EQ(backendsOf(session), "r.r.r.");
  ASSERT_TRUE(session.setLayerBackend("Neg*", "reference").ok());
  EXPECT_EQ(backendsOf(session), "rrr.r.");
  ASSERT_TRUE(session.setLayerBackends({{"Neg*", ""}, {"op:Relu", ""}, {"x*y", "reference"}}).ok());
  EXPECT_EQ(backendsOf(session), ".....r");
  // What fails changes nothing.
  const Status contradiction = session.setLayerBackends({{"Re*", "reference"}, {"*_2", "cpu-float"}});
  EXPECT_EQ(contradiction.code(), StatusCode::invalidArgument);
  QRT_EXPECT_ERROR(session.setLayerBackends({{"Neg_1", "reference"}, {"Neg_7", "reference"}}), "no layer is named 'Neg_7'");
  EXPECT_EQ(session.setLayerBackend("Nge_*", "reference").code(), StatusCode::notFound);
  EXPECT_EQ(backendsOf(session), ".....r");
  ASSERT_TRUE(session.run().ok());
}

TEST(Pins, WinOverPlacementFiles) {
  const SessionOptions options = {.threads = 1, .layerBackends = {{"op:Relu", "cpu-float"}},
                                  .placement = {{"Relu_0", "reference"}, {"Neg_1", "reference"}}};
  Session session = Session::create(makeModel(sixLayers()), options).value();
  EXPECT_EQ(backendsOf(session), ".r....");
  ASSERT_TRUE(session.setLayerBackend("op:Relu", "").ok());
  EXPECT_EQ(backendsOf(session), "rr....");
  QRT_EXPECT_ERROR(Session::create(makeModel(sixLayers()), {.placement = {{"Relu_1", "reference"}}}),
                   "no layer is named 'Relu_1'; did you mean 'Relu_0' or 'Relu_2'?");
}

}  // namespace
}  // namespace qrt
