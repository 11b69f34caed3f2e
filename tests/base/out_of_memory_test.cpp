#include "base/out_of_memory.h"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

#include "base/aligned_buffer.h"

// Sanitizers would rather end the process than fail to allocate.
extern "C" const char* __asan_default_options() { return "allocator_may_return_null=1"; }
extern "C" const char* __tsan_default_options() { return "allocator_may_return_null=1"; }

namespace qrt {
namespace {

TEST(CatchOutOfMemory, TurnsWhatContainersThrowIntoAStatus) {
  const Status badAlloc = catchOutOfMemory([]() -> Status { throw std::bad_alloc(); });
  EXPECT_EQ(badAlloc.code(), StatusCode::outOfMemory);
  const Result<int> tooLong = catchOutOfMemory([]() -> Result<int> {
    std::vector<int> list;
    list.reserve(std::numeric_limits<size_t>::max());
    return 1;
  });
  EXPECT_EQ(tooLong.status().code(), StatusCode::outOfMemory);
  EXPECT_EQ(catchOutOfMemory([]() -> Result<int> { return 7; }).value(), 7);
}

TEST(AlignedBuffer, SharedOnesFailAsContainersDo) {
  const auto take = [](size_t bytes) {
    return catchOutOfMemory([&]() -> Result<size_t> {
      const auto buffer = AlignedBuffer::shared(bytes);
      EXPECT_EQ(reinterpret_cast<uintptr_t>(buffer->data()) % kAlignment, 0u);
      return buffer->data() == nullptr ? size_t{1} : buffer->size();
    });
  };
  EXPECT_EQ(take(0).value(), 0u);
  EXPECT_EQ(take(100).value(), 100u);
  EXPECT_EQ(take(size_t{1} << 60).status().code(), StatusCode::outOfMemory);
}

}  // namespace
}  // namespace qrt
