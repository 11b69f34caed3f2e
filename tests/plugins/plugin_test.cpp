// Loading plugins, and what they may get wrong.
#include <filesystem>
#include <fstream>

#include "backends/backend.h"
#include "plugins/plugin_support.h"
#include "support/graph_builder.h"

namespace qrt::test {
namespace {

// Relu of s8, one scale.
Model reluModel() {
  Graph graph =
      oneOpGraph(OpType::Relu, NoAttrs{}, {{.dtype = DType::s8, .shape = {2, 37}, .quant = QuantParams{{0.1f}, {5}}}},
                 {{.dtype = DType::s8, .quant = QuantParams{{0.1f}, {5}}}});
  EXPECT_TRUE(inferShapes(graph).ok());
  return makeModel(std::move(graph));
}

std::string loadFake(const std::string& config, const std::string& file = "fake") {
  const std::string name = file == "fake" ? "fake-" + config : "async-" + config;
  const auto loaded = BackendRegistry::load(fake(file), {.name = name, .config = config});
  EXPECT_TRUE(loaded.ok()) << loaded.status().message();
  return name;
}

TEST(Plugin, RefusesWhatIsNoPluginOfThisVersion) {
  QRT_EXPECT_ERROR(BackendRegistry::load("nowhere.so"), "nowhere.so: no such file");
  QRT_EXPECT_ERROR(BackendRegistry::load(fake("no_plugin")), "exports no qrtBackendEntry(): not a backend plugin");
  QRT_EXPECT_ERROR(BackendRegistry::load(fake("fake_magic")), "magic number 1, wanted 1112822353");
  QRT_EXPECT_ERROR(BackendRegistry::load(fake("fake_abi")), "speaks version 9 of the backend ABI, wanted 1");
  QRT_EXPECT_ERROR(BackendRegistry::load(fake("fake_short")), "table has 40 bytes, wanted");
  QRT_EXPECT_ERROR(BackendRegistry::load(fake("fake_tiny")), "table has 3 bytes, wanted");
  QRT_EXPECT_ERROR(BackendRegistry::load(fake("fake_no_run")), "table lacks run, or submit and wait");
  QRT_EXPECT_ERROR(BackendRegistry::load(fake("fake_no_memory")), "table lacks allocate, release");
  QRT_EXPECT_ERROR(BackendRegistry::load(fake("fake_no_name")), "its name is not");
  QRT_EXPECT_ERROR(BackendRegistry::load(fake("fake_bad_name")), "its name is not");
  QRT_EXPECT_ERROR(BackendRegistry::load(fake("fake_no_table")), "does not serve hosts of ABI version 1");
  QRT_EXPECT_ERROR(BackendRegistry::load(fake("fake_builtin")), "the name 'cpu-float' is taken by a built-in backend");
  QRT_EXPECT_ERROR(BackendRegistry::load(fake("fake"), {.name = "Fake!"}), "the name 'Fake!', wanted");
  const std::string text = testing::TempDir() + "text.so";
  std::ofstream(text) << "not a library";
  QRT_EXPECT_ERROR(BackendRegistry::load(text), "text.so: ");
}

TEST(Plugin, TellsWhyADeviceDoesNotOpen) {
  QRT_EXPECT_ERROR(BackendRegistry::load(fake("fake"), {.config = "no-device"}), "fake.so: no device found");
  QRT_EXPECT_ERROR(BackendRegistry::load(fake("fake"), {.config = "null-device"}), "opened nothing");
}

TEST(Plugin, IsListedAndLoadedOnce) {
  ASSERT_TRUE(BackendRegistry::load(fake("fake")).ok());
  ASSERT_TRUE(BackendRegistry::load(fake("fake")).ok());
  QRT_EXPECT_ERROR(BackendRegistry::load(fake("fake"), {.config = "other"}), "the name 'fake' is taken by ");
  int found = 0;
  for (const BackendInfo& info : backends()) {
    if (info.name != "fake") continue;
    ++found;
    EXPECT_EQ(info.description, "for tests");
    EXPECT_EQ(info.plugin, fake("fake"));
  }
  EXPECT_EQ(found, 1);
  EXPECT_EQ(backends()[0].plugin, "");
}

TEST(Plugin, RunsOnlyWhereItIsNamed) {
  const std::string name = loadFake("plain");
  const Model model = reluModel();
  const auto wanted = outputOf(model, {.threads = 1});
  Session session = Session::create(model, {.threads = 1}).value();
  EXPECT_EQ(session.placement().layers[0].actual, "cpu-int8");
  ASSERT_TRUE(session.setLayerBackend("op", name).ok());
  EXPECT_EQ(session.placement().layers[0].actual, name);
  fillInput(session);
  EXPECT_EQ(runOnce(session), wanted);
  EXPECT_TRUE(session.profile().faults.empty());
  EXPECT_EQ(outputOf(model, {.threads = 1, .backends = {name}}), wanted);
  EXPECT_EQ(outputOf(model, {.threads = 1, .backends = {name}, .faults = {.runSeconds = 0}}), wanted);
  QRT_EXPECT_ERROR(Session::create(model, {.backends = {"fake-plaim"}}), "did you mean 'fake-plain'");
}

TEST(Plugin, WithNothingButPluginsNamedTheBuiltInOnesFollow) {
  const std::string name = loadFake("plain");
  GraphBuilder b;
  b.output(b.add(OpType::Sigmoid, {b.input("x", {4})}));
  const Session session = Session::create(b.model(), {.backends = {name}}).value();
  EXPECT_EQ(session.placement().layers[0].requested, name);
  EXPECT_EQ(session.placement().layers[0].actual, "cpu-float");
  EXPECT_EQ(session.placement().layers[0].reason, "wanted Relu of s8 or f32");
}

TEST(Plugin, AnswersThatMeanNothingAreRefusals) {
  const std::pair<const char*, const char*> cases[] = {{"no-answer", "it could not be asked: xxx"},
                                                       {"maybe", "its answer was 7, wanted 0 or 1"},
                                                       {"forever", "it estimates nan seconds"}};
  for (const auto& [config, reason] : cases) {
    const Session session = Session::create(reluModel(), {.backends = {loadFake(config)}}).value();
    EXPECT_EQ(session.placement().layers[0].actual, "cpu-int8");
    EXPECT_EQ(session.placement().layers[0].reason.find(reason), 0u) << session.placement().layers[0].reason;
  }
}

TEST(Plugin, WithDeviceMemoryRunsAsynchronouslyAndGivesItsTimes) {
  const Model model = reluModel();
  const auto wanted = outputOf(model, {.threads = 1});
  for (const double limit : {0.0, 5.0}) {
    Session session = Session::create(model, {.threads = 1,
                                              .backends = {loadFake("plain", "fake_async")},
                                              .profiling = true,
                                              .faults = {.runSeconds = limit, .strict = true}})
                          .value();
    fillInput(session);
    EXPECT_EQ(runOnce(session), wanted);
    EXPECT_EQ(runOnce(session), wanted);
    EXPECT_NEAR(session.profile().layers[0].deviceMs, 1, 1e-5);
  }
}

TEST(Plugin, PathOfTheEnvironmentIsReadAtFirstUse) {
  // In a process of its own: here the path has been read.
  const std::string command =
      "QRT_PLUGIN_PATH=" + fake("fake_builtin") + ":" + fake("example_plugin") +
      " /proc/self/exe --gtest_also_run_disabled_tests --gtest_filter=*DISABLED_Environment >/dev/null";
  const std::string self = std::filesystem::read_symlink("/proc/self/exe").string();
  std::string line = command;
  line.replace(line.find("/proc/self/exe"), 14, self);
  EXPECT_EQ(std::system(line.c_str()), 0);
}

TEST(Plugin, DISABLED_Environment) {
  ASSERT_NE(findBackend("example"), nullptr);
  ASSERT_EQ(BackendRegistry::failures().size(), 1u);
  QRT_EXPECT_ERROR(BackendRegistry::failures()[0], "QRT_PLUGIN_PATH: ");
  QRT_EXPECT_ERROR(backendNamed("exampel"), "did you mean 'example'?; QRT_PLUGIN_PATH: ");
}

}  // namespace
}  // namespace qrt::test
