// Every observer on its own objective, on every kind of data, and every field of a recipe that it reads.
#include <gtest/gtest.h>

#include <cmath>

#include "quantize/observers/aciq.h"
#include "quantize/observers/error_table.h"
#include "quantize/observers/kl.h"
#include "quantize/observers/observer.h"
#include "quantize_calib/samples.h"

namespace qrt {
namespace {

using test::histogramOf;

ActivationQuantParams paramsOf(ActivationAlgorithm algorithm, bool asymmetric = true, int bits = 8) {
  ActivationQuantParams params;
  params.algorithm = algorithm;
  params.asymmetric = asymmetric;
  params.numBits = bits;
  return params;
}

QuantParams chooseParams(const TensorHistogram& histogram, const ActivationQuantParams& params) {
  return paramsForRange(chooseRange(histogram, params), params);
}

QuantParams choose(const std::vector<float>& values, ActivationAlgorithm algorithm,
                   bool asymmetric = true, int bits = 8) {
  return chooseParams(histogramOf(values), paramsOf(algorithm, asymmetric, bits));
}

double errorOf(const std::vector<float>& values, const QuantParams& quant, int bits) {
  return test::squaredErrorOf(values, quant.scales[0], quant.zeroPoints[0], bits);
}

TEST(Observers, AreListedInTheOrderOfTheEnum) {
  for (size_t i = 0; i < observers().size(); ++i) {
    EXPECT_EQ(static_cast<size_t>(observers()[i].algorithm), i);
  }
  EXPECT_EQ(observers().size(), static_cast<size_t>(ActivationAlgorithm::aciq) + 1);
}

TEST(Observers, GiveValidParametersThatHoldZero) {
  for (const test::Samples& samples : test::allSamples()) {
    const TensorHistogram histogram = histogramOf(samples.values);
    for (const Observer& observer : observers()) {
      for (const bool asymmetric : {true, false}) {
        for (const int bits : {2, 4, 8}) {
          SCOPED_TRACE(samples.name + " " + std::string(observer.name) + " " + std::to_string(bits));
          const QuantParams quant =
              chooseParams(histogram, paramsOf(observer.algorithm, asymmetric, bits));
          ASSERT_EQ(quant.scales.size(), 1u);
          ASSERT_EQ(quant.zeroPoints.size(), 1u);
          EXPECT_EQ(quant.axis, -1);
          EXPECT_TRUE(std::isnormal(quant.scales[0]));
          EXPECT_GT(quant.scales[0], 0);
          EXPECT_GE(quant.zeroPoints[0], -(1 << (bits - 1)));
          EXPECT_LT(quant.zeroPoints[0], 1 << (bits - 1));
          if (!asymmetric) {
            EXPECT_EQ(quant.zeroPoints[0], 0);
          }
        }
      }
    }
  }
}

TEST(Observers, GiveScaleOneToATensorOfZeros) {
  for (const Observer& observer : observers()) {
    EXPECT_EQ(choose({0, -0.0f, 0}, observer.algorithm), (QuantParams{{1.0f}, {0}, -1}));
    EXPECT_EQ(chooseParams(TensorHistogram(), paramsOf(observer.algorithm)),
              (QuantParams{{1.0f}, {0}, -1}));
  }
}

TEST(Observers, RepresentAConstantWithinHalfAStep) {
  for (const Observer& observer : observers()) {
    for (const float constant : {3.25f, -0.1f, 1e-6f}) {
      const QuantParams quant = choose(std::vector<float>(100, constant), observer.algorithm);
      const double error = errorOf({constant}, quant, 8);
      EXPECT_LE(std::sqrt(error), quant.scales[0] * 0.5001) << observer.name << " " << constant;
      EXPECT_LE(quant.scales[0], std::abs(constant) / 100) << observer.name << " " << constant;
    }
  }
}

TEST(Observers, MinmaxIsWhatWasSeen) {
  const QuantParams two = choose({-1, 0.5f, 3}, ActivationAlgorithm::minmax);
  EXPECT_FLOAT_EQ(two.scales[0], 4.0f / 255);
  EXPECT_EQ(two.zeroPoints[0], -64);  // −128 + 63.75
  const QuantParams one = choose({2, 3}, ActivationAlgorithm::minmax);
  EXPECT_FLOAT_EQ(one.scales[0], 3.0f / 255);
  EXPECT_EQ(one.zeroPoints[0], -128);
  const QuantParams symmetric = choose({-5, 3}, ActivationAlgorithm::minmax, false);
  EXPECT_FLOAT_EQ(symmetric.scales[0], 5.0f / 127);
  const QuantParams four = choose({0, 3}, ActivationAlgorithm::minmax, true, 4);
  EXPECT_FLOAT_EQ(four.scales[0], 3.0f / 15);
  EXPECT_EQ(four.zeroPoints[0], -8);
}

TEST(Observers, MovingAverageFollowsTheOrderOfSamples) {
  TensorHistogram histogram = histogramOf({0, 4}, 7);
  histogram.merge(histogramOf({-1, 2}, 2));  // the earlier one
  const ClipRange range = movingAverageRange(histogram, {});
  EXPECT_NEAR(range.low, -0.9, 1e-6);
  EXPECT_NEAR(range.high, 0.9 * 2 + 0.1 * 4, 1e-6);
}

TEST(Observers, PercentileClipsTheShareItIsTold) {
  std::vector<float> values;
  for (int i = -1000; i < 1000; ++i) values.push_back(static_cast<float>(i));
  ActivationQuantParams params = paramsOf(ActivationAlgorithm::percentile);
  params.maxPercentile = 0.99;
  params.minPercentile = 0.95;
  const ClipRange range = percentileRange(histogramOf(values), params);
  EXPECT_NEAR(range.high, 980, 1.5);
  EXPECT_NEAR(range.low, -900, 1.5);
  params.maxPercentile = params.minPercentile = 1;
  EXPECT_EQ(percentileRange(histogramOf(values), params).high, 999);
  EXPECT_EQ(percentileRange(histogramOf(values), params).low, -1000);
}

TEST(Observers, ErrorTableAgreesWithQuantizingEachValue) {
  for (const test::Samples& samples : test::allSamples()) {
    const TensorHistogram histogram = histogramOf(samples.values);
    const ErrorTable table(histogram.bins());
    for (const int bits : {3, 8}) {
      for (const double part : {1.0, 0.3}) {
        const ActivationQuantParams params = paramsOf(ActivationAlgorithm::ifmr, true, bits);
        const QuantParams quant =
            paramsForRange({histogram.min() * part, histogram.max() * part}, params);
        const double naive = errorOf(samples.values, quant, bits);
        // A bin's middle stands for its values, which are up to 2⁻¹² of themselves away.
        double spread = 0;
        for (const float value : samples.values) spread += std::pow(value * 0x1p-11, 2);
        const double sloppiness = std::sqrt(naive * spread) * 2 + spread;
        EXPECT_NEAR(table.squaredError(quant, params), naive, sloppiness)
            << samples.name << " " << bits << " " << part;
      }
    }
  }
}

// By the values themselves, not by the table that the search uses.
TEST(Observers, SearchesForTheLeastSquaredErrorBeatMinmax) {
  for (const test::Samples& samples : test::allSamples()) {
    for (const auto algorithm : {ActivationAlgorithm::mse, ActivationAlgorithm::ifmr,
                                 ActivationAlgorithm::hfmg}) {
      for (const bool asymmetric : {true, false}) {
        for (const int bits : {4, 8}) {
          const double minmax = errorOf(
              samples.values, choose(samples.values, ActivationAlgorithm::minmax, asymmetric, bits),
              bits);
          const double found =
              errorOf(samples.values, choose(samples.values, algorithm, asymmetric, bits), bits);
          // Two of the three see values as the middle of one of 4096 bins.
          const TensorHistogram histogram = histogramOf(samples.values);
          const double width = (std::max(0.0f, histogram.max()) - std::min(0.0f, histogram.min())) / 4096.0;
          const double sloppiness = static_cast<double>(samples.values.size()) * width * width;
          EXPECT_LE(found, minmax * 1.02 + sloppiness)
              << samples.name << " " << static_cast<int>(algorithm);
          if (samples.name == "laplace" && bits == 4) {
            EXPECT_LT(found, minmax * 0.7);
          }
        }
      }
    }
  }
}

std::vector<double> countsOf(const TensorHistogram& histogram, const ActivationQuantParams& params) {
  std::vector<double> counts;
  for (const HistogramBin& bin : uniformBins(histogram, params)) counts.push_back(bin.count);
  return counts;
}

TEST(Observers, KlIsNeverWorseThanMinmaxAndBetterWithOutliers) {
  for (const test::Samples& samples : test::allSamples()) {
    std::vector<float> values = samples.values;
    std::erase(values, 0.0f);  // which kl leaves out
    const TensorHistogram histogram = histogramOf(values);
    const ActivationQuantParams params = paramsOf(ActivationAlgorithm::kl);
    const ClipRange range = klRange(histogram, params);
    const std::vector<double> counts = countsOf(histogram, params);
    const double low = std::min<double>(histogram.min(), 0);
    const double width = (std::max<double>(histogram.max(), 0) - low) / params.numOfBins;
    const auto first = static_cast<size_t>(std::lround((range.low - low) / width));
    const auto last = static_cast<size_t>(std::lround((range.high - low) / width));
    ASSERT_LE(last, counts.size()) << samples.name;
    const double found = klDivergence(counts, first, last, 256);
    const double minmax = klDivergence(counts, 0, counts.size(), 256);
    EXPECT_LE(found, minmax + 1e-12) << samples.name;
    if (samples.name == "outliers") {
      EXPECT_LT(found, minmax * 0.9);
      EXPECT_LT(range.high, 60);
    }
    if (histogram.min() >= 0) {
      EXPECT_EQ(range.low, 0) << samples.name;
    }
    if (histogram.max() <= 0) {
      EXPECT_NEAR(range.high, 0, 1e-9 * -range.low) << samples.name;
    }
  }
}

// A hand-computed case: P = {1,3 | 2,0 | 4}, window [0,4) in two levels.
TEST(Observers, KlDivergenceIsTheFormula) {
  const double counts[] = {1, 3, 2, 0, 4};
  // Q: {2,2 | 2,empty} / 6; P: {1,3 | 2,4 (the tail)} / 10.
  const double wanted = 0.1 * std::log(0.1 / (2.0 / 6)) + 0.3 * std::log(0.3 / (2.0 / 6)) +
                        0.2 * std::log(0.2 / (2.0 / 6)) + 0.4 * std::log(0.4 / 1e-9);
  EXPECT_NEAR(klDivergence(counts, 0, 4, 2), wanted, 1e-12);
  EXPECT_NEAR(klDivergence(counts, 0, 5, 5), 0, 1e-12);
}

// Table 1 of the paper's code: α/σ and α/b by bits.
TEST(Observers, AciqClipsAreThePublishedOnes) {
  EXPECT_NEAR(aciqGaussClip(2), 1.71, 0.01);
  EXPECT_NEAR(aciqGaussClip(3), 2.15, 0.01);
  EXPECT_NEAR(aciqGaussClip(4), 2.55, 0.01);
  EXPECT_NEAR(aciqGaussClip(8), 3.92, 0.01);
  EXPECT_NEAR(aciqLaplaceClip(2), 2.83, 0.01);
  EXPECT_NEAR(aciqLaplaceClip(3), 3.89, 0.01);
  EXPECT_NEAR(aciqLaplaceClip(4), 5.03, 0.01);
  EXPECT_NEAR(aciqLaplaceClip(8), 9.89, 0.01);
}

TEST(Observers, AciqPicksTheDistributionThatFits) {
  const auto range = [](const std::vector<float>& values, int bits) {
    return aciqRange(histogramOf(values), paramsOf(ActivationAlgorithm::aciq, true, bits));
  };
  EXPECT_NEAR(range(test::normalValues(200000, 1, 0, 2), 4).high, 2 * aciqGaussClip(4), 0.05);
  EXPECT_NEAR(range(test::laplaceValues(200000, 1, 2), 4).high, 2 * aciqLaplaceClip(4), 0.1);
  const ClipRange shifted = range(test::normalValues(200000, 2, 1, 1), 3);
  EXPECT_NEAR(shifted.high, 1 + aciqGaussClip(3), 0.03);
  EXPECT_NEAR(shifted.low, 1 - aciqGaussClip(3), 0.03);
  std::vector<float> relu = test::normalValues(200000, 3, 0, 2);
  for (float& value : relu) value = std::max(value, 0.0f);
  EXPECT_NEAR(range(relu, 4).high, 2 * aciqGaussClip(5), 0.05);  // all levels for one half
  EXPECT_EQ(range(relu, 4).low, 0);
}

TEST(Observers, EveryFieldChangesTheOutcome) {
  std::vector<float> values = test::laplaceValues(100000, 5);
  for (float& value : values) value = value < 0 ? value / 2 : value;
  const TensorHistogram histogram = histogramOf(values);
  const auto differs = [&](ActivationAlgorithm algorithm, auto&& change) {
    ActivationQuantParams params = paramsOf(algorithm, true, 4);
    params.searchRange[0] = 0.2;
    const QuantParams before = chooseParams(histogram, params);
    change(params);
    return chooseParams(histogram, params) != before;
  };
  for (const Observer& observer : observers()) {
    SCOPED_TRACE(observer.name);
    EXPECT_TRUE(differs(observer.algorithm, [](auto& p) { p.numBits = 5; }));
    EXPECT_TRUE(differs(observer.algorithm, [](auto& p) { p.asymmetric = false; }));
  }
  for (const auto algorithm : {ActivationAlgorithm::percentile, ActivationAlgorithm::ifmr,
                               ActivationAlgorithm::hfmg}) {
    EXPECT_TRUE(differs(algorithm, [](auto& p) { p.maxPercentile = 0.9; }));
    EXPECT_TRUE(differs(algorithm, [](auto& p) { p.minPercentile = 0.9; }));
  }
  for (const auto algorithm : {ActivationAlgorithm::ifmr, ActivationAlgorithm::hfmg}) {
    EXPECT_TRUE(differs(algorithm, [](auto& p) { p.searchRange[0] = 0.9; }));
    EXPECT_TRUE(differs(algorithm, [](auto& p) {
      p.maxPercentile = p.minPercentile = 0.8;
      p.searchRange[1] = 2;
    }));
    EXPECT_TRUE(differs(algorithm, [](auto& p) { p.searchStep = 0.13; }));
  }
  for (const auto algorithm : {ActivationAlgorithm::hfmg, ActivationAlgorithm::kl,
                               ActivationAlgorithm::mse}) {
    EXPECT_TRUE(differs(algorithm, [](auto& p) { p.numOfBins = 1500; }));
  }
}

}  // namespace
}  // namespace qrt
