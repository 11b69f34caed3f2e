#include "diagnose/samples.h"

#include <algorithm>
#include <random>

namespace qrt {

double median(std::vector<double> samples) {
  if (samples.empty()) return 0;
  std::sort(samples.begin(), samples.end());
  return (samples[(samples.size() - 1) / 2] + samples[samples.size() / 2]) / 2;
}

double lowerQuartile(std::vector<double> samples) {
  if (samples.empty()) return 0;
  const auto quarter = samples.begin() + static_cast<std::ptrdiff_t>(samples.size() / 4);
  std::nth_element(samples.begin(), quarter, samples.end());
  return *quarter;
}

Measured measured(const std::vector<double>& samples) {
  constexpr size_t kResamples = 400;
  if (samples.empty()) return {};
  std::minstd_rand random(1);
  std::vector<double> medians, drawn(samples.size());
  for (size_t i = 0; i < kResamples; ++i) {
    for (double& x : drawn) x = samples[random() % samples.size()];
    medians.push_back(median(drawn));
  }
  std::sort(medians.begin(), medians.end());
  return {median(samples), medians[kResamples / 40], medians[kResamples - 1 - kResamples / 40]};
}

std::vector<double> ratios(const std::vector<double>& a, const std::vector<double>& b) {
  std::vector<double> result;
  for (size_t i = 0; i < a.size() && i < b.size(); ++i) result.push_back(a[i] / b[i]);
  return result;
}

}  // namespace qrt
