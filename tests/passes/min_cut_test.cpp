#include "passes/min_cut.h"

#include <gtest/gtest.h>

#include <random>

namespace qrt {
namespace {

TEST(MinCut, FindsTheCheapestOfAllValues) {
  std::mt19937 random(1);
  for (int round = 0; round < 300; ++round) {
    const int variables = 1 + static_cast<int>(random() % 8);
    struct Cost {
      int zero, one;
      int64_t cost;
    };
    std::vector<Cost> costs;
    MinCut cut;
    for (int i = 0; i < variables; ++i) ASSERT_EQ(cut.addNode(), i + 2);
    for (int i = 0; i < 4 * variables; ++i) {
      const auto node = [&] {
        return static_cast<int>(random() % static_cast<unsigned>(variables + 2));
      };
      const int zero = node(), one = node();
      if (zero == MinCut::kOne || one == MinCut::kZero) continue;
      costs.push_back({zero, one, static_cast<int64_t>(random() % 20)});
      cut.addCost(zero, one, costs.back().cost);
    }
    const auto total = [&](const auto& value) {
      int64_t sum = 0;
      for (const Cost& c : costs) sum += value(c.zero) == 0 && value(c.one) == 1 ? c.cost : 0;
      return sum;
    };
    int64_t best = std::numeric_limits<int64_t>::max();
    for (int bits = 0; bits < 1 << variables; ++bits) {
      best =
          std::min(best, total([&](int node) { return node < 2 ? node : bits >> (node - 2) & 1; }));
    }
    ASSERT_TRUE(cut.solve());
    EXPECT_EQ(total([&](int node) { return node < 2 ? node : cut.value(node); }), best)
        << "round " << round;
  }
}

}  // namespace
}  // namespace qrt
