#include "diagnose/run_times.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace qrt {
namespace {

// What a run's time may vary by, before any has been seen, and how many runs that is worth.
constexpr double kUsualNoise = 0.05;
constexpr double kNoiseRuns = 5;
// What no time is more exact than, as a share of a run.
constexpr double kLeastNoise = 0.001;
// Standard deviations from which on a run tells more of the machine than of the model.
constexpr double kFarOut = 3;

}  // namespace

double RunTimes::mean(const std::vector<double>& x) {
  return std::accumulate(x.begin(), x.end(), 0.0) / static_cast<double>(x.size());
}

// Of the differences from the mean.
double RunTimes::squares(const std::vector<double>& x) {
  double sum = 0;
  for (const double value : x) sum += (value - mean(x)) * (value - mean(x));
  return sum;
}

// Other work on the machine makes single runs longer, by any amount.
void RunTimes::cutOff(const Moved& moved, Test& test) const {
  std::vector<double> sorted = test.seen;
  std::sort(sorted.begin(), sorted.end());
  const double middle = sorted.size() < 3 ? sorted[0] : sorted[(sorted.size() - 1) / 2];
  const double farthest = middle + kFarOut * below_ * (middle + elsewhere(moved));
  test.rest = test.seen;
  for (double& x : test.rest) x = std::min(x, farthest);
}

void RunTimes::add(const Moved& moved, const SlowSearch::Sample& sample) {
  Test& test = tests_[moved];
  test.seen.push_back(std::max(0.0, sample.seconds - sample.moved));
  cutOff(moved, test);
  ++runs_;
}

int RunTimes::runs(const Moved& moved) const {
  const auto test = tests_.find(moved);
  return test == tests_.end() ? 0 : static_cast<int>(test->second.rest.size());
}

double RunTimes::elsewhere(const Moved& moved) const {
  double sum = 0;
  for (size_t i = 0; i < moved.size(); ++i) sum += moved[i] ? elsewhere_[i] : 0;
  return sum;
}

std::vector<Moved> RunTimes::sets() const {
  std::vector<Moved> sets;
  for (const auto& [moved, test] : tests_) sets.push_back(moved);
  return sets;
}

double RunTimes::noise(const Moved& moved, double rest) const {
  const double usual = spread_ * scale(rest, moved, ofWholeRuns_);
  const auto test = tests_.find(moved);
  if (test == tests_.end()) return usual;
  const double more = static_cast<double>(test->second.rest.size()) - 1;
  return std::sqrt((kNoiseRuns * usual * usual + squares(test->second.rest)) / (kNoiseRuns + more));
}

// Noise is in proportion to the time without the moved layers, or, if their own time cannot be told exactly, to that
// of the whole run.
double RunTimes::scale(double rest, const Moved& moved, bool ofWholeRuns) const {
  return std::max(rest, 0.0) + kLeastNoise * run_ + (ofWholeRuns ? elsewhere(moved) : 0);
}

// How far runs lie below the middle one of their set, where nothing but the model's own noise puts them.
void RunTimes::findSpreadBelow() {
  double squares = kNoiseRuns * kUsualNoise * kUsualNoise, count = kNoiseRuns;
  for (const auto& [moved, test] : tests_) {
    std::vector<double> sorted = test.seen;
    std::sort(sorted.begin(), sorted.end());
    const size_t half = (sorted.size() - 1) / 2;
    const double whole = sorted[half] + elsewhere(moved);
    for (size_t i = 0; i < half && whole > 0; ++i) {
      const double share = (sorted[half] - sorted[i]) / whole;
      squares += share * share;
      ++count;
    }
  }
  below_ = std::sqrt(squares / count);
}

// Which of both, and how large: what makes the differences between runs of the same set most likely.
void RunTimes::findNoise(double run) {
  run_ = run;
  findSpreadBelow();
  for (auto& [moved, test] : tests_) cutOff(moved, test);
  double best = 0;
  for (const bool ofWholeRuns : {false, true}) {
    double sum = kNoiseRuns * kUsualNoise * kUsualNoise, count = kNoiseRuns, scales = 0;
    for (const auto& [moved, test] : tests_) {
      const double unit = scale(mean(test.rest), moved, ofWholeRuns);
      const double degrees = static_cast<double>(test.rest.size()) - 1;
      sum += squares(test.rest) / (unit * unit);
      count += degrees;
      scales += degrees * std::log(unit);
    }
    const double spread = std::sqrt(sum / count);
    const double unlikely = count * std::log(spread) + scales;
    if (ofWholeRuns && unlikely >= best) continue;
    best = unlikely;
    spread_ = spread;
    ofWholeRuns_ = ofWholeRuns;
  }
}

}  // namespace qrt
