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
