// bisect() on sessions: layers planted in a device that takes real time.
#include <gtest/gtest.h>

#include <random>

#include "device.h"
#include "qrt/diagnose.h"
#include "support/graph_builder.h"
#include "support/one_op.h"

namespace qrt::test {
namespace {

// Residual blocks of small convolutions, 25 layers.
Model network() {
  GraphBuilder b;
  TensorId x = b.conv(b.input("x", {1, 3, 3, 2}), 2, 2, 1);
  for (int block = 0; block < 12; ++block) x = b.add(OpType::Add, {x, b.conv(b.conv(x, 2, 2, 1), 2, 2, 1)});
  b.output(x);
  return b.model();
}

class Bisect : public testing::Test {
 protected:
  void SetUp() override {
    device();
    deviceModel() = {.launch = 200e-6, .perByte = 1e-6, .perLayer = 250e-6, .noise = 0.05, .perHostLayer = 500e-6};
    const Session session = Session::create(network(), {.threads = 1}).value();
    for (const LayerPlacement& layer : session.placement().layers) names_.push_back(layer.layer);
  }
  void TearDown() override { deviceModel() = {}; }
  static std::set<std::string> named(const Bisection& found) {
    std::set<std::string> names;
    for (const Culprit& culprit : found.culprits) names.insert(culprit.layer);
    return names;
  }
  std::vector<std::string> names_;
};

TEST_F(Bisect, FindsTheSlowLayers) {
  std::mt19937 random(3);
  int right = 0, rounds = 4;
  for (int round = 0; round < rounds; ++round) {
    std::set<std::string> slow;
    while (slow.size() < 1 + static_cast<size_t>(round) % 2) slow.insert(names_[random() % names_.size()]);
    deviceModel().seconds.clear();
    for (const std::string& name : slow) deviceModel().seconds[name] = 4e-3;
    const auto found = bisect(network(), {.session = {.threads = 1, .backends = {"host"}}, .backend = "device", .mostRuns = 600});
    ASSERT_TRUE(found.ok()) << found.status().message();
    right += !found->culprits.empty() && slow.contains(found->culprits[0].layer);
    EXPECT_FALSE(found->steps.empty());
  }
  // Other work on this machine is noise of any size: find_slow_test.cpp asks for all of them, and no others.
  EXPECT_GE(right, rounds - 1);
}

// A launch costs what each of them is too slow: moving one only splits a partition.
TEST_F(Bisect, FindsNeighboursThatSaveOnlyTogether) {
  deviceModel().launch = 4e-3;
  int right = 0, rounds = 2;
  for (int round = 0; round < rounds; ++round) {
    const size_t first = 4 + 9 * static_cast<size_t>(round);
    const std::set<std::string> slow = {names_[first], names_[first + 1]};
    deviceModel().seconds.clear();
    for (const std::string& name : slow) deviceModel().seconds[name] = 4e-3;
    const auto found = bisect(network(), {.session = {.threads = 1, .backends = {"host"}}, .backend = "device", .mostRuns = 400});
    ASSERT_TRUE(found.ok()) << found.status().message();
    right += named(*found) == slow;
  }
  EXPECT_GE(right, rounds - 1);  // as above
}

TEST_F(Bisect, FindsTheWrongLayers) {
  std::mt19937 random(4);
  for (int round = 0; round < 12; ++round) {
    deviceModel() = {};
    while (deviceModel().wrong.size() < 1 + static_cast<size_t>(round) % 3) {
      deviceModel().wrong.insert(names_[random() % names_.size()]);
    }
    const auto found = bisect(network(), {.session = {.threads = 1}, .backend = "device", .metric = BisectMetric::error});
    ASSERT_TRUE(found.ok()) << found.status().message();
    EXPECT_EQ(named(*found), deviceModel().wrong);
    EXPECT_EQ(found->confidence, 1);
    EXPECT_LT(found->runs, 30);
  }
}

TEST_F(Bisect, RefusesWhatItCannotAnswer) {
  QRT_EXPECT_ERROR(bisect(network(), {.backend = "devise"}), "no backend is named 'devise'");
  QRT_EXPECT_ERROR(bisect(network(), {.backend = "cpu-int8"}), "backend 'cpu-int8' runs no layer of this model: ");
  QRT_EXPECT_ERROR(bisect(network(), {.backend = "device", .smallestGain = 0}), "smallestGain is 0");
}

}  // namespace
}  // namespace qrt::test
