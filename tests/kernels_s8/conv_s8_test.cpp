// ConvS8 at every level here against a naive loop over the rules, byte for byte, with 1 and 2
// threads; every buffer ends at an inaccessible page.
#include <gtest/gtest.h>

#include "base/aligned_buffer.h"
#include "kernels_s8/conv_case.h"

namespace qrt::test {
namespace {

void check(const Case& c, Random& random) {
  SCOPED_TRACE(testing::Message() << c.name << " c " << c.shape.c << " o " << c.shape.o << " w "
                                  << c.shape.w << " seed " << kSeed);
  const Data d = makeData(c, random);
  const std::vector<int8_t> want = naiveConv(c, d);
  for (const GemmKernelS8* kernel : gemmKernelsS8()) {
    if (!runsHere(*kernel)) continue;
    for (const int threads : {1, 2}) {
      ConvS8 conv(c.shape, d.quant, *kernel, threads);
      const std::vector<int8_t> got = runConv(conv, c, d, threads);
      ASSERT_EQ(got.size(), want.size());
      for (size_t i = 0; i < want.size(); ++i) {
        ASSERT_EQ(int{got[i]}, int{want[i]}) << isaName(kernel->isa) << " threads " << threads
                                             << " at " << i << " of " << want.size();
      }
    }
  }
}

TEST(ConvS8, PointwiseOfAllTailSizes) {
  Random random;
  for (int64_t w = 1; w <= 33; ++w) check({"by pixels", conv(1, 1, w, 19, 33, 1)}, random);
  for (int64_t o = 1; o <= 65; ++o) {
    check({"by outputs", conv(1, 3, 5, 11, o, 1), true, true, 9, -7, -100, 50}, random);
  }
  for (int64_t c = 1; c <= 67; ++c) check({"by inputs", conv(2, 3, 3, c, 24, 1, 2), false}, random);
  for (const int64_t c : {96, 127, 128, 129, 251, 512}) {
    check({"long", conv(1, 1, 29, c, 37, 1), true, true}, random);
  }
}

TEST(ConvS8, ExtremeValues) {
  Random random;
  for (const int extreme : {1, 2}) {
    for (const int32_t zero : {-128, 0, 127}) {
      check({"1x1", conv(1, 3, 5, 67, 37, 1), true, true, zero, -zero / 2, -128, 127, extreme},
            random);
      check({"3x3", conv(1, 5, 5, 33, 16, 3, 1, 1), true, false, zero, zero, 0, 0, extreme}, random);
      check({"one row", conv(1, 1, 1, 1024, 130, 1), true, false, zero, zero, 3, 90, extreme},
            random);
    }
  }
}

TEST(ConvS8, Windows) {
  Random random;
  for (const int64_t c : {1, 2, 3, 4, 5, 13, 16, 17, 32, 64}) {
    check({"3x3", conv(1, 9, 11, c, 20, 3, 1, 1)}, random);
    check({"3x3 s2", conv(2, 9, 8, c, 33, 3, 2, 1), true, true}, random);
    check({"3x3 dilated", conv(1, 13, 13, c, 8, 3, 1, 2, 1, 2)}, random);
  }
  check({"rgb 7x7 s2", conv(1, 23, 21, 3, 64, 7, 2, 3)}, random);
  check({"grey 5x5", conv(1, 10, 9, 1, 8, 5, 1, 2)}, random);
  check({"pads beyond the image", conv(1, 2, 2, 13, 5, 3, 1, 4)}, random);
  check({"1x1 image", conv(1, 1, 1, 16, 16, 3, 1, 1)}, random);
  check({"1x1 with pads", conv(1, 3, 3, 8, 8, 1, 2, 1)}, random);
  check({"big", conv(1, 30, 30, 48, 72, 3, 1, 1), true, true}, random);
  ConvShape uneven = conv(1, 12, 7, 24, 7, 3, 2, 1);
  uneven.padTop = 0;
  uneven.padLeft = 3;
  check({"uneven pads", uneven}, random);
}

TEST(ConvS8, Groups) {
  Random random;
  check({"2 groups", conv(1, 7, 7, 24, 38, 3, 1, 1, 2), true, true}, random);
  check({"8 small groups", conv(2, 5, 5, 16, 24, 3, 1, 0, 8)}, random);
  check({"multiplier 3", conv(1, 6, 6, 5, 15, 3, 1, 1, 5)}, random);
  check({"reduction", conv(1, 4, 4, 20, 5, 1, 1, 0, 5)}, random);
}

TEST(ConvS8, Transposed) {
  Random random;
  for (const int64_t stride : {1, 2, 3}) {
    for (const int64_t k : {1, 2, 3, 4, 5}) {
      for (const int64_t groups : {1, 2}) {
        for (const int64_t dilation : {1, 2}) {
          ConvShape s = conv(1, 4, 5, 10, 14, k, stride, 1, groups, dilation);
          s.transposed = true;
          s.oh = std::max<int64_t>(1, (s.h - 1) * stride - 2 + (k - 1) * dilation + 1 + stride / 2);
          s.ow = std::max<int64_t>(1, (s.w - 1) * stride - 2 + (k - 1) * dilation + 1);
          check({"transposed", s}, random);
        }
      }
    }
  }
}

TEST(ConvS8, WeightsWithAZeroPoint) {
  Random random;
  for (const int32_t zeroW : {-128, -7, 1, 127}) {
    for (const int extreme : {0, 1}) {
      const auto shapes = [&](int64_t c) {
        const auto of = [&](const char* name, const ConvShape& shape, bool residual = false) {
          check({name, shape, true, residual, -zeroW / 2, 5, -128, 127, extreme, zeroW}, random);
        };
        of("1x1", conv(1, 5, 7, c, 37, 1), true);
        of("1x1 s2", conv(1, 5, 7, c, 40, 1, 2));
        of("3x3", conv(2, 6, 5, c, 33, 3, 1, 1));
        of("3x3 s2", conv(1, 9, 8, c, 16, 3, 2, 1), true);
        of("one row", conv(1, 1, 1, 8 * c, 70, 1));
        of("2 groups", conv(1, 5, 5, 2 * c, 14, 3, 1, 1, 2));
        ConvShape up = conv(1, 4, 5, c, 14, 3, 2, 1);
        up.transposed = true;
        up.oh = 8;
        up.ow = 9;
        of("transposed", up);
      };
      for (const int64_t c : {1, 3, 16, 24, 67, 128}) shapes(c);
    }
    check({"no bias", conv(1, 5, 6, 40, 17, 3, 1, 1), false, false, 127, 0, -128, 127, 0, zeroW}, random);
  }
}

TEST(ConvS8, NothingToComputeIsFine) {
  Random random;
  check({"batch 0", conv(0, 4, 4, 8, 8, 3)}, random);
  check({"batch 0, 1x1", conv(0, 4, 4, 8, 8, 1)}, random);
}

TEST(MatMulS8, BothZeroPointsCount) {
  Random random;
  const std::vector<int64_t> sizes = {1, 2, 15, 33, 70};
  for (const int64_t m : sizes) {
    for (const int64_t k : {int64_t{0}, int64_t{1}, int64_t{7}, int64_t{64}, int64_t{130}}) {
      const int64_t n = sizes[static_cast<size_t>(random.whole(0, 4))];
      const int extreme = static_cast<int>(m + k) % 2;
      const std::vector<int8_t> a = random.bytes(2 * m * k, -128, 127, extreme),
                                b = random.bytes(3 * k * n, -128, 127, extreme);
      ConvQuantS8 q{.zeroX = -128, .zeroB = extreme ? 127 : -9, .zeroY = 2};
      q.multipliers = {0.0031f};
      const MatMulShape shape = {m, k, n, {0, 1, 0}, {2, 1, 0}, 3};
      for (const GemmKernelS8* kernel : gemmKernelsS8()) {
        if (!runsHere(*kernel)) continue;
        ConvS8 product(shape, q, *kernel, 2);
        const GuardedBuffer packed(alignUp(product.packedBytes())), scratch(product.scratchBytes()),
            y(static_cast<size_t>(3 * m * n));
        const auto left = guarded(a), right = guarded(b);
        for (int64_t task = 0; task < product.packTasks(); ++task) {
          product.packAndFold(right.as<int8_t>(), packed.data(), task);
        }
        const ConvArgsS8 args = {left.as<int8_t>(), packed.data(), nullptr, y.as<int8_t>(),
                                 scratch.data()};
        for (int64_t task = 0; task < product.tasks(); ++task) product.run(args, task, 1);
        for (int64_t i = 0; i < 3 * m * n; ++i) {
          const int64_t matrix = i / (m * n), row = i / n % m, column = i % n;
          const int64_t aAt = shape.aIndex[static_cast<size_t>(matrix)] * m * k + row * k,
                        bAt = shape.bIndex[static_cast<size_t>(matrix)] * k * n + column;
          int64_t acc = 0;
          for (int64_t j = 0; j < k; ++j) {
            acc += (a[static_cast<size_t>(aAt + j)] - q.zeroX) *
                   (b[static_cast<size_t>(bAt + j * n)] - q.zeroB);
          }
          ASSERT_EQ(int{y.as<int8_t>()[i]}, int{requantizeNaively(acc, 0.0031f, nullptr, q)})
              << isaName(kernel->isa) << " m " << m << " k " << k << " n " << n << " at " << i
              << " seed " << kSeed;
        }
      }
    }
  }
}

TEST(GemmS8, LevelsHere) {
  int levels = 0;
  for (const GemmKernelS8* kernel : gemmKernelsS8()) levels += runsHere(*kernel);
  EXPECT_GE(levels, 2) << "only the scalar level was tested";
}

}  // namespace
}  // namespace qrt::test
