// Properties of the weight algorithms, against sums computed here.
#include "quantize/weights/weights.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace qrt {
namespace {

// The error of a scale, by definition.
double errorOf(const std::vector<float>& weights, float scale, int largest) {
  double sum = 0;
  for (const float weight : weights) {
    const double q = std::fmin(std::fmax(std::nearbyint(weight / double{scale}), -largest), largest);
    sum += (weight - scale * q) * (weight - scale * q);
  }
  return sum;
}

std::vector<float> drawWeights(unsigned seed) {
  std::mt19937 random(seed);
  std::vector<float> weights(1 + random() % 300);
  std::normal_distribution<float> normal(0, std::exp2(static_cast<float>(random() % 12) - 6));
  for (float& weight : weights) {
    weight = normal(random);
    if (random() % 50 == 0) weight *= 8;  // outliers are what clipping is for
  }
  return weights;
}

TEST(Weights, ArqUsesTheWholeRange) {
  EXPECT_EQ(arqScale(std::vector<float>{0.5f, -25.4f, 3}, 127), 25.4f / 127);
  EXPECT_EQ(roundWeight(-25.4f, 25.4f / 127, 127), -127);
  EXPECT_EQ(arqScale(std::vector<float>{0, 0}, 127), 0);
  EXPECT_EQ(arqScale(std::vector<float>{1e-40f}, 127), 0);
}

TEST(Weights, RoundsHalvesToEvenAndClamps) {
  EXPECT_EQ(roundWeight(2.5f, 1, 127), 2);
  EXPECT_EQ(roundWeight(3.5f, 1, 127), 4);
  EXPECT_EQ(roundWeight(-1e30f, 1e-30f, 127), -127);
  EXPECT_EQ(roundWeight(9, 1, largestInteger(4)), 7);
  EXPECT_EQ(largestInteger(2), 1);
  EXPECT_EQ(largestInteger(8), 127);
}

TEST(Weights, SearchIsNeverWorseThanArq) {
  int mseBetter = 0, alsBetter = 0;
  for (unsigned seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE(seed);
    const std::vector<float> weights = drawWeights(seed);
    const int largest = largestInteger(2 + static_cast<int>(seed % 7));
    const double arq = errorOf(weights, arqScale(weights, largest), largest);
    const double mse = errorOf(weights, mseScale(weights, largest), largest);
    const double als = errorOf(weights, alsScale(weights, largest), largest);
    const double slack = 1e-4 * arq + 1e-12;  // ties that f32 and f64 round differently
    EXPECT_LE(mse, arq + slack);
    EXPECT_LE(als, arq + slack);
    mseBetter += mse < 0.99 * arq;
    alsBetter += als < 0.99 * arq;
    EXPECT_NEAR(squaredError(weights, mseScale(weights, largest), largest), mse, slack);
  }
  EXPECT_GT(mseBetter, 100);
  EXPECT_GT(alsBetter, 100);
}

TEST(Weights, AlsEndsWhereTheScaleIsTheBestForItsIntegers) {
  for (unsigned seed = 1; seed <= 50; ++seed) {
    SCOPED_TRACE(seed);
    const std::vector<float> weights = drawWeights(seed);
    const float scale = alsScale(weights, 7);
    double wq = 0, qq = 0;
    for (const float weight : weights) {
      const int q = roundWeight(weight, scale, 7);
      wq += double{weight} * q;
      qq += double(q) * q;
    }
    const double error = errorOf(weights, scale, 7);
    double ideal = 0;
    for (const float weight : weights) {
      const double d = weight - wq / qq * roundWeight(weight, scale, 7);
      ideal += d * d;
    }
    EXPECT_NEAR(error, ideal, 1e-3 * error + 1e-12);
  }
}

TEST(Weights, ScalesPerChannelOrOneForAll) {
  const std::vector<float> values{1, -2, 0, 0, 100, 50};
  const WeightRows rows{values, 3};
  WeightQuantParams params;
  // A channel of zeros gets the largest scale of the others.
  EXPECT_EQ(chooseScales(rows, params), (std::vector<float>{2.f / 127, 100.f / 127, 100.f / 127}));
  EXPECT_EQ(roundWeights(rows, chooseScales(rows, params), 127),
            (std::vector<int8_t>{64, -127, 0, 0, 127, 64}));  // 63.5 goes to the even 64
  params.channelWise = false;
  EXPECT_EQ(chooseScales(rows, params), (std::vector<float>{100.f / 127}));
  EXPECT_EQ(roundWeights(rows, chooseScales(rows, params), 127),
            (std::vector<int8_t>{1, -3, 0, 0, 127, 64}));
  params.numBits = 4;
  EXPECT_EQ(chooseScales(rows, params), (std::vector<float>{100.f / 7}));
  const std::vector<float> zeros(4);
  EXPECT_EQ(chooseScales({zeros, 2}, WeightQuantParams()), (std::vector<float>{1, 1}));
}

}  // namespace
}  // namespace qrt
