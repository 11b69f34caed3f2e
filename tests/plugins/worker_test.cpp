// Threads that may be left alone with a call.
#include "backends/plugin/worker.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace qrt::test {
namespace {

using std::chrono::milliseconds;

struct Counting final : Job {
  explicit Counting(milliseconds t, std::atomic<int>& e) : takes(t), ended(e) {}
  ~Counting() override { ++ended; }
  void run() override {
    if (takes.count() > 0) std::this_thread::sleep_for(takes);
    ++runs;  // not atomic: the caller sees it when run() has returned
  }
  milliseconds takes;
  std::atomic<int>& ended;
  int runs = 0;
};

TEST(Workers, RunJobsOneAfterTheOther) {
  std::atomic<int> ended = 0;
  {
    Workers workers;
    const auto job = std::make_shared<Counting>(milliseconds(0), ended);
    for (int i = 1; i <= 1000; ++i) {
      ASSERT_TRUE(workers.run(job, milliseconds(10000)));
      ASSERT_EQ(job->runs, i);
    }
  }
  EXPECT_EQ(ended, 1);
}

TEST(Workers, ServeManyThreadsAtOnce) {
  std::atomic<int> ended = 0;
  Workers workers;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      const auto job = std::make_shared<Counting>(milliseconds(0), ended);
      for (int i = 1; i <= 300; ++i) {
        ASSERT_TRUE(workers.run(job, milliseconds(10000)));
        ASSERT_EQ(job->runs, i);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(ended, 4);
}

TEST(Workers, LeaveJobsThatHangAloneAndFreeThemWhenTheyEnd) {
  std::atomic<int> hung = 0, quick = 0;
  {
    Workers workers;
    for (int i = 0; i < 8; ++i) {
      EXPECT_FALSE(workers.run(std::make_shared<Counting>(milliseconds(500), hung), milliseconds(1)));
    }
    EXPECT_TRUE(workers.run(std::make_shared<Counting>(milliseconds(0), quick), milliseconds(10000)));
    EXPECT_EQ(quick, 1);
  }
  for (int i = 0; i < 1000 && hung < 8; ++i) std::this_thread::sleep_for(milliseconds(10));
  EXPECT_EQ(hung, 8);
}

}  // namespace
}  // namespace qrt::test
