// The simulated NPU: the same bytes as everywhere, in the time that its profile says.
#include <fstream>
#include <iterator>
#include <set>

#include "plugins/npu_support.h"
#include "support/networks.h"
#include "support/support.h"

namespace qrt::test {
namespace {

TEST(NpuSim, WholeNetworksGiveTheSameBytes) {
  for (const NamedNetwork& network : kNetworks) {
    const Model model = asInt8(network.make(32));
    const auto wanted = outputOf(model, {.threads = 1});
    for (const char* more : {"", R"(, "without": ["Add", "Concat", "MaxPool", "Softmax"])"}) {
      SessionOptions options{.threads = 1, .backends = {loadNpu(fastProfile(more))}, .faults = {.strict = true}};
      EXPECT_EQ(outputOf(model, options), wanted) << network.name << more;
    }
  }
}

TEST(NpuSim, AnyLayerMayMoveThereAlone) {
  const Model model = asInt8(mobileNet(32));
  const auto wanted = outputOf(model, {.threads = 1});
  const std::string name = loadNpu(fastProfile());
  Session session = Session::create(model, {.threads = 1, .faults = {.strict = true}}).value();
  fillInput(session);
  std::vector<std::string> layers;
  for (const LayerInfo& layer : session.layers()) layers.push_back(layer.name);
  for (const std::string& layer : layers) {
    ASSERT_TRUE(session.setLayerBackend(layer, name).ok());
    int there = 0;
    for (const LayerPlacement& placed : session.placement().layers) there += placed.actual == name;
    EXPECT_EQ(there, 1) << layer;
    EXPECT_EQ(runOnce(session), wanted) << layer;
    ASSERT_TRUE(session.setLayerBackend(layer, "").ok());
  }
}

// The least time of a few runs, in ms.
double leastMs(Session& session) {
  fillInput(session);
  for (int run = 0; run < 5; ++run) (void)runOnce(session);
  return session.profile().minMs;
}

TEST(NpuSim, TakesTheTimeOfItsProfile) {
  const Model model = asInt8(mobileNet(32));
  Session fast = Session::create(model, {.threads = 1, .backends = {loadNpu(fastProfile())}}).value();
  const std::string late = R"({"base": "good", "macs_per_second": 1e15, "elements_per_second": 1e15,
                               "dma_bytes_per_second": 1e15, "launch_seconds": 0.02})";
  Session slow = Session::create(model, {.threads = 1, .backends = {loadNpu(late)}}).value();
  const double arithmetic = leastMs(fast), all = leastMs(slow);
  EXPECT_GE(all, 20);
  EXPECT_LT(all, 40 + 3 * arithmetic);
}

TEST(NpuSim, ASlowLayerShowsInItsOwnTimes) {
  const Model model = asInt8(mobileNet(32));
  Session cpu = Session::create(model, {.threads = 1, .profiling = true}).value();
  (void)leastMs(cpu);
  const LayerProfile layer = cpu.profile().layers[3];
  ASSERT_GT(layer.macs, 0);
  // 60 ms, whatever it has to do.
  const std::string factor = std::to_string(0.06 * 1e9 / static_cast<double>(layer.macs));
  const std::string name = loadNpu(R"({"base": "good", "macs_per_second": 1e9, "slow_layers": {")" + layer.layer +
                                   "\": " + factor + "}}");
  Session session = Session::create(model, {.threads = 1, .backends = {name}, .profiling = true}).value();
  (void)leastMs(session);
  const Profile profile = session.profile();
  EXPECT_GE(profile.layers[3].deviceMs, 59);
  for (const LayerProfile& other : profile.layers) {
    if (other.layer == layer.layer) continue;
    EXPECT_LT(other.deviceMs, profile.layers[3].deviceMs) << other.layer;
  }
  const std::string silent = loadNpu(R"({"base": "no-layer-times"})");
  Session without = Session::create(model, {.threads = 1, .backends = {silent}, .profiling = true}).value();
  (void)leastMs(without);
  for (const LayerProfile& other : without.profile().layers) EXPECT_EQ(other.deviceMs, 0);
}

