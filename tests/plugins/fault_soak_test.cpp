// Ten thousand runs while everything fails that can: no crash, leak, hang or wrong byte, whatever comes together.
#include <atomic>
#include <map>
#include <random>
#include <set>
#include <thread>

#include "base/error.h"
#include "plugins/npu_support.h"

namespace qrt::test {
namespace {

constexpr int kRounds = 250, kSessions = 2, kRuns = 20;  // 10,000 runs

constexpr const char* kKinds[] = {"error", "out_of_memory", "wrong_size",   "wrong_time",
                                  "hang",  "compile",       "hang_compile", "hang_supports"};

// One to three faults, now or later, once or from there on, of all programs or those with one layer.
std::string someFaults(std::mt19937& random, const std::vector<std::string>& layers) {
  std::string faults;
  for (auto count = 1 + random() % 3; count-- > 0;) {
    const std::string kind = kKinds[random() % std::size(kKinds)];
    faults += concat(faults.empty() ? "" : ", ", R"({"kind": ")", kind, R"(", "run": )", 1 + random() % 12,
                     R"(, "hang_seconds": 0.02, "repeat": )", random() % 2 == 0 ? "true" : "false");
    if (random() % 3 == 0) faults += concat(R"(, "layer": ")", layers[random() % layers.size()], '"');
    faults += "}";
  }
  return faults;
}

// A session of its own, whose layers move, sometimes ends and begins anew.
void runThrough(const std::string& npu, unsigned seed, const std::vector<std::string>& layers,
                std::map<std::string, int64_t>& faults) {
  std::mt19937 random(seed);
  SessionOptions options = on(npu);
  options.faults.runSeconds = 0.01;  // slow machines only see more of them
  options.faults.mostFailures = 1 + static_cast<int>(random() % 6);
  for (auto count = random() % 4; count-- > 0;) options.layerBackends[layers[random() % layers.size()]] = "cpu-int8";
  Session session = Session::create(network(), options).value();
  fillInput(session);
  for (int run = 0; run < kRuns; ++run) {
    if (random() % 8 == 0) {
      ASSERT_TRUE(session.setLayerBackend(layers[random() % layers.size()], random() % 2 == 0 ? npu : "cpu-int8").ok());
    }
    ASSERT_EQ(runOnce(session), wanted()) << npu << ", seed " << seed << ", run " << run;
  }
  for (const Fault& fault : session.profile().faults) faults[fault.what] += fault.count;
}

TEST(FaultSoak, TenThousandRunsGiveTheRightBytes) {
  std::vector<std::string> layers;
  for (const LayerInfo& layer : Session::create(network(), {.threads = 1})->layers()) layers.push_back(layer.name);
  (void)wanted();
  std::map<std::string, int64_t> seen;
  for (unsigned round = 0; round < kRounds; ++round) {
    std::mt19937 random(round);
    const std::string npu = loadNpu(planned(someFaults(random, layers)), 0.01);
    std::map<std::string, int64_t> faults[kSessions];
    std::vector<std::thread> threads;
    for (unsigned t = 0; t < kSessions; ++t) {
      threads.emplace_back([&, t] { runThrough(npu, kSessions * round + t, layers, faults[t]); });
    }
    for (std::thread& thread : threads) thread.join();
    if (HasFatalFailure()) return;
    for (const auto& session : faults) {
      for (const auto& [what, count] : session) seen[what] += count;
    }
  }
  for (const char* what : {"the device reports an error (injected)", "the device is out of memory (injected)",
                           "the run did not end within 0.01 s", "an earlier run did not end"}) {
    EXPECT_GT(seen[what], 20) << what;
  }
  for (const char* part : {"the plugin says it wrote", "the plugin says a layer took", "the program does not fit",
                           "compile() did not return", "supports() did not return"}) {
    int64_t count = 0;
    for (const auto& [what, times] : seen) count += what.find(part) != std::string::npos ? times : 0;
    EXPECT_GT(count, 20) << part;
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(200));  // the last may wake up
}

TEST(FaultSoak, AWrongResultIsOnlyWrongWhenPlanned) {
  const std::string npu = loadNpu(planned(R"({"kind": "wrong_result", "run": 50, "amount": 60})"));
  Session session = Session::create(network(), on(npu)).value();
  fillInput(session);
  for (int run = 1; run <= 100; ++run) ASSERT_EQ(runOnce(session) == wanted(), run != 50) << run;
}

TEST(FaultSoak, ADeviceThatDoesNotOpenMayBeAskedAgain) {
  for (int i = 0; i < 50; ++i) {
    QRT_EXPECT_ERROR(BackendRegistry::load(npuSimFile(), {"stuck", planned(R"({"kind": "load"})")}),
                     "no device found");
    const std::string hangs = planned(R"({"kind": "hang_load", "hang_seconds": 0.02})");
    QRT_EXPECT_ERROR(BackendRegistry::load(npuSimFile(), {"stuck", hangs, 0.005}), "did not return within");
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
}

}  // namespace
}  // namespace qrt::test
