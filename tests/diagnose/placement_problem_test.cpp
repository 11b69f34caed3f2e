// The solver against trying everything, on random networks, by each of its methods.
#include "diagnose/placement_problem.h"

#include <gtest/gtest.h>

#include <limits>
#include <random>

namespace qrt {
namespace {

class Random {
 public:
  explicit Random(unsigned seed) : engine_(seed) {}
  int below(int n) { return static_cast<int>(engine_() % static_cast<unsigned>(n)); }
  bool chance(double p) { return cost() < p; }
  double cost() { return std::uniform_real_distribution<double>(0, 1)(engine_); }

 private:
  std::mt19937 engine_;
};

// A network with branches: a layer reads one to three earlier tensors, mostly late ones. Some backends refuse
// some layers, some share a space, some pay for launches.
PlacementProblem randomProblem(Random& random, int layers, int backends, double branches) {
  PlacementProblem problem;
  problem.spaces = 1 + random.below(backends);
  std::vector<int> usual;
  for (int b = 0; b < backends; ++b) {
    usual.push_back(random.below(problem.spaces));
    problem.launch.push_back(random.chance(0.5) ? random.cost() : 0);
  }
  const auto addTensor = [&](int producer) {
    PlacementProblem::Tensor tensor{.producer = producer, .readers = {}, .output = false, .move = {}};
    for (int from = 0; from < problem.spaces; ++from) {
      for (int to = 0; to < problem.spaces; ++to) tensor.move.push_back(from == to ? 0 : random.cost());
    }
    problem.tensors.push_back(std::move(tensor));
  };
  addTensor(-1);
  for (int i = 0; i < layers; ++i) {
    PlacementProblem::Layer layer;
    const int always = random.below(backends);
    for (int b = 0; b < backends; ++b) {
      const bool refused = b != always && random.chance(0.15);
      layer.time.push_back(refused ? std::numeric_limits<double>::infinity() : random.cost() * 2);
      layer.space.push_back(random.chance(0.9) ? usual[static_cast<size_t>(b)] : 0);
    }
    problem.layers.push_back(std::move(layer));
    const int reads = random.chance(branches) ? 2 + random.below(2) : 1;
    for (int r = 0; r < reads; ++r) {
      const int back = random.chance(branches) ? random.below(i + 1) : 0;
      std::vector<int>& readers = problem.tensors[static_cast<size_t>(i - back)].readers;
      if (readers.empty() || readers.back() != i) readers.push_back(i);
    }
    addTensor(i);
  }
  for (PlacementProblem::Tensor& tensor : problem.tensors) {
    tensor.output = tensor.readers.empty() || random.chance(0.05);
  }
  return problem;
}

double tryEverything(const PlacementProblem& problem) {
  const size_t backends = problem.launch.size();
  std::vector<int> choice(problem.layers.size(), 0);
  double best = std::numeric_limits<double>::infinity();
  while (true) {
    best = std::min(best, latency(problem, choice));
    size_t digit = 0;
    while (digit < choice.size() && ++choice[digit] == static_cast<int>(backends)) choice[digit++] = 0;
    if (digit == choice.size()) return best;
  }
}

TEST(PlacementProblem, LatencyCountsEveryMoveOnceAndEveryLaunch) {
  // a → b, c; b, c → d. Backend 1 lives in space 1, a launch costs 10.
  PlacementProblem problem;
  problem.spaces = 2;
  problem.launch = {0, 10};
  for (int i = 0; i < 4; ++i) problem.layers.push_back({{1, 0.5}, {0, 1}});
  const std::vector<double> move = {0, 100, 200, 0};
  problem.tensors = {{-1, {0}, false, move}, {0, {1, 2}, false, move}, {1, {3}, false, move},
                     {2, {3}, false, move},  {3, {}, true, move}};
  EXPECT_EQ(latency(problem, {0, 0, 0, 0}), 4);
  EXPECT_EQ(latency(problem, {1, 1, 1, 1}), 2 + 10 + 100 + 200);
  EXPECT_EQ(latency(problem, {0, 1, 1, 0}), 3 + 10 + 100 + 400);  // a's tensor crosses once for two readers
  EXPECT_EQ(latency(problem, {1, 0, 1, 0}), 3 + 20 + 100 + 200 + 200);
  EXPECT_EQ(solve(problem).choice, (std::vector<int>{0, 0, 0, 0}));
}

TEST(PlacementProblem, EqualsTryingEverything) {
  Random random(1);
  for (int round = 0; round < 1000; ++round) {
    const int layers = round % 20 == 0 ? 12 : 1 + random.below(9);
    const PlacementProblem problem = randomProblem(random, layers, 1 + random.below(3), 0.5);
    const CostSolution solution = solve(problem);
    ASSERT_TRUE(solution.exact);
    ASSERT_NEAR(solution.cost, tryEverything(problem), 1e-9) << "round " << round;
    ASSERT_NEAR(latency(problem, solution.choice), solution.cost, 1e-9) << "round " << round;
    ASSERT_EQ(solution.lowerBound, solution.cost);
  }
}

TEST(PlacementProblem, MinimumCutIsAsGoodForTwoBackends) {
  Random random(2);
  int cuts = 0;
  for (int round = 0; round < 300; ++round) {
    const PlacementProblem problem = randomProblem(random, 1 + random.below(10), 2, 0.7);
    const CostSolution solution = solve(problem, {.tableSize = 4});
    ASSERT_TRUE(solution.exact);
    ASSERT_NEAR(latency(problem, solution.choice), tryEverything(problem), 1e-9) << "round " << round;
    cuts += solution.method == "minimum cut";
  }
  EXPECT_GT(cuts, 20);
}

TEST(PlacementProblem, BoundedSearchNeverClaimsTooMuch) {
  Random random(3);
  int proven = 0, open = 0;
  for (int round = 0; round < 300; ++round) {
    const PlacementProblem problem = randomProblem(random, 4 + random.below(6), 3, 0.7);
    const CostSolution solution =
        solve(problem, {.tableSize = 9, .searchNodes = round % 2 == 0 ? size_t{1} << 20 : 40u});
    const double best = tryEverything(problem);
    ASSERT_NEAR(latency(problem, solution.choice), solution.cost, 1e-9);
    ASSERT_LE(solution.lowerBound, best + 1e-9) << "round " << round;
    ASSERT_GE(solution.cost, best - 1e-9);
    if (solution.exact) {
      ASSERT_NEAR(solution.cost, best, 1e-9) << "round " << round;
    }
    ++(solution.exact ? proven : open);
  }
  EXPECT_GT(proven, 100);
  EXPECT_GT(open, 5);
}

TEST(PlacementProblem, LongNetworksAreSolvedExactly) {
  Random random(4);
  const PlacementProblem chain = randomProblem(random, 2000, 3, 0);
  EXPECT_EQ(solve(chain).method, "elimination");
  // Residual blocks, each of them series-parallel.
  PlacementProblem blocks = randomProblem(random, 300, 3, 0);
  for (size_t i = 3; i < 300; i += 3) blocks.tensors[i - 3].readers.push_back(static_cast<int>(i));
  const CostSolution solution = solve(blocks);
  EXPECT_TRUE(solution.exact);
  EXPECT_EQ(solution.method, "elimination");
  EXPECT_NEAR(latency(blocks, solution.choice), solution.cost, 1e-6);
}

TEST(PlacementProblem, WideNetworksGetABound) {
  Random random(5);
  const PlacementProblem problem = randomProblem(random, 120, 3, 0.9);
  const CostSolution solution = solve(problem, {.tableSize = 1u << 10, .searchNodes = 20'000});
  EXPECT_EQ(solution.method, "bounded search");
  EXPECT_LE(solution.lowerBound, solution.cost);
  EXPECT_GT(solution.lowerBound, 0.3 * solution.cost);
  EXPECT_NEAR(latency(problem, solution.choice), solution.cost, 1e-6);
}

}  // namespace
}  // namespace qrt
