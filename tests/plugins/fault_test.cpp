// What plugins fail at is done on the CPU with the same bytes, and reported.
#include "plugins/npu_support.h"

namespace qrt::test {
namespace {

TEST(Fault, OneFailureIsMadeGoodInTheSameCall) {
  const std::pair<const char*, const char*> cases[] = {
      {R"({"kind": "error", "run": 2})", "the device reports an error (injected)"},
      {R"({"kind": "out_of_memory", "run": 2})", "the device is out of memory (injected)"},
      {R"({"kind": "wrong_size", "run": 2})", "the plugin says it wrote 18446744073709551615 bytes"},
      {R"({"kind": "wrong_time", "run": 2})", "the plugin says a layer took nan seconds"}};
  for (const auto& [fault, what] : cases) {
    const std::string name = loadNpu(planned(fault));
    Session session = Session::create(network(), on(name)).value();
    fillInput(session);
    for (int run = 0; run < 4; ++run) EXPECT_EQ(runOnce(session), wanted());
    const std::vector<Fault> faults = session.profile().faults;
    ASSERT_EQ(faults.size(), 1u) << fault;
    EXPECT_EQ(faults[0].backend, name);
    EXPECT_EQ(faults[0].layer, session.placement().layers[0].layer);
    EXPECT_GT(faults[0].layers, 5);
    EXPECT_EQ(faults[0].what.find(what), 0u) << faults[0].what;
    EXPECT_EQ(faults[0].count, 1);
    EXPECT_EQ(session.placement().layers[0].actual, name);
  }
}

TEST(Fault, TooManyFailuresSetTheBackendAside) {
  const std::string name = loadNpu(planned(R"({"kind": "error", "run": 3, "repeat": true})"));
  std::vector<std::string> lines;
  SessionOptions options = on(name);
  options.log = [&](std::string_view line) { lines.emplace_back(line); };
  Session session = Session::create(network(), options).value();
  const size_t before = lines.size();
  fillInput(session);
  for (int run = 1; run <= 5; ++run) EXPECT_EQ(runOnce(session), wanted());
  EXPECT_EQ(session.placement().layers[0].actual, name);
  EXPECT_EQ(session.profile().faults.at(0).count, 3);
  EXPECT_EQ(runOnce(session), wanted());
  const LayerPlacement& first = session.placement().layers[0];
  EXPECT_EQ(first.requested, name);
  EXPECT_EQ(first.actual, "cpu-int8");
  EXPECT_EQ(first.reason, "set aside after 3 failures, the last one: the device reports an error (injected)");
  for (int run = 0; run < 3; ++run) EXPECT_EQ(runOnce(session), wanted());
  EXPECT_EQ(session.profile().faults.at(0).count, 3);
  ASSERT_GT(lines.size(), before + 2);
  EXPECT_NE(lines[before].find("failed at layer"), std::string::npos);
  EXPECT_NE(lines[before + 1].find("is set aside after 3 failures"), std::string::npos);
  EXPECT_NE(lines[before + 2].find("runs on cpu-int8 instead of " + name), std::string::npos);
}

TEST(Fault, StrictSessionsReturnTheError) {
  SessionOptions options = on(loadNpu(planned(R"({"kind": "error", "run": 2})")));
  options.faults.strict = true;
  Session session = Session::create(network(), options).value();
  fillInput(session);
  EXPECT_EQ(runOnce(session), wanted());
  QRT_EXPECT_ERROR(session.run(), "the device reports an error (injected)");
  EXPECT_EQ(runOnce(session), wanted());
  EXPECT_TRUE(session.profile().faults.empty());
  options.backends = {loadNpu(planned(R"({"kind": "compile"})"))};
  QRT_EXPECT_ERROR(Session::create(network(), options), "the program does not fit (injected)");
}

TEST(Fault, WhatDoesNotCompileGoesElsewhere) {
  const std::string once = loadNpu(planned(R"({"kind": "compile"})"));
  Session session = Session::create(network(), on(once)).value();
  fillInput(session);
  EXPECT_EQ(runOnce(session), wanted());
  EXPECT_EQ(session.profile().faults.at(0).what.find("layers '"), 0u) << session.profile().faults.at(0).what;
  EXPECT_NE(session.placement().layers[0].reason.find("the program does not fit (injected)"), std::string::npos);
  EXPECT_EQ(session.placement().layers[0].actual, "cpu-int8");
}

TEST(Fault, HundredsOfFailuresLeaveNothingWrong) {
  for (const char* kind : {"error", "out_of_memory", "wrong_size", "wrong_time"}) {
    SessionOptions options =
        on(loadNpu(planned(R"({"kind": ")" + std::string(kind) + R"(", "run": 5, "repeat": true})")));
    options.faults.mostFailures = 1 << 30;
    for (const double limit : {0.0, 5.0}) {
      options.faults.runSeconds = limit;
      Session session = Session::create(network(), options).value();
      fillInput(session);
      for (int run = 0; run < 150; ++run) ASSERT_EQ(runOnce(session), wanted()) << kind << run;
      EXPECT_GE(session.profile().faults.at(0).count, 146);
    }
  }
}

TEST(Fault, ADeviceThatIsNotThereIsAnError) {
  QRT_EXPECT_ERROR(BackendRegistry::load(npuSimFile(), {.name = "absent", .config = planned(R"({"kind": "load"})")}),
                   "no device found (injected)");
}

TEST(Fault, OptionsAreChecked) {
  QRT_EXPECT_ERROR(Session::create(network(), {.faults = {.runSeconds = -1}}), "runSeconds is -1, wanted");
  QRT_EXPECT_ERROR(Session::create(network(), {.faults = {.mostFailures = 0}}), "mostFailures is 0, wanted");
  QRT_EXPECT_ERROR(BackendRegistry::load(npuSimFile(), {"x", "good", -1}), "callSeconds is -1, wanted");
}

}  // namespace
}  // namespace qrt::test
