#include "runtime/recorder.h"

#include <limits>
#include <numeric>

namespace qrt {

Recorder::Recorder(size_t steps, size_t device)
    : steps_(steps), samples_((steps + 1 + device) * kRuns), least_(steps + 1 + device) {
  reset();
}

void Recorder::endStep(size_t step) {
  const Clock::time_point now = Clock::now();
  sample(step) = std::chrono::duration<float, std::milli>(now - last_).count();
  last_ = now;
}

void Recorder::endSteps(size_t first, std::span<const double> shares) {
  const Clock::time_point now = Clock::now();
  const double all = std::accumulate(shares.begin(), shares.end(), 0.0);
  const double ms = std::chrono::duration<double, std::milli>(now - last_).count();
  for (size_t i = 0; i < shares.size(); ++i) {
    sample(first + i) = static_cast<float>(all > 0 ? ms * shares[i] / all : 0);
  }
  last_ = now;
}

void Recorder::end() {
  sample(steps_) = std::chrono::duration<float, std::milli>(Clock::now() - started_).count();
  for (size_t i = 0; i < least_.size(); ++i) least_[i] = std::min(least_[i], sample(i));
  ++runs_;
}

void Recorder::reset() {
  runs_ = 0;
  std::fill(least_.begin(), least_.end(), std::numeric_limits<float>::max());
}

Recorder::Times Recorder::times(size_t column) const {
  const size_t count = std::min(static_cast<size_t>(runs_), kRuns);
  if (count == 0) return {};
  const auto begin = samples_.begin() + static_cast<std::ptrdiff_t>(column * kRuns);
  std::vector<float> sorted(begin, begin + static_cast<std::ptrdiff_t>(count));
  std::sort(sorted.begin(), sorted.end());
  const double median = (double{sorted[(count - 1) / 2]} + sorted[count / 2]) / 2;
  return {median, least_[column]};
}

}  // namespace qrt
