// ConvWinogradS8 at every level here against a naive loop over the rules, byte for byte, with 1 and 2
// threads; every buffer ends at an inaccessible page.
#include <gtest/gtest.h>

#include "kernels/winograd/conv_winograd_s8.h"
#include "kernels_s8/conv_case.h"

namespace qrt::test {
namespace {

bool runsHere(const WinogradKernelS8& kernel) { return isaAvailable(kernel.isa, readCpu()); }

void check(const Case& c, const Data& d) {
  SCOPED_TRACE(testing::Message() << c.name << " h " << c.shape.h << " w " << c.shape.w << " c "
                                  << c.shape.c << " o " << c.shape.o << " seed " << kSeed);
  ASSERT_TRUE(winogradAppliesS8(c.shape));
  const std::vector<int8_t> want = naiveConv(c, d);
  for (const WinogradKernelS8* kernel : winogradKernelsS8()) {
    if (!runsHere(*kernel)) continue;
    for (const int threads : {1, 2}) {
      ConvWinogradS8 conv(c.shape, d.quant, *kernel, threads);
      const std::vector<int8_t> got = runConv(conv, c, d, threads);
      ASSERT_EQ(got.size(), want.size());
      for (size_t i = 0; i < want.size(); ++i) {
        ASSERT_EQ(int{got[i]}, int{want[i]}) << isaName(kernel->isa) << " threads " << threads
                                             << " at " << i << " of " << want.size();
      }
    }
  }
}

void check(const Case& c, Random& random) { check(c, makeData(c, random)); }

ConvShape padded(int64_t h, int64_t w, int64_t c, int64_t o, int64_t top, int64_t left,
                 int64_t bottom, int64_t right) {
  ConvShape s = conv(1, h, w, c, o, 3);
  s.padTop = top;
  s.padLeft = left;
  s.oh = h + top + bottom - 2;
  s.ow = w + left + right - 2;
  return s;
}

TEST(WinogradS8, MapsOfAllSizes) {
  Random random;
  for (int64_t h = 1; h <= 10; ++h) {
    for (int64_t w = 1; w <= 10; ++w) {
      check({"same", conv(1, h, w, 3, 5, 3, 1, 1), true, (h + w) % 2 == 0}, random);
    }
  }
  check({"batch", conv(3, 7, 5, 8, 20, 3, 1, 1), true, true}, random);
  check({"nothing", conv(0, 7, 5, 8, 20, 3, 1, 1)}, random);
}

TEST(WinogradS8, Pads) {
  Random random;
  for (int64_t pad = 0; pad <= 4; ++pad) check({"even", conv(1, 5, 6, 9, 7, 3, 1, pad)}, random);
  check({"uneven", padded(6, 9, 5, 6, 0, 2, 1, 0), true, true, 17}, random);
  check({"uneven", padded(9, 6, 5, 6, 2, 0, 0, 1), false, false, -128}, random);
  check({"one output", padded(1, 1, 5, 6, 2, 2, 0, 0), true, false, 127}, random);
}

TEST(WinogradS8, Channels) {
  Random random;
  for (int64_t c = 1; c <= 67; ++c) check({"in", conv(1, 6, 5, c, 3, 3, 1, 1)}, random);
  for (int64_t o = 1; o <= 67; ++o) {
    check({"out", conv(1, 3, 7, 2, o, 3, 1, 1), true, true, 9, -7, -100, 50}, random);
  }
  for (const int64_t c : {127, 128, 129, 130, 255, 300}) {
    check({"long", conv(1, 5, 9, c, 33, 3, 1, 1), true, true, 3, 4, 4, 127}, random);
  }
}

TEST(WinogradS8, ChunksAndThreads) {
  Random random;
  check({"chunks", conv(1, 70, 66, 40, 9, 3, 1, 1), true, true}, random);
  check({"panels", conv(1, 9, 10, 20, 300, 3, 1, 1), true, true}, random);
}

/// x and weights of −128, 127 whose signs follow `signs`, by row and column.
using Signs = bool (*)(int64_t row, int64_t column);
Data signedData(const Case& c, Random& random, Signs x, Signs w) {
  Data d = makeData(c, random);
  for (int64_t i = 0; i < static_cast<int64_t>(d.x.size()); ++i) {
    const int64_t pixel = i / c.shape.c;
    d.x[static_cast<size_t>(i)] = x(pixel / c.shape.w % c.shape.h, pixel % c.shape.w) ? -128 : 127;
  }
  for (int64_t i = 0; i < static_cast<int64_t>(d.weights.size()); ++i) {
    const int64_t tap = i / c.shape.c % 9;
    d.weights[static_cast<size_t>(i)] = w(tap / 3, tap % 3) ? -128 : 127;
  }
  return d;
}

// Signs that maximise what is between: all the same, alternating, and those of the rows of Bᵀ.
TEST(WinogradS8, ExtremeValues) {
  Random random;
  const Signs patterns[] = {
      [](int64_t, int64_t) { return true; },
      [](int64_t, int64_t) { return false; },
      [](int64_t row, int64_t column) { return (row + column) % 2 == 0; },
      [](int64_t row, int64_t column) { return (row % 4 < 2) != (column % 4 < 2); },
      [](int64_t row, int64_t column) { return (row % 5 < 2) != (column % 5 < 2); },
      [](int64_t row, int64_t column) { return (row % 4 == 1) != (column % 4 == 1); },
  };
  const Case c{"extreme", conv(1, 13, 14, 37, 6, 3, 1, 1), true, true, -128};
  for (const Signs x : patterns) {
    for (const Signs w : patterns) check(c, signedData(c, random, x, w));
  }
  for (const int extreme : {1, 2}) {
    for (const int32_t zero : {-128, 0, 127}) {
      check({"random", conv(1, 6, 7, 67, 37, 3, 1, 1), true, true, zero, -zero / 2, -128, 127, extreme},
            random);
    }
  }
}

// The deepest sums that 30 bits hold: multipliers show them to a unit.
TEST(WinogradS8, DeepestSums) {
  Random random;
  Case c{"deepest", conv(1, 4, 4, WinogradS8::kMostChannels, 2, 3, 1, 1), false, false, 0, 0};
  for (const bool positive : {false, true}) {
    Data d = makeData(c, random);
    for (int8_t& x : d.x) x = -128;
    for (int8_t& w : d.weights) w = positive ? -128 : 127;
    for (float& m : d.quant.multipliers) m = 0x1p-23f;
    check(c, d);
  }
  c.shape.c += 1;
  EXPECT_FALSE(winogradAppliesS8(c.shape));
}

// Where a direct sum is faster, it stays.
TEST(WinogradS8, Choice) {
  const auto chosen = [](const ConvShape& shape, IsaLevel level) {
    return chooseWinogradS8(shape, winogradKernelS8(level), level);
  };
  const ConvShape large = conv(1, 56, 56, 128, 128, 3, 1, 1), small = conv(1, 7, 7, 512, 512, 3, 1, 1);
  EXPECT_FALSE(chosen(large, IsaLevel::scalar)) << "scalar code is what others are compared to";
  EXPECT_FALSE(chosen(conv(1, 56, 56, 128, 128, 3, 2, 1), compiledIsaLevels().back()));
  EXPECT_FALSE(chosen(conv(1, 56, 56, 128, 128, 1), compiledIsaLevels().back()));
  for (const WinogradKernelS8* kernel : winogradKernelsS8()) {
    switch (kernel->isa) {
      case IsaLevel::sse41:
      case IsaLevel::avx2:
      case IsaLevel::avx512:
        EXPECT_TRUE(chosen(large, kernel->isa) && chosen(small, kernel->isa)) << isaName(kernel->isa);
        break;
      case IsaLevel::avxvnni:
      case IsaLevel::avx512vnni:
        EXPECT_TRUE(chosen(large, kernel->isa)) << isaName(kernel->isa);
        EXPECT_FALSE(chosen(small, kernel->isa)) << isaName(kernel->isa);
        break;
      case IsaLevel::amx:
      case IsaLevel::neondot:
      case IsaLevel::neoni8mm: EXPECT_FALSE(chosen(large, kernel->isa)) << isaName(kernel->isa); break;
      default: break;
    }
  }
}

TEST(WinogradS8, LevelsHere) {
  int levels = 0;
  for (const WinogradKernelS8* kernel : winogradKernelsS8()) levels += runsHere(*kernel);
  EXPECT_GE(levels, 2) << "only the scalar level was tested";
}

}  // namespace
}  // namespace qrt::test
