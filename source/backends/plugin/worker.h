// Threads that make calls which may never return, and can be left alone with one.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "base/out_of_memory.h"

namespace qrt {

/// Work for one of the threads.
class Job {
 public:
  virtual ~Job() = default;
  virtual void run() = 0;
};

/// A call as a job, with all that it touches.
template <class T>
class Task final : public Job {
 public:
  explicit Task(std::function<Result<T>()> call) : call_(std::move(call)) {}
  void run() override { result = catchOutOfMemory(call_); }

 private:
  std::function<Result<T>()> call_;  // holds the device, which the result must not outlive

 public:
  std::optional<Result<T>> result;
};

/// As many threads as there were calls at once; they wait between calls. A job that hangs keeps its thread and itself,
/// and nobody waits for either: both end when it returns.
class Workers {
 public:
  /// One thread, so that the first call has none to make. Throws std::system_error if there can be no more.
  Workers();
  ~Workers();
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  /// Runs `job`; false if it has not returned after `limit`, and is not to be touched again then. Allocates only
  /// where more calls are made at once than ever before.
  bool run(const std::shared_ptr<Job>& job, std::chrono::duration<double> limit);

 private:
  class Worker;
  std::unique_ptr<Worker> take();

  std::mutex mutex_;
  std::vector<std::unique_ptr<Worker>> idle_;
};

}  // namespace qrt
