// Threads for one session: a oneTBB arena of a fixed size, behind two functions.
#pragma once

#include <cstdint>
#include <memory>
#include <type_traits>

namespace qrt {

/// Runs loops on up to `threads()` threads, the caller among them. One caller at a time.
class ThreadPool {
 public:
  /// `threads` ≤ 0, or more than the cores that this process may use: one per core.
  explicit ThreadPool(int threads);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  int threads() const { return threads_; }

  /// Calls fn(task, thread) for task = 0 … tasks − 1, each once, in any order; `thread` in
  /// [0, threads()) is not used by two calls at a time, so it can index scratch memory. Does not
  /// allocate through operator new. With one task or one thread it is a plain loop.
  template <class Fn>
  void parallelFor(int64_t tasks, Fn&& fn) {
    if (tasks <= 1 || threads_ == 1) {
      for (int64_t i = 0; i < tasks; ++i) fn(i, 0);
      return;
    }
    using F = std::remove_reference_t<Fn>;
    run(tasks, &fn, [](void* f, int64_t task, int thread) { (*static_cast<F*>(f))(task, thread); });
  }

 private:
  void run(int64_t tasks, void* fn, void (*call)(void*, int64_t, int));

  struct Arena;
  std::unique_ptr<Arena> arena_;
  int threads_;
};

}  // namespace qrt
