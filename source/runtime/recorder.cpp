#include "runtime/recorder.h"

#include <limits>

namespace qrt {

Recorder::Recorder(size_t steps, size_t device)
    : steps_(steps), samples_((steps + 1 + device) * kRuns), least_(steps + 1 + device) {
  reset();
}

void Recorder::endStep(size_t step) {
  const Clock::time_point now = Clock::now();
  store(step, now - last_);
  last_ = now;
}

void Recorder::end() {
  store(steps_, Clock::now() - started_);
  for (size_t i = 0; i < least_.size(); ++i) least_[i] = std::min(least_[i], sample(i));
  ++runs_;
}

void Recorder::reset() {
  runs_ = 0;
  std::fill(least_.begin(), least_.end(), std::numeric_limits<float>::max());
}

void Recorder::store(size_t column, Clock::duration time) {
  sample(column) = std::chrono::duration<float, std::milli>(time).count();
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
