// Times of the last runs, whole and by step.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <span>
#include <vector>

namespace qrt {

/// Keeps the last kRuns runs in memory booked at construction; recording allocates nothing.
class Recorder {
 public:
  static constexpr size_t kRuns = 1024;

  struct Times {
    double medianMs = 0;
    double minMs = 0;
  };

  /// `steps`: how many are timed; 0 if only whole runs are. `device`: how many times devices give of their own.
  explicit Recorder(size_t steps, size_t device = 0);

  /// A run begins.
  void begin() { started_ = last_ = Clock::now(); }
  /// Step `step`, of those that are timed, ends; it began where the one before ended.
  void endStep(size_t step);
  /// As many steps as `shares` from `first` on end; they share the time since the one before ended.
  void endSteps(size_t first, std::span<const double> shares);
  /// What a device says, in this run.
  void setDevice(size_t index, double seconds) { sample(steps_ + 1 + index) = static_cast<float>(seconds * 1e3); }
  /// The run ends and counts; a run that failed is left without it.
  void end();
  /// Forgets everything.
  void reset();

  int64_t runs() const { return runs_; }
  Times run() const { return times(steps_); }
  Times step(size_t step) const { return times(step); }
  Times device(size_t index) const { return times(steps_ + 1 + index); }

 private:
  using Clock = std::chrono::steady_clock;

  // Column `steps_` is the whole run, devices' times follow.
  float& sample(size_t column) { return samples_[column * kRuns + static_cast<size_t>(runs_) % kRuns]; }
  Times times(size_t column) const;

  size_t steps_;
  std::vector<float> samples_;  // kRuns by column, in milliseconds
  std::vector<float> least_;    // by column, over all runs
  int64_t runs_ = 0;
  Clock::time_point started_;
  Clock::time_point last_;
};

}  // namespace qrt
