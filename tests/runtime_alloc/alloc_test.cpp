// Session::run() allocates nothing: every operator new of this executable counts.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <new>

#include "qrt/session.h"
#include "support/networks.h"

namespace {

std::atomic<long> allocations{0};

void* countedNew(std::size_t size, std::size_t alignment) {
  ++allocations;
  const std::size_t rounded = (size + alignment - 1) / alignment * alignment;
  return std::aligned_alloc(alignment, rounded == 0 ? alignment : rounded);
}

void* orAbort(void* memory) {
  if (memory == nullptr) std::abort();
  return memory;
}

constexpr std::size_t kDefault = __STDCPP_DEFAULT_NEW_ALIGNMENT__;

}  // namespace

// The array and sized forms of the library call these.
void* operator new(std::size_t size) { return orAbort(countedNew(size, kDefault)); }
void* operator new(std::size_t size, std::align_val_t alignment) {
  return orAbort(countedNew(size, static_cast<std::size_t>(alignment)));
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return countedNew(size, kDefault);
}
void* operator new(std::size_t size, std::align_val_t alignment, const std::nothrow_t&) noexcept {
  return countedNew(size, static_cast<std::size_t>(alignment));
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, const std::nothrow_t&) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t, const std::nothrow_t&) noexcept {
  std::free(memory);
}

namespace qrt {
namespace {

TEST(Alloc, CounterCounts) {
  const long before = allocations;
  delete new int(3);
  delete[] new (std::nothrow) double[7];
  EXPECT_EQ(allocations - before, 2);
}

TEST(Alloc, RunAllocatesNothing) {
  for (const test::NamedNetwork& network : test::kNetworks) {
    const Model model = network.make(32);
    for (const char* backend : {"cpu-float", "reference"}) {
      for (const int threads : {1, 2}) {
        for (const bool profiling : {false, true}) {
          SCOPED_TRACE(testing::Message() << network.name << " on " << backend << ", " << threads
                                          << " threads, profiling " << profiling);
          auto session = Session::create(
              model, {.threads = threads, .backends = {backend}, .profiling = profiling});
          ASSERT_TRUE(session.ok()) << session.status().message();
          bool ok = true;
          const long before = allocations;
          for (int run = 0; run < 3; ++run) ok = session->run().ok() && ok;
          EXPECT_EQ(allocations - before, 0);
          EXPECT_TRUE(ok);
        }
      }
    }
  }
}

// Binding and filling are part of a frame, too, but may allocate; running on bound memory may not.
TEST(Alloc, RunOnBoundMemoryAllocatesNothing) {
  auto session = Session::create(test::mobileNet(32), {.threads = 1});
  ASSERT_TRUE(session.ok()) << session.status().message();
  const TensorInfo in = session->inputs()[0];
  const TensorInfo out = session->outputs()[0];
  std::vector<float> x(static_cast<size_t>(in.shape.elements()), 0.5f);
  std::vector<float> y(static_cast<size_t>(out.shape.elements()));
  ASSERT_TRUE(session->bindInput(in.name, {in.dtype, in.shape, x.data()}).ok());
  ASSERT_TRUE(session->bindOutput(out.name, {out.dtype, out.shape, y.data()}).ok());
  const long before = allocations;
  const bool ok = session->run().ok();
  EXPECT_EQ(allocations - before, 0);
  EXPECT_TRUE(ok);
  EXPECT_NE(y[0], 0.0f);
}

}  // namespace
}  // namespace qrt