TEST(NpuSim, PartialProfileMakesPartitionsAndGivesReasons) {
  const Model model = asInt8(squeezeNet(32));
  const std::string name = loadNpu("partial");
  const Session session = Session::create(model, {.threads = 1, .backends = {name}}).value();
  std::set<int> partitions;
  for (const LayerPlacement& layer : session.placement().layers) {
    if (layer.actual == name) partitions.insert(layer.partition);
    if (layer.op != "Concat") continue;
    EXPECT_EQ(layer.reason, "it has no Concat");
  }
  EXPECT_GT(partitions.size(), 2u);
}

TEST(NpuSim, WrongResultsAreOfTheLayerThatWasPlanned) {
  const Model model = asInt8(mobileNet(32));
  const auto wanted = outputOf(model, {.threads = 1});
  const std::string layer = Session::create(model, {.threads = 1})->layers()[5].name;
  const std::string name =
      loadNpu(fastProfile(R"(, "faults": [{"kind": "wrong_result", "repeat": true, "layer": ")" + layer + "\"}]"));
  EXPECT_NE(outputOf(model, {.threads = 1, .backends = {name}}), wanted);
  EXPECT_EQ(outputOf(model, {.threads = 1, .backends = {name}, .layerBackends = {{layer, "cpu-int8"}}}), wanted);
}

TEST(NpuSim, ProfilesAreCheckedFieldByField) {
  const auto load = [](const std::string& profile) {
    return BackendRegistry::load(npuSimFile(), {.name = "bad", .config = profile});
  };
  QRT_EXPECT_ERROR(load("god"),
                   "profile 'god': no such file, and none is built in under this name; there are good, slow-op");
  QRT_EXPECT_ERROR(load("{}"), "profile: macs_per_second: missing, wanted a number from 1e+06 to 1e+15");
  QRT_EXPECT_ERROR(load("{"), "not JSON");
  QRT_EXPECT_ERROR(load(R"({"base": "gut"})"), "base: found 'gut', wanted one of good");
  QRT_EXPECT_ERROR(load(R"({"base": "good", "macs_per_second": -5})"),
                   "macs_per_second: found -5, wanted a number from");
  QRT_EXPECT_ERROR(load(R"({"base": "good", "macs_per_second": "fast"})"), "macs_per_second: found \"fast\", wanted");
  QRT_EXPECT_ERROR(load(R"({"base": "good", "mac_rate": 5})"), "mac_rate: unknown, wanted one of base, name");
  QRT_EXPECT_ERROR(load(R"({"base": "good", "ops": {"Convv": {}}})"), "ops: found 'Convv', wanted one of Add");
  QRT_EXPECT_ERROR(load(R"({"base": "good", "ops": {"Conv": {"max_kernel": 2.5}}})"),
                   "ops.Conv.max_kernel: found 2.5, wanted an integer");
  QRT_EXPECT_ERROR(load(R"({"base": "good", "faults": [{"kind": "fire"}]})"),
                   "faults[0].kind: found 'fire', wanted one of load");
  QRT_EXPECT_ERROR(load(R"({"base": "good", "layer_times": 1})"), "layer_times: found 1, wanted true or false");
  QRT_EXPECT_ERROR(load(R"({"base": "good", "ops": [1]})"), "ops: found [1], wanted an object");
}

TEST(NpuSim, TheGuidesProfileLoads) {
  std::ifstream file(sourceFolder() / "docs/backend_plugin.md");
  const std::string guide{std::istreambuf_iterator<char>(file), {}};
  const size_t begin = guide.find("```json\n") + 8;
  ASSERT_LT(begin, guide.size());
  (void)loadNpu(guide.substr(begin, guide.find("```", begin) - begin));
}

TEST(NpuSim, LimitsAreReasons) {
  const Model model = asInt8(mobileNet(32));
  const std::string name = loadNpu(fastProfile(R"(, "ops": {"Conv": {"max_kernel": 1, "channels_multiple": 8}})"));
  const Session session = Session::create(model, {.threads = 1, .backends = {name}}).value();
  EXPECT_EQ(session.placement().layers[0].reason, "kernel 3x3, wanted at most 1x1");
}

}  // namespace
}  // namespace qrt::test
