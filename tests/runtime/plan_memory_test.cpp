#include "runtime/plan_memory.h"

#include <gtest/gtest.h>

#include <random>

#include "base/aligned_buffer.h"
#include "qrt/session.h"
#include "support/networks.h"

namespace qrt {
namespace {

bool aliveTogether(const ArenaBuffer& a, const ArenaBuffer& b) {
  return a.first <= b.last && b.first <= a.last;
}

void expectValid(const std::vector<ArenaBuffer>& buffers, const MemoryPlan& plan) {
  ASSERT_EQ(plan.offsets.size(), buffers.size());
  for (size_t i = 0; i < buffers.size(); ++i) {
    EXPECT_EQ(plan.offsets[i] % kAlignment, 0u);
    EXPECT_LE(plan.offsets[i] + buffers[i].bytes, plan.bytes);
    for (size_t j = 0; j < i; ++j) {
      if (!aliveTogether(buffers[i], buffers[j])) continue;
      const bool apart = plan.offsets[i] + buffers[i].bytes <= plan.offsets[j] ||
                         plan.offsets[j] + buffers[j].bytes <= plan.offsets[i];
      EXPECT_TRUE(apart || buffers[i].bytes == 0 || buffers[j].bytes == 0) << i << " and " << j;
    }
  }
}

TEST(PlanMemory, OfNothingIsNothing) {
  EXPECT_EQ(planMemory({}).bytes, 0u);
  EXPECT_EQ(memoryLowerBound({}), 0u);
  const std::vector<ArenaBuffer> empty = {{0, 0, 3}};
  EXPECT_EQ(planMemory(empty).bytes, 0u);
}

TEST(PlanMemory, LowerBoundIsTheFullestStep) {
  const std::vector<ArenaBuffer> buffers = {{100, 0, 1}, {30, 1, 2}, {80, 2, 2}, {5, 3, 9}};
  EXPECT_EQ(memoryLowerBound(buffers), 130u);
  expectValid(buffers, planMemory(buffers));
}

TEST(PlanMemory, ReusesMemoryInAChain) {
  std::vector<ArenaBuffer> chain;
  for (int i = 0; i < 100; ++i) chain.push_back({640, i, i + 1});
  const MemoryPlan plan = planMemory(chain);
  expectValid(chain, plan);
  EXPECT_EQ(plan.bytes, 1280u);
}

TEST(PlanMemory, RandomBuffersNeverOverlap) {
  for (unsigned seed = 0; seed < 200; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    const int steps = 1 + static_cast<int>(random() % 40);
    std::vector<ArenaBuffer> buffers(random() % 60);
    for (ArenaBuffer& buffer : buffers) {
      buffer.bytes = random() % 3 == 0 ? random() % 100 : random() % 100000;
      buffer.first = static_cast<int>(random() % steps);
      buffer.last = std::min(steps - 1, buffer.first + static_cast<int>(random() % 8));
    }
    const MemoryPlan plan = planMemory(buffers);
    expectValid(buffers, plan);
    EXPECT_GE(plan.bytes, memoryLowerBound(buffers));
  }
}

TEST(PlanMemory, IsQuickForManyBuffers) {
  std::mt19937 random(1);
  std::vector<ArenaBuffer> buffers;
  for (int i = 0; i < 100000; ++i) {
    buffers.push_back({random() % 5000, i, i + 1 + static_cast<int>(random() % 5)});
  }
  const MemoryPlan plan = planMemory(buffers);
  EXPECT_LT(plan.bytes, memoryLowerBound(buffers) * 3);
}

// The promise of the project: at most 1.1 times the lower bound on real networks, on either backend
// (which differ in what they compute in place) and at odd sizes too.
TEST(PlanMemory, StaysNearTheLowerBoundOnNetworks) {
  for (const test::NamedNetwork& network : test::kNetworks) {
    for (const int64_t size : {64, 224, 256}) {
      const Model model = network.make(size);
      for (const char* backend : {"reference", "cpu-float"}) {
        const auto session = Session::create(model, {.threads = 1, .backends = {backend}});
        ASSERT_TRUE(session.ok()) << network.name << ": " << session.status().message();
        const MemoryUse use = session->memory();
        SCOPED_TRACE(testing::Message() << network.name << " " << size << " on " << backend);
        RecordProperty(network.name, std::to_string(use.activations) + " of " +
                                         std::to_string(use.lowerBound));
        EXPECT_GE(use.activations, use.lowerBound);
        EXPECT_LE(static_cast<double>(use.activations), 1.1 * static_cast<double>(use.lowerBound))
            << use.activations << " bytes, lower bound " << use.lowerBound;
      }
    }
  }
}

}  // namespace
}  // namespace qrt
