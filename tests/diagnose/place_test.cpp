// findPlacement() on sessions, and placement files.
#include <gtest/gtest.h>

#include "device.h"
#include "qrt/diagnose.h"
#include "support/graph_builder.h"
#include "support/one_op.h"

namespace qrt::test {
namespace {

// Conv_0, Softmax_1, Conv_2, Conv_3, Softmax_4, Conv_5: small ones.
Model network() {
  GraphBuilder b;
  TensorId x = b.input("x", {1, 3, 3, 2});
  for (int i = 0; i < 2; ++i) x = b.conv(b.add(OpType::Softmax, {b.conv(x, 2, 2, 3)}), 2, 2, 3);
  b.output(x);
  return b.model();
}

class Place : public testing::Test {
 protected:
  void SetUp() override { device(); }
  void TearDown() override { deviceModel() = {}; }
};

TEST_F(Place, PutsLayersWhereTheyAreFast) {
  // The device is faster than the host but for softmaxes, which it hardly does.
  deviceModel() = {.launch = 300e-6, .perByte = 2e-6, .perLayer = 300e-6, .perHostLayer = 2e-3};
  deviceModel().seconds = {{"Softmax_1", 10e-3}, {"Softmax_4", 10e-3}};
  const auto found = findPlacement(network(), {.session = {.threads = 1, .backends = {"host"}},
                                               .backends = {"device", "host"}, .runs = 9});
  ASSERT_TRUE(found.ok()) << found.status().message();
  const LayerBackends wanted = {{"Conv_0", "device"}, {"Softmax_1", "host"}, {"Conv_2", "device"},
                                {"Conv_3", "device"}, {"Softmax_4", "host"}, {"Conv_5", "device"}};
  EXPECT_EQ(found->placement, wanted);
  EXPECT_EQ(found->chosen, "found");
  EXPECT_EQ(found->method, "elimination");
  EXPECT_EQ(found->predictedMs, found->lowerBoundMs);
  std::vector<std::string> trials;
  for (const PlacementTrial& trial : found->trials) trials.push_back(trial.name);
  EXPECT_EQ(trials, (std::vector<std::string>{"before", "all on device", "all on host", "greedy", "found"}));
  EXPECT_GT(found->trials[4].speedup.low, 1);
  EXPECT_GT(found->trials[1].behind.low, 1);
  EXPECT_NEAR(found->predictedMs, found->trials[4].ms.median, 0.5 * found->trials[4].ms.median);
  ASSERT_EQ(found->layers.size(), 6u);
  EXPECT_NEAR(found->layers[1].times[0].ms.median, 10.4, 2);
}

TEST_F(Place, BeatsTheGreedyWhereItCostsToChangeTheBackend) {
  deviceModel() = {.launch = 3e-3, .perLayer = 1e-3, .perHostLayer = 2e-3};
  deviceModel().seconds = {{"Softmax_1", 3e-3}, {"Softmax_4", 3e-3}};
  const auto found = findPlacement(network(), {.session = {.threads = 1, .backends = {"host"}},
                                               .backends = {"device", "host"}, .runs = 9});
  ASSERT_TRUE(found.ok()) << found.status().message();
  ASSERT_EQ(found->trials.size(), 5u);
  const PlacementTrial& greedy = found->trials[3];
  EXPECT_EQ(greedy.name, "greedy");
  EXPECT_NEAR(greedy.ms.median, 3 * 3 + 4 * 1 + 2 * 2, 2);
  EXPECT_GT(greedy.behind.low, 1);
}

TEST_F(Place, TransfersAreListedWithTheirBytes) {
  deviceModel() = {.perLayer = 1e-6};
  const Session session = Session::create(network(), {.threads = 1, .backends = {"device", "host"},
                                                      .layerBackends = {{"Softmax_1", "host"}}}).value();
  std::string text;
  for (const Transfer& t : session.placement().transfers) text += t.from + ">" + t.to + " " + std::to_string(t.bytes) + "; ";
  EXPECT_EQ(text, ">device 72; device>host 72; host>device 72; device> 72; ");
  for (const LayerPlacement& layer : session.placement().layers) {
    EXPECT_EQ(layer.partition, layer.layer == "Conv_0" ? 0 : layer.layer == "Softmax_1" ? 1 : 2);
  }
}

TEST_F(Place, KeepsWhatIsFastEnough) {
  deviceModel() = {.launch = 3e-3, .perLayer = 3e-3};
  const auto found = findPlacement(network(), {.session = {.threads = 1}, .backends = {"device", "cpu-float"}, .runs = 7});
  ASSERT_TRUE(found.ok()) << found.status().message();
  for (const auto& [layer, backend] : found->placement) EXPECT_EQ(backend, "cpu-float") << layer;
}

TEST_F(Place, SaysWhyALayerCannotGo) {
  deviceModel() = {.perLayer = 1e-6};
  deviceModel().refused = {"Softmax"};
  const auto found = findPlacement(network(), {.session = {.threads = 1}, .backends = {"device"}, .runs = 5});
  ASSERT_TRUE(found.ok()) << found.status().message();
  EXPECT_FALSE(found->layers[1].times[0].possible);
  EXPECT_EQ(found->layers[1].times[0].reason, "the device has no such unit");
  EXPECT_EQ(found->layers[1].backend, "cpu-float");
  QRT_EXPECT_ERROR(findPlacement(network(), {.backends = {}}), "no backends to choose from");
  QRT_EXPECT_ERROR(findPlacement(network(), {.backends = {"devise"}}), "no backend is named 'devise'");
  QRT_EXPECT_ERROR(findPlacement(network(), {.backends = {"device"}, .runs = 1}), "runs is 1, wanted 5 or more");
}

TEST(PlacementFile, KeepsWhereLayersRun) {
  const Model model = network();
  Session session = Session::create(model, {.threads = 1}).value();
  ASSERT_TRUE(session.setLayerBackend("op:Softmax", "reference").ok());
  const LayerBackends placement = placementOf(session);
  EXPECT_EQ(placement.size(), 6u);
  EXPECT_EQ(placement.at("Softmax_4"), "reference");
  const std::string json = placementToJson(model, placement);
  EXPECT_EQ(placementFromJson(json, model).value(), placement);
  EXPECT_TRUE(embeddedPlacement(model)->empty());
  EXPECT_EQ(embeddedPlacement(withPlacement(model, placement)).value(), placement);
  const Session again = Session::create(model, {.placement = placement}).value();
  EXPECT_EQ(placementOf(again), placement);
}

TEST(PlacementFile, RefusesOtherModelsAndNames) {
  const Model model = network();
  GraphBuilder b;
  b.output(b.conv(b.input("x", {1, 3, 3, 2}), 2, 2, 3));
  const std::string other = placementToJson(b.model(), {{"Conv_0", "reference"}});
  const auto refused = placementFromJson(other, model, "p.json");
  EXPECT_NE(refused.status().message().find("p.json:2:12: a placement for another model: found '"), std::string::npos)
      << refused.status().message();
  EXPECT_NE(refused.status().message().find("with 1 layers, fingerprint "), std::string::npos);
  EXPECT_NE(refused.status().message().find("with 6 layers, fingerprint "), std::string::npos);
  QRT_EXPECT_ERROR(placementFromJson(placementToJson(model, {{"Conv_0", "refrence"}}), model, "p.json"),
                   "p.json: layer 'Conv_0': no backend is named 'refrence'; did you mean 'reference'?");
  QRT_EXPECT_ERROR(placementFromJson("{\"layers\": {}}", model), "placement:1:1: wanted an object with \"model\" and");
  QRT_EXPECT_ERROR(placementFromJson("[", model), "placement:1:");
  QRT_EXPECT_ERROR(Session::create(model, {.placement = {{"Cnov_0", "reference"}}}),
                   "no layer is named 'Cnov_0'; did you mean 'Conv_0'");
}

}  // namespace
}  // namespace qrt::test
