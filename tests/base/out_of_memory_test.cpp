#include "base/out_of_memory.h"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

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

}  // namespace
}  // namespace qrt
