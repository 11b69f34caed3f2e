#include "base/thread_pool.h"

#include <oneapi/tbb/blocked_range.h>
#include <oneapi/tbb/info.h>
#include <oneapi/tbb/parallel_for.h>
#include <oneapi/tbb/partitioner.h>
#include <oneapi/tbb/task_arena.h>

#include <algorithm>
#include <vector>

#ifdef QRT_ANNOTATE_THREADS
#include <sanitizer/tsan_interface.h>
#endif

namespace qrt {

namespace tbb = oneapi::tbb;

struct ThreadPool::Arena {
  explicit Arena(int threads) : arena(threads), slots(static_cast<size_t>(threads)) {}
  tbb::task_arena arena;
  std::vector<char> slots;  ///< one address for each index that a task's thread may have
};

namespace {

// What ThreadSanitizer does not see, as oneTBB is not instrumented: a slot's tasks run one after the
// other, behind what the caller did before the loop and before what it does after it. There is no
// order between slots, so that it still finds tasks that race.
#ifdef QRT_ANNOTATE_THREADS
void acquireSlot(char* slot) { __tsan_acquire(slot); }
void releaseSlot(char* slot) { __tsan_release(slot); }
#else
void acquireSlot(char*) {}
void releaseSlot(char*) {}
#endif

}  // namespace

// Not more than there are cores: oneTBB would warn on stderr, and gain nothing.
ThreadPool::ThreadPool(int threads)
    : threads_(std::clamp(threads > 0 ? threads : 1024, 1, tbb::info::default_concurrency())) {
  if (threads_ == 1) return;
  arena_ = std::make_unique<Arena>(threads_);
  // oneTBB sets itself up at the first loop, and allocates for it: now rather than in a run.
  parallelFor(threads_, [](int64_t, int) {});
}

ThreadPool::~ThreadPool() = default;

void ThreadPool::run(int64_t tasks, void* fn, void (*call)(void*, int64_t, int)) {
  char* const slots = arena_->slots.data();
  for (char& slot : arena_->slots) releaseSlot(&slot);
  arena_->arena.execute([&] {
    tbb::parallel_for(
        tbb::blocked_range<int64_t>(0, tasks, 1),
        [&](const tbb::blocked_range<int64_t>& range) {
          const int thread = tbb::this_task_arena::current_thread_index();
          acquireSlot(slots + thread);
          for (int64_t i = range.begin(); i < range.end(); ++i) call(fn, i, thread);
          releaseSlot(slots + thread);
        },
        tbb::simple_partitioner());
  });
  for (char& slot : arena_->slots) acquireSlot(&slot);
}

}  // namespace qrt
