#include "quantize/histogram.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <map>

#include "quantize_calib/samples.h"

namespace qrt {
namespace {

using test::histogramOf;

std::map<uint32_t, uint64_t> countsOf(const TensorHistogram& histogram) {
  std::map<uint32_t, uint64_t> counts;
  histogram.forEachBin([&](uint32_t bin, uint64_t count) { counts[bin] = count; });
  return counts;
}

TEST(Histogram, PutsEachValueIntoABinAroundIt) {
  for (const float value : {0.0f, 1.0f, -1.0f, 6.0f, 1e-40f, -3.4e38f, 3.4e38f, 0.3f, -1e-7f}) {
    TensorHistogram histogram;
    histogram.add({&value, 1});
    histogram.addSample({0, std::min(value, -4e37f), std::max(value, 4e37f)});  // no clamping
    const auto bins = histogram.bins();
    ASSERT_EQ(bins.size(), 1u);
    EXPECT_LE(bins[0].low, value);
    EXPECT_GE(bins[0].high, value);
    EXPECT_LE(bins[0].high - bins[0].low, std::abs(value) / 2048 * 1.001 + 1e-38) << value;
    EXPECT_EQ(bins[0].count, 1);
  }
}

TEST(Histogram, BinsAscendByValueAndLieWithinTheRange) {
  for (const test::Samples& samples : test::allSamples()) {
    const TensorHistogram histogram = histogramOf(samples.values);
    EXPECT_TRUE(histogram.fitsRange()) << samples.name;
    EXPECT_EQ(histogram.count(), samples.values.size());
    EXPECT_EQ(histogram.min(), *std::min_element(samples.values.begin(), samples.values.end()));
    EXPECT_EQ(histogram.max(), *std::max_element(samples.values.begin(), samples.values.end()));
    const auto bins = histogram.bins();
    double total = 0;
    for (size_t i = 0; i < bins.size(); ++i) {
      EXPECT_GE(bins[i].low, histogram.min());
      EXPECT_LE(bins[i].high, histogram.max());
      if (i > 0) {
        EXPECT_GE(bins[i].value, bins[i - 1].value) << samples.name;
      }
      total += bins[i].count;
    }
    EXPECT_EQ(total, static_cast<double>(samples.values.size()));
  }
}

TEST(Histogram, MergesInAnyOrderToWhatOnePassSees) {
  const std::vector<float> a = test::normalValues(3001, 1), b = test::laplaceValues(77, 2),
                           c = {0, -0.0f, 5};
  TensorHistogram whole = histogramOf(a, 0);
  whole.add(b);
  whole.addSample({1, *std::min_element(b.begin(), b.end()), *std::max_element(b.begin(), b.end())});
  whole.add(c);
  whole.addSample({2, 0, 5});
  TensorHistogram merged = histogramOf(c, 2);
  merged.merge(histogramOf(a, 0));
  merged.merge(histogramOf(b, 1));
  EXPECT_EQ(countsOf(merged), countsOf(whole));
  ASSERT_EQ(merged.samples().size(), 3u);
  for (size_t i = 0; i < 3; ++i) EXPECT_EQ(merged.samples()[i].sample, i);
}

TEST(Histogram, TakesBackWhatItCounted) {
  const std::vector<float> a = test::normalValues(500, 1), b = test::laplaceValues(500, 2);
  TensorHistogram histogram = histogramOf(a);
  histogram.add(b);
  histogram.remove(b);
  EXPECT_EQ(countsOf(histogram), countsOf(histogramOf(a)));
}

TEST(Histogram, UniformBinsKeepEveryCount) {
  for (const test::Samples& samples : test::allSamples()) {
    const TensorHistogram histogram = histogramOf(samples.values);
    const double low = std::min<double>(histogram.min(), 0), high = std::max<double>(histogram.max(), 0);
    for (const auto& [from, to] : {std::pair(low, high), std::pair(low / 2, high / 2)}) {
      const auto bins = uniformBins(histogram.bins(), from, to, 1000);
      double total = 0, sum = 0, wanted = 0;
      for (const HistogramBin& bin : bins) {
        EXPECT_GE(bin.count, 0);
        total += bin.count;
        sum += bin.count * bin.value;
      }
      EXPECT_NEAR(total, static_cast<double>(samples.values.size()), 1e-6 * total);
      for (const float value : samples.values) wanted += std::clamp<double>(value, from, to);
      EXPECT_NEAR(sum, wanted, (to - from) / 1000 * total) << samples.name;
    }
  }
}

TEST(FiniteRange, FindsTheEndsAndRefusesTheRest) {
  const float infinity = std::numeric_limits<float>::infinity();
  for (const float bad : {infinity, -infinity, std::nanf(""), -std::nanf("")}) {
    for (size_t at = 0; at < 37; ++at) {
      std::vector<float> values = test::normalValues(37, 1);
      values[at] = bad;
      EXPECT_FALSE(finiteRange(values)) << bad << " at " << at;
    }
  }
  const float largest = std::numeric_limits<float>::max();
  const auto range = finiteRange(std::vector<float>{0, largest, -largest, 1e-45f});
  ASSERT_TRUE(range);
  EXPECT_EQ(range->min, -largest);
  EXPECT_EQ(range->max, largest);
  EXPECT_EQ(finiteRange(std::vector<float>{-2, -1})->max, -1);
}

}  // namespace
}  // namespace qrt
