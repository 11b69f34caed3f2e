#include "qrt/profile.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <thread>
#include <vector>

#include "qrt/session.h"
#include "runtime/recorder.h"
#include "support/graph_builder.h"

namespace qrt {
namespace {

TEST(Recorder, KeepsMediansOfTheLastRunsAndTheLeastOfAll) {
  Recorder recorder(1);
  EXPECT_EQ(recorder.run().medianMs, 0);
  // Each recorded time lies between what was slept and what a clock outside saw.
  std::vector<double> outside;
  for (const int ms : {1, 5, 20}) {
    const auto start = std::chrono::steady_clock::now();
    recorder.begin();
    std::this_thread::sleep_for(std::chrono::milliseconds(ms));
    recorder.endStep(0);
    recorder.end();
    outside.push_back(
        std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count());
  }
  std::sort(outside.begin(), outside.end());
  EXPECT_EQ(recorder.runs(), 3);
  EXPECT_GE(recorder.run().medianMs, 5);
  EXPECT_LE(recorder.run().medianMs, outside[1] * 1.0001);
  EXPECT_GE(recorder.run().minMs, 1);
  EXPECT_LE(recorder.run().minMs, outside[0] * 1.0001);
  EXPECT_LE(recorder.step(0).medianMs, recorder.run().medianMs);
  EXPECT_GE(recorder.step(0).minMs, 1);

  for (size_t i = 0; i < Recorder::kRuns; ++i) {
    recorder.begin();
    recorder.endStep(0);
    recorder.end();
  }
  EXPECT_LT(recorder.run().medianMs, 5);
  recorder.reset();
  EXPECT_EQ(recorder.runs(), 0);
  EXPECT_EQ(recorder.step(0).minMs, 0);
}

// Conv_0 and Reshape_1.
Model model() {
  test::GraphBuilder b;
  const TensorId x = b.conv(b.input("x", {1, 8, 8, 4}), 4, 8, 3);
  b.output(b.add(OpType::Reshape, {x, b.constant<int64_t>({2}, {8, 64})}));
  return b.model();
}

TEST(Profile, IsOfLayersOnlyWhenAskedFor) {
  Session session = Session::create(model(), {.threads = 1}).value();
  ASSERT_TRUE(session.run().ok());
  const Profile profile = session.profile();
  EXPECT_EQ(profile.runs, 1);
  EXPECT_GT(profile.medianMs, 0);
  EXPECT_TRUE(profile.layers.empty());
}

TEST(Profile, ListsLayersWithTheirWork) {
  Session session = Session::create(model(), {.threads = 1, .profiling = true}).value();
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(session.run().ok());
  const Profile profile = session.profile();
  EXPECT_EQ(profile.runs, 5);
  ASSERT_EQ(profile.layers.size(), 2u);
  const LayerProfile& conv = profile.layers[0];
  EXPECT_EQ(conv.layer, "Conv_0");
  EXPECT_EQ(conv.op, "Conv");
  EXPECT_EQ(conv.backend, "cpu-float");
  EXPECT_EQ(conv.macs, 8 * 8 * 8 * 3 * 3 * 4);
  EXPECT_EQ(conv.bytes, 4 * (8 * 8 * 4 + 8 * 3 * 3 * 4 + 8 + 8 * 8 * 8));
  EXPECT_GT(conv.medianMs, 0);
  EXPECT_LE(conv.minMs, conv.medianMs);
  EXPECT_EQ(profile.layers[1].kernel, "view");
  EXPECT_EQ(profile.layers[1].macs, 0);
  double sum = 0;
  for (const LayerProfile& layer : profile.layers) sum += layer.minMs;
  EXPECT_LE(sum, profile.medianMs);
  session.resetProfile();
  EXPECT_EQ(session.profile().runs, 0);
}

TEST(Profile, TellsFallbacksNobodyAskedFor) {
  test::GraphBuilder b;
  b.output(b.add(OpType::Neg, {b.input("x", {4})}));
  Session session = Session::create(b.model(), {.threads = 1, .backends = {"cpu-int8"}, .layerBackends = {{"Neg_0", "cpu-int8"}},
                                                .profiling = true}).value();
  ASSERT_TRUE(session.run().ok());
  const LayerProfile layer = session.profile().layers.at(0);
  EXPECT_EQ(layer.backend, "reference");
  EXPECT_FALSE(layer.reason.empty());
  EXPECT_EQ(layer.reason, session.placement().layers.at(0).reason);
}

}  // namespace
}  // namespace qrt
