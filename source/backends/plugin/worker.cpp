#include "backends/plugin/worker.h"

#include <condition_variable>
#include <mutex>

namespace qrt {

struct Worker::State {
  enum class Phase { idle, called, done, ended };

  std::function<void()> work;
  std::mutex mutex;
  std::condition_variable changed;
  Phase phase = Phase::idle;

  void loop() {
    std::unique_lock lock(mutex);
    for (;;) {
      changed.wait(lock, [&] { return phase == Phase::called || phase == Phase::ended; });
      if (phase == Phase::ended) return;
      lock.unlock();
      work();
      lock.lock();
      if (phase == Phase::ended) return;  // given up meanwhile
      phase = Phase::done;
      changed.notify_all();
    }
  }
};

Worker::Worker(std::function<void()> work) : state_(std::make_shared<State>()) {
  state_->work = std::move(work);
  thread_ = std::thread([state = state_] { state->loop(); });
}

Worker::~Worker() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->phase = State::Phase::ended;
    state_->changed.notify_all();
  }
  if (thread_.joinable()) thread_.join();
}

bool Worker::call(std::chrono::duration<double> limit) {
  std::unique_lock lock(state_->mutex);
  state_->phase = State::Phase::called;
  state_->changed.notify_all();
  const auto longest = std::chrono::duration_cast<std::chrono::nanoseconds>(limit);
  if (!state_->changed.wait_for(lock, longest, [&] { return state_->phase == State::Phase::done; })) {
    thread_.detach();
    return false;
  }
  state_->phase = State::Phase::idle;
  return true;
}

}  // namespace qrt
