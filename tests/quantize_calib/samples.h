// Values of the kinds that activations have.
#pragma once

#include <algorithm>
#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "quantize/histogram.h"
#include "quantize/value_range.h"

namespace qrt::test {

struct Samples {
  std::string name;
  std::vector<float> values;
};

inline TensorHistogram histogramOf(const std::vector<float>& values, uint64_t sample = 0) {
  TensorHistogram histogram;
  histogram.add(values);
  const auto range = finiteRange(values);
  histogram.addSample({sample, range->min, range->max});
  return histogram;
}

inline std::vector<float> normalValues(size_t count, unsigned seed, float mean = 0, float sigma = 1) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal(mean, sigma);
  std::vector<float> values(count);
  for (float& value : values) value = normal(random);
  return values;
}

inline std::vector<float> laplaceValues(size_t count, unsigned seed, float b = 1) {
  std::mt19937 random(seed);
  std::exponential_distribution<float> exponential(1 / b);
  std::vector<float> values(count);
  for (float& value : values) value = (random() % 2 == 0 ? 1 : -1) * exponential(random);
  return values;
}

/// Two-sided, one-sided with many zeros, negative only, with outliers, far from zero, constant, tiny, huge.
inline std::vector<Samples> allSamples() {
  std::vector<Samples> all;
  all.push_back({"normal", normalValues(50000, 1)});
  all.push_back({"laplace", laplaceValues(50000, 2)});
  std::vector<float> relu = normalValues(50000, 3);
  for (float& value : relu) value = std::max(value, 0.0f);
  all.push_back({"relu", relu});
  for (float& value : relu) value = -value;
  all.push_back({"negative", relu});
  std::vector<float> outliers = normalValues(50000, 4);
  outliers[17] = 300;
  outliers[4711] = -90;
  all.push_back({"outliers", outliers});
  all.push_back({"offset", normalValues(50000, 5, 20, 0.5f)});
  all.push_back({"constant", std::vector<float>(1000, 3.25f)});
  all.push_back({"negative constant", std::vector<float>(1000, -0.1f)});
  std::vector<float> tiny = normalValues(5000, 6);
  for (float& value : tiny) value *= 1e-30f;
  all.push_back({"tiny", tiny});
  std::vector<float> huge = laplaceValues(5000, 7);
  for (float& value : huge) value *= 1e36f;
  all.push_back({"huge", huge});
  return all;
}

/// The naive Σ (x − x̂)² of values quantized with `scale` and `zeroPoint` to `bits` bits.
inline double squaredErrorOf(const std::vector<float>& values, double scale, int zeroPoint, int bits = 8) {
  const int half = 1 << (bits - 1);
  double error = 0;
  for (const float value : values) {
    const double q = std::clamp<double>(std::rint(value / scale) + zeroPoint, -half, half - 1);
    const double difference = value - (q - zeroPoint) * scale;
    error += difference * difference;
  }
  return error;
}

}  // namespace qrt::test
