// AdaRound on problems whose errors are computed here.
#include "quantize/weights/ada_round.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "quantize/weights/weights.h"

namespace qrt {
namespace {

struct Layer {
  std::vector<float> weights, wanted;
  std::vector<std::vector<float>> rows;
  std::vector<const float*> inputs;
  RoundingProblem problem;

  // Inputs that have something in common, as activations have; a few bits, so that rounding matters.
  Layer(unsigned seed, size_t k, size_t positions, int bits) {
    std::mt19937 random(seed);
    std::normal_distribution<float> normal;
    for (size_t i = 0; i < k; ++i) weights.push_back(normal(random));
    std::vector<float> common(positions);
    for (float& value : common) value = normal(random);
    wanted.assign(positions, 0.5f);
    for (size_t i = 0; i < k; ++i) {
      std::vector<float>& row = rows.emplace_back();
      for (size_t p = 0; p < positions; ++p) {
        row.push_back(std::max(0.0f, common[p] + normal(random)));
        wanted[p] += weights[i] * row[p];
      }
    }
    for (const auto& row : rows) inputs.push_back(row.data());
    problem.weights = weights;
    problem.largest = largestInteger(bits);
    problem.scale = arqScale(weights, problem.largest);
    problem.inputs = inputs;
    problem.wanted = wanted;
    problem.bias = 0.5f;
  }
  std::vector<int8_t> nearest() const {
    std::vector<int8_t> integers;
    for (const float w : weights) integers.push_back(roundWeight(w, problem.scale, problem.largest));
    return integers;
  }
  double error(const std::vector<int8_t>& integers) const {
    double error = 0;
    for (size_t p = 0; p < wanted.size(); ++p) {
      double sum = 0.5;
      for (size_t i = 0; i < weights.size(); ++i) {
        sum += double{problem.scale} * integers[i] * rows[i][p];
      }
      const double found = std::fmin(std::fmax(sum, problem.low), problem.high);
      const double goal = std::fmin(std::fmax(wanted[p], problem.low), problem.high);
      error += (found - goal) * (found - goal);
    }
    return error;
  }
};

TEST(AdaRound, BeatsTheNearestIntegers) {
  int better = 0;
  double gain = 0;
  for (unsigned seed = 1; seed <= 12; ++seed) {
    SCOPED_TRACE(seed);
    const Layer layer(seed, 9 + 30 * (seed % 5), 600, 4);
    std::vector<int8_t> integers = layer.nearest();
    const double before = layer.error(integers);
    if (!adaRound(layer.problem, integers)) continue;
    const double after = layer.error(integers);
    EXPECT_LT(after, before);
    gain += 10 * std::log10(before / after);
    ++better;
    for (size_t i = 0; i < integers.size(); ++i) {  // up or down, nothing else
      EXPECT_LE(std::fabs(integers[i] - layer.weights[i] / layer.problem.scale), 1.001f);
      EXPECT_LE(std::abs(int{integers[i]}), 7);
    }
  }
  EXPECT_GE(better, 9);
  EXPECT_GT(gain / better, 3) << "dB";
}

TEST(AdaRound, KnowsWhatAReluHides) {
  Layer layer(3, 40, 600, 3);
  layer.problem.low = 0;
  std::vector<int8_t> integers = layer.nearest();
  const double before = layer.error(integers);
  adaRound(layer.problem, integers);
  EXPECT_LT(layer.error(integers), before);
}

TEST(AdaRound, LeavesAloneWhatItCannotImprove) {
  Layer layer(4, 5, 100, 8);
  for (size_t i = 0; i < 5; ++i) layer.weights[i] = static_cast<float>(i) - 2;
  layer.problem.scale = 1;
  layer.wanted.assign(100, 0.5f);
  for (size_t p = 0; p < 100; ++p) {
    for (size_t i = 0; i < 5; ++i) layer.wanted[p] += layer.weights[i] * layer.rows[i][p];
  }
  std::vector<int8_t> integers = layer.nearest();
  const std::vector<int8_t> exact = integers;
  EXPECT_FALSE(adaRound(layer.problem, integers));
  EXPECT_EQ(integers, exact);
  layer.problem.wanted = layer.problem.wanted.first(1);
  EXPECT_FALSE(adaRound(layer.problem, integers));
}

}  // namespace
}  // namespace qrt
