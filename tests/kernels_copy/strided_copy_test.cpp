// StridedCopy against the loop nest that defines it, on random nests.
#include "kernels/copy/strided_copy.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <numeric>
#include <random>
#include <vector>

#include "support/guarded_buffer.h"

namespace qrt {
namespace {

using test::GuardedBuffer;

// The definition: one element at a time.
void copyNaively(const std::byte* src, std::byte* dst, std::span<const CopyDim> dims, size_t element) {
  if (dims.empty()) {
    std::memcpy(dst, src, element);
    return;
  }
  for (int64_t i = 0; i < dims[0].size; ++i) {
    const int64_t offset = dims[0].table != nullptr ? dims[0].table[i] : i * dims[0].src;
    copyNaively(src + offset, dst + i * dims[0].dst, dims.subspan(1), element);
  }
}

// Copies out of a source of `srcBytes` beginning at `srcOffset` into a dense destination.
void expectSameAsNaive(size_t element, const std::vector<CopyDim>& dims, size_t srcBytes,
                       int64_t srcOffset = 0) {
  size_t dstBytes = element;
  for (const CopyDim& dim : dims) dstBytes *= static_cast<size_t>(dim.size);
  GuardedBuffer src(srcBytes);
  for (size_t i = 0; i < srcBytes; ++i) src.data()[i] = std::byte(i * 37 + i / 251);
  GuardedBuffer dst(dstBytes);
  GuardedBuffer want(dstBytes);
  copyNaively(src.data() + srcOffset, want.data(), dims, element);
  const auto copy = StridedCopy::plan(static_cast<int64_t>(element), dims, srcOffset);
  for (int64_t task = copy.tasks(); task-- > 0;) copy.run(src.data(), dst.data(), task);
  EXPECT_TRUE(std::ranges::equal(dst.bytes(), want.bytes())) << copy.algorithm();
  EXPECT_TRUE(dst.frontIntact());
}

// Loops over a dense destination of `sizes`; src strides to be filled in.
std::vector<CopyDim> denseLoops(const std::vector<int64_t>& sizes, size_t element) {
  std::vector<CopyDim> dims(sizes.size());
  auto stride = static_cast<int64_t>(element);
  for (size_t i = sizes.size(); i-- > 0;) {
    dims[i] = {sizes[i], stride, 0};
    stride *= sizes[i];
  }
  return dims;
}

TEST(StridedCopy, TransposesEveryTileRemainder) {
  for (const size_t element : {1, 2, 4, 8}) {
    for (int64_t rows = 1; rows <= 37; ++rows) {
      for (int64_t cols = 1; cols <= 19; ++cols) {
        auto dims = denseLoops({rows, cols}, element);
        dims[0].src = static_cast<int64_t>(element);
        dims[1].src = static_cast<int64_t>(element) * rows;
        SCOPED_TRACE(testing::Message() << rows << "x" << cols << " of " << element << " bytes");
        expectSameAsNaive(element, dims, element * static_cast<size_t>(rows * cols));
      }
    }
  }
}

// Random permutations of random slices (steps of either sign) with repeated and table dims.
TEST(StridedCopy, DoesRandomNests) {
  for (unsigned seed = 0; seed < 3000; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937 random(seed);
    const auto pick = [&](int64_t low, int64_t high) {
      return std::uniform_int_distribution<int64_t>(low, high)(random);
    };
    const size_t element = size_t{1} << pick(0, 3);
    const auto rank = static_cast<size_t>(pick(0, 5));
    std::vector<int64_t> srcSizes(rank);
    for (int64_t& size : srcSizes) size = pick(0, 20) == 0 ? 0 : pick(1, rank < 3 ? 70 : 9);
    const auto src = denseLoops(srcSizes, element);
    size_t srcBytes = element;
    for (const int64_t size : srcSizes) srcBytes *= static_cast<size_t>(size);

    std::vector<size_t> perm(rank);
    std::iota(perm.begin(), perm.end(), size_t{0});
    std::shuffle(perm.begin(), perm.end(), random);
    std::vector<int64_t> sizes(rank);
    std::vector<int64_t> steps(rank, 0);
    std::vector<std::vector<int64_t>> tables(rank);
    int64_t srcOffset = 0;
    for (size_t i = 0; i < rank; ++i) {
      const CopyDim& from = src[perm[i]];
      const int64_t kind = from.size == 0 ? 0 : pick(0, 5);
      sizes[i] = from.size;
      steps[i] = from.dst;
      if (kind == 1) {  // reversed
        steps[i] = -from.dst;
        srcOffset += (from.size - 1) * from.dst;
      } else if (kind == 2) {  // repeated
        sizes[i] = pick(1, 20);
        steps[i] = 0;
      } else if (kind == 3) {  // every other one
        sizes[i] = (from.size + 1) / 2;
        steps[i] = 2 * from.dst;
      } else if (kind == 4) {
        tables[i].resize(static_cast<size_t>(pick(1, 12)));
        for (int64_t& offset : tables[i]) offset = pick(0, from.size - 1) * from.dst;
        sizes[i] = static_cast<int64_t>(tables[i].size());
      }
    }
    auto dims = denseLoops(sizes, element);
    for (size_t i = 0; i < rank; ++i) {
      dims[i].src = steps[i];
      if (!tables[i].empty()) dims[i].table = tables[i].data();
    }
    expectSameAsNaive(element, dims, srcBytes, srcOffset);
  }
}

TEST(StridedCopy, MergesWhatIsContiguous) {
  // NHWC → NCHW of one image is one 2-D transpose; a slice of rows is one memcpy.
  const CopyDim toChannelsFirst[] = {{1, 600, 600}, {3, 200, 4}, {5, 40, 120}, {10, 4, 12}};
  EXPECT_EQ(StridedCopy::plan(4, toChannelsFirst).algorithm(), "transpose");
  const CopyDim rows[] = {{5, 40, 40}, {10, 4, 4}};
  EXPECT_EQ(StridedCopy::plan(4, rows, 80).algorithm(), "memcpy");
}

TEST(StridedCopy, CutsLargeCopiesIntoTasks) {
  const CopyDim bytes[] = {{1 << 20, 1, 1}};
  EXPECT_EQ(StridedCopy::plan(1, bytes).tasks(), 16);
  const CopyDim small[] = {{1 << 10, 8, 4}, {1, 4, 4}};
  EXPECT_EQ(StridedCopy::plan(4, small).tasks(), 1);
  expectSameAsNaive(4, denseLoops({300, 7, 65}, 4), 4);
  auto large = denseLoops({64, 64, 64}, 4);
  large[0].src = 4;
  large[1].src = 4 * 64;
  large[2].src = 4 * 64 * 64;
  EXPECT_GT(StridedCopy::plan(4, large).tasks(), 4);
  expectSameAsNaive(4, large, 4 * 64 * 64 * 64);
}

}  // namespace
}  // namespace qrt
