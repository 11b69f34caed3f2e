// Faults where threads matter: runs that hang, and sessions side by side.
#include <thread>

#include "plugins/npu_support.h"

namespace qrt::test {
namespace {

TEST(FaultThreads, ARunThatHangsIsLeftAlone) {
  const std::string name = loadNpu(planned(R"({"kind": "hang", "run": 2, "hang_seconds": 0.5})"));
  SessionOptions options = on(name);
  options.faults.runSeconds = 0.05;
  {
    Session session = Session::create(network(), options).value();
    fillInput(session);
    for (int run = 0; run < 6; ++run) EXPECT_EQ(runOnce(session), wanted());
    const std::vector<Fault> faults = session.profile().faults;
    ASSERT_EQ(faults.size(), 2u);
    EXPECT_EQ(faults[0].what, "the run did not end within 0.05 s");
    EXPECT_EQ(faults[1].what, "an earlier run did not end");
    EXPECT_EQ(session.placement().layers[0].actual, "cpu-int8");
  }
  // It wakes up when the session is gone, and finds its memory.
  std::this_thread::sleep_for(std::chrono::milliseconds(700));
}

TEST(FaultThreads, LayersThatComeBackFindAProgramThatRuns) {
  const std::string name = loadNpu(planned(R"({"kind": "hang", "run": 1, "hang_seconds": 0.3})"));
  SessionOptions options = on(name);
  options.faults.runSeconds = 0.1;
  Session session = Session::create(network(), options).value();
  fillInput(session);
  EXPECT_EQ(runOnce(session), wanted());
  ASSERT_EQ(session.profile().faults.size(), 1u);
  std::this_thread::sleep_for(std::chrono::milliseconds(400));  // the device is busy until then
  for (const std::string& backend : {std::string("cpu-int8"), name}) {
    ASSERT_TRUE(session.setLayerBackend("*", backend).ok());
    for (int run = 0; run < 2; ++run) EXPECT_EQ(runOnce(session), wanted());
  }
  EXPECT_EQ(session.placement().layers[0].actual, name);
  EXPECT_EQ(session.profile().faults.size(), 1u);
  EXPECT_EQ(session.profile().faults[0].count, 1);
}

TEST(FaultThreads, ManyHangsMayWakeUpInAnyOrder) {
  const std::string name = loadNpu(planned(R"({"kind": "hang", "repeat": true, "hang_seconds": 0.03})"));
  for (int round = 0; round < 20; ++round) {
    SessionOptions options = on(name);
    options.faults = {.runSeconds = 0.002, .mostFailures = 1};
    Session session = Session::create(network(), options).value();
    fillInput(session);
    for (int run = 0; run < 2; ++run) ASSERT_EQ(runOnce(session), wanted());
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
}

std::string hanging(const char* kind, bool always) {
  return loadNpu(planned(R"({"kind": ")" + std::string(kind) + R"(", "hang_seconds": 0.8, "repeat": )" +
                         (always ? "true}" : "false}")),
                 0.25);
}

TEST(FaultThreads, APluginThatHangsInPreparingIsSetAside) {
  for (const auto& [kind, call] : {std::pair("hang_compile", "compile()"), {"hang_supports", "supports()"}}) {
    const std::string name = hanging(kind, true), late = std::string(call) + " did not return within 0.25 s";
    std::vector<std::string> lines;
    SessionOptions options = on(name);
    options.log = [&](std::string_view line) { lines.emplace_back(line); };
    for (int round = 0; round < 2; ++round) {  // the second need not wait
      Session session = Session::create(network(), options).value();
      const LayerPlacement& first = session.placement().layers[0];
      EXPECT_EQ(first.requested, name);
      EXPECT_EQ(first.actual, "cpu-int8");
      EXPECT_EQ(first.reason, "set aside: " + late);
      const std::vector<Fault> faults = session.profile().faults;
      ASSERT_EQ(faults.size(), 1u);
      EXPECT_EQ(faults[0].backend, name);
      EXPECT_EQ(faults[0].layer, first.layer);
      EXPECT_NE(faults[0].what.find(late), std::string::npos) << faults[0].what;
      EXPECT_NE(std::find(lines.begin(), lines.end(), name + " is set aside: " + late), lines.end());
      fillInput(session);
      EXPECT_EQ(runOnce(session), wanted());
    }
    options.faults.strict = true;
    QRT_EXPECT_ERROR(Session::create(network(), options), late);
  }
}

// It wakes up when the session is gone, finds its memory, and may be asked again.
TEST(FaultThreads, APluginThatNoLongerHangsIsUsedAgain) {
  for (const char* kind : {"hang_compile", "hang_supports"}) {
    const std::string name = hanging(kind, false);
    EXPECT_EQ(Session::create(network(), on(name))->placement().layers[0].actual, "cpu-int8");
    std::string actual;
    for (int i = 0; i < 200 && actual != name; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
      Session session = Session::create(network(), on(name)).value();
      actual = session.placement().layers[0].actual;
      fillInput(session);
      EXPECT_EQ(runOnce(session), wanted());
    }
    EXPECT_EQ(actual, name);
  }
}

TEST(FaultThreads, AStrictSessionTellsOfACallThatHangs) {
  for (const auto& [kind, late] :
       {std::pair("hang_compile", "compile() did not"), {"hang_supports", "supports() did not"}}) {
    SessionOptions options = on(hanging(kind, false));
    options.faults.strict = true;
    QRT_EXPECT_ERROR(Session::create(network(), options), late);
  }
}

TEST(FaultThreads, APluginThatHangsInLoadingIsNotLoaded) {
  const std::string config = planned(R"({"kind": "hang_load", "hang_seconds": 0.3})");
  QRT_EXPECT_ERROR(BackendRegistry::load(npuSimFile(), {"stuck", config, 0.02}),
                   npuSimFile() + ": loading it did not return within 0.02 s");
  EXPECT_TRUE(BackendRegistry::load(npuSimFile(), {"stuck", config, 5}).ok());
}

TEST(FaultThreads, ManyCallsMayHangAtOnce) {
  const std::string name =
      loadNpu(planned(R"({"kind": "hang_supports", "repeat": true, "hang_seconds": 0.02})"), 0.005);
  (void)wanted();
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([&] {
      for (int round = 0; round < 10; ++round) {
        Session session = Session::create(network(), on(name)).value();
        fillInput(session);
        EXPECT_EQ(runOnce(session), wanted());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST(FaultThreads, SessionsSideBySideFailByThemselves) {
  const std::string name = loadNpu(planned(R"({"kind": "error", "run": 5, "repeat": true})"));
  (void)wanted();
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([&] {
      Session session = Session::create(network(), on(name)).value();
      fillInput(session);
      for (int run = 0; run < 6; ++run) EXPECT_EQ(runOnce(session), wanted());
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace qrt::test
