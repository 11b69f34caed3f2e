// Partitions of networks with branches: convex, as few as can be, and nothing crosses a border for nothing.
#include "runtime/partition.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "support/graph_builder.h"
#include "support/test_backends.h"

namespace qrt {
namespace {

using test::GraphBuilder;

const Backend* const kCpu = &test::hostileBackend();
const Backend* const kDevice = &test::groupingBackend();

// What must hold of any partitions: every layer once, inputs made before, borders as small as they can be.
void check(const Graph& graph, const std::vector<const Backend*>& backends, const std::vector<Partition>& partitions) {
  std::vector<int> partitionOf(graph.layers.size(), -1);
  for (size_t p = 0; p < partitions.size(); ++p) {
    EXPECT_TRUE(std::is_sorted(partitions[p].layers.begin(), partitions[p].layers.end()));
    for (const int layer : partitions[p].layers) {
      EXPECT_EQ(partitionOf[static_cast<size_t>(layer)], -1);
      partitionOf[static_cast<size_t>(layer)] = static_cast<int>(p);
      EXPECT_EQ(backends[static_cast<size_t>(layer)], partitions[p].backend);
    }
  }
  EXPECT_EQ(std::count(partitionOf.begin(), partitionOf.end(), -1), 0);
  const auto producers = graph.producers();
  const auto consumers = graph.consumers();
  for (size_t i = 0; i < graph.layers.size(); ++i) {
    for (const TensorId id : graph.layers[i].inputs) {
      const int producer = producers[static_cast<size_t>(id)];
      // A partition that runs before all it reads from others is convex.
      EXPECT_LE(producer < 0 ? -1 : partitionOf[static_cast<size_t>(producer)], partitionOf[i]);
    }
  }
  for (size_t p = 0; p < partitions.size(); ++p) {
    if (partitions[p].layers.size() < 2) continue;
    for (const TensorId id : partitions[p].outputs) {
      const auto& readers = consumers[static_cast<size_t>(id)];
      const bool leaves = std::any_of(readers.begin(), readers.end(), [&](int reader) {
        return partitionOf[static_cast<size_t>(reader)] != static_cast<int>(p);
      });
      EXPECT_TRUE(leaves || graph.isOutput(id));
    }
  }
}

// The least possible: how often a way through the network must enter the device.
int leastDevicePartitions(const Graph& graph, const std::vector<const Backend*>& backends) {
  const auto producers = graph.producers();
  std::vector<int> entered(graph.layers.size());  // by layer, on the worst way to it
  int most = 0;
  for (size_t i = 0; i < graph.layers.size(); ++i) {
    int before = 0;
    for (const TensorId id : graph.layers[i].inputs) {
      const int producer = producers[static_cast<size_t>(id)];
      const bool enters = backends[i] == kDevice && (producer < 0 || backends[static_cast<size_t>(producer)] != kDevice);
      before = std::max(before, (producer < 0 ? 0 : entered[static_cast<size_t>(producer)]) + enters);
    }
    entered[i] = before;
    most = std::max(most, before);
  }
  return most;
}

TEST(Partition, BranchesDoNotTearTheDeviceApart) {
  // Two branches whose layers alternate in the list: x → r0 → r2 → r4, x → n1 → n3 → n5, then the sum.
  GraphBuilder b;
  const TensorId x = b.input("x", {2, 3});
  TensorId left = x, right = x;
  for (int i = 0; i < 3; ++i) left = b.add(OpType::Relu, {left}), right = b.add(OpType::Neg, {right});
  b.output(b.add(OpType::Add, {left, right}));
  const std::vector<const Backend*> backends = {kDevice, kCpu, kDevice, kCpu, kDevice, kCpu, kDevice};
  const auto partitions = partition(b.graph, backends);
  check(b.graph, backends, partitions);
  ASSERT_EQ(partitions.size(), 4u);
  EXPECT_EQ(partitions[3].layers, (std::vector<int>{0, 2, 4, 6}));
  EXPECT_EQ(partitions[3].inputs.size(), 2u);  // x and the other branch
  EXPECT_EQ(partitions[3].outputs.size(), 1u);
}

TEST(Partition, OfOneDeviceAreAsFewAsCanBe) {
  std::mt19937 random(1);
  int reordered = 0;
  for (int round = 0; round < 500; ++round) {
    GraphBuilder b;
    std::vector<TensorId> tensors = {b.input("x", {2})};
    std::vector<const Backend*> backends;
    const auto any = [&] { return tensors[tensors.size() - 1 - random() % std::min<size_t>(tensors.size(), 5)]; };
    for (int i = 0; i < 25; ++i) {
      tensors.push_back(random() % 2 == 0 ? b.add(OpType::Relu, {any()}) : b.add(OpType::Add, {any(), any()}));
      backends.push_back(random() % 3 == 0 ? kCpu : kDevice);
    }
    b.output(tensors.back());
    const auto partitions = partition(b.graph, backends);
    check(b.graph, backends, partitions);
    int runs = 0, inOrder = 0;
    for (const Partition& p : partitions) runs += p.backend == kDevice;
    for (size_t i = 0; i < backends.size(); ++i) inOrder += backends[i] == kDevice && (i == 0 || backends[i - 1] == kCpu);
    ASSERT_EQ(runs, std::min(inOrder, leastDevicePartitions(b.graph, backends))) << "round " << round;
    reordered += runs < inOrder;
  }
  EXPECT_GT(reordered, 100);
}

}  // namespace
}  // namespace qrt
