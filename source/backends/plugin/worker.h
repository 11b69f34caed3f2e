// A thread that makes calls which may never return, and can be left alone with one.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <thread>

namespace qrt {

/// Makes one call at a time on a thread of its own. What `work` holds is destroyed when both the worker and the thread
/// are done with it: a call that hangs keeps it, and its thread is never waited for.
class Worker {
 public:
  /// Throws std::system_error if there can be no more threads.
  explicit Worker(std::function<void()> work);
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  /// Calls `work` on the thread; false if it has not returned after `limit`. Not to be called again then.
  bool call(std::chrono::duration<double> limit);

 private:
  struct State;
  std::shared_ptr<State> state_;
  std::thread thread_;  // detached once a call hangs
};

}  // namespace qrt
