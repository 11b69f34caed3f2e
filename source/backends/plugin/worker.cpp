#include "backends/plugin/worker.h"

#include <condition_variable>
#include <thread>

namespace qrt {
namespace {

// What a worker and its thread share.
struct Desk {
  enum class Phase { idle, called, done, ended };

  std::mutex mutex;
  std::condition_variable changed;
  Phase phase = Phase::idle;
  std::shared_ptr<Job> job;

  void loop() {
    std::unique_lock lock(mutex);
    for (;;) {
      changed.wait(lock, [&] { return phase == Phase::called || phase == Phase::ended; });
      if (phase == Phase::ended) return;
      lock.unlock();
      job->run();
      lock.lock();
      if (phase == Phase::ended) return;  // given up meanwhile
      phase = Phase::done;
      changed.notify_all();
    }
  }
};

}  // namespace

class Workers::Worker {
 public:
  Worker() : desk_(std::make_shared<Desk>()), thread_([desk = desk_] { desk->loop(); }) {}
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;
  ~Worker() {
    {
      const std::lock_guard lock(desk_->mutex);
      desk_->phase = Desk::Phase::ended;
      desk_->changed.notify_all();
    }
    if (thread_.joinable()) thread_.join();
  }

  bool call(const std::shared_ptr<Job>& job, std::chrono::nanoseconds limit) {
    std::unique_lock lock(desk_->mutex);
    desk_->job = job;
    desk_->phase = Desk::Phase::called;
    desk_->changed.notify_all();
    if (!desk_->changed.wait_for(lock, limit, [&] { return desk_->phase == Desk::Phase::done; })) {
      thread_.detach();
      return false;
    }
    desk_->phase = Desk::Phase::idle;
    desk_->job.reset();
    return true;
  }

 private:
  std::shared_ptr<Desk> desk_;
  std::thread thread_;  // detached once a call hangs
};

Workers::Workers() { idle_.push_back(std::make_unique<Worker>()); }
Workers::~Workers() = default;

std::unique_ptr<Workers::Worker> Workers::take() {
  const std::lock_guard lock(mutex_);
  if (idle_.empty()) return std::make_unique<Worker>();
  std::unique_ptr<Worker> worker = std::move(idle_.back());
  idle_.pop_back();
  return worker;
}

bool Workers::run(const std::shared_ptr<Job>& job, std::chrono::duration<double> limit) {
  std::unique_ptr<Worker> worker = take();
  if (!worker->call(job, std::chrono::duration_cast<std::chrono::nanoseconds>(limit))) return false;
  const std::lock_guard lock(mutex_);
  idle_.push_back(std::move(worker));
  return true;
}

}  // namespace qrt
