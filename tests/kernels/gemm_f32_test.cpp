// Every microkernel of every level, called directly through the table.
#include "kernels/gemm/gemm_f32.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "support/guarded_buffer.h"

namespace qrt {
namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();

struct TileCase {
  int m, n;
  int64_t taps, k;
  bool bias, residual;
  float low, high;
};

// Small whole numbers, whose sums of products f32 holds exactly: any order of summation must give
// the same bits.
class TileTester {
 public:
  explicit TileTester(const GemmKernelF32& kernel) : kernel_(kernel) {}

  void check(const TileCase& c) {
    SCOPED_TRACE(testing::Message() << isaName(kernel_.isa) << " m " << c.m << " n " << c.n
                                    << " taps " << c.taps << " k " << c.k);
    const auto floats = [](int64_t count) { return static_cast<size_t>(count) * sizeof(float); };
    const test::GuardedBuffer a(floats(c.m * c.taps * c.k)),
        panel(floats(c.taps * c.k * kernel_.nr)), bias(floats(c.n)), residual(floats(c.m * c.n)),
        out(floats(c.m * c.n));
    for (const auto* buffer : {&a, &panel, &bias, &residual}) {
      for (float& value : buffer->span<float>()) value = static_cast<float>(whole_(random_));
    }
    std::vector<const float*> rows(static_cast<size_t>(c.taps * kernel_.mr));
    std::vector<int64_t> dst(static_cast<size_t>(c.m));
    for (int i = 0; i < c.m; ++i) {
      // Rows of the output stand in reverse order, dense, so that neighbours guard each other.
      dst[static_cast<size_t>(i)] = (c.m - 1 - i) * c.n;
      for (int64_t t = 0; t < c.taps; ++t) {
        rows[static_cast<size_t>(t * kernel_.mr + i)] = a.as<float>() + (t * c.m + i) * c.k;
      }
    }
    const GemmTileF32 tile = {rows.data(),
                              panel.as<float>(),
                              c.bias ? bias.as<float>() : nullptr,
                              c.residual ? residual.as<float>() : nullptr,
                              out.as<float>(),
                              dst.data(),
                              c.taps,
                              c.k,
                              c.n,
                              c.low,
                              c.high};
    kernel_(tile, c.m);
    ASSERT_TRUE(out.frontIntact());
    for (int i = 0; i < c.m; ++i) {
      for (int j = 0; j < c.n; ++j) {
        double sum = c.bias ? bias.as<float>()[j] : 0;
        for (int64_t t = 0; t < c.taps; ++t) {
          for (int64_t k = 0; k < c.k; ++k) {
            sum += static_cast<double>(rows[static_cast<size_t>(t * kernel_.mr + i)][k]) *
                   panel.as<float>()[(t * c.k + k) * kernel_.nr + j];
          }
        }
        const int64_t at = dst[static_cast<size_t>(i)] + j;
        if (c.residual) sum += residual.as<float>()[at];
        sum = std::min<double>(std::max<double>(sum, c.low), c.high);
        ASSERT_EQ(out.as<float>()[at], sum) << "row " << i << " column " << j;
      }
    }
  }

 private:
  const GemmKernelF32& kernel_;
  std::mt19937 random_{20};
  std::uniform_int_distribution<int> whole_{-8, 8};
};

TEST(GemmF32, EveryVariantOfEveryLevelIsExactOnWholeNumbers) {
  int levels = 0;
  for (const GemmKernelF32* kernel : gemmKernelsF32()) {
    if (!isaAvailable(kernel->isa, readCpu())) continue;
    ++levels;
    TileTester tester(*kernel);
    for (int m = 1; m <= kernel->mr; ++m) {
      for (int n = 1; n <= kernel->nr; ++n) {
        tester.check({m, n, 1, 7, true, true, -50, 60});
        tester.check({m, n, 3, 5, false, false, -kInf, kInf});
      }
    }
    for (const int64_t k : {0, 1, 2, 3, 4, 16, 17, 97}) {
      tester.check({kernel->mr, kernel->nr, 1, k, true, false, -kInf, kInf});
      tester.check({1, kernel->nr - 1, 2, k, false, true, 0, kInf});
    }
    tester.check({kernel->mr, kernel->nr, 0, 9, true, false, -kInf, kInf});
  }
  EXPECT_GE(levels, 2) << "only the scalar level was tested";
}

TEST(GemmF32, NanOfInputsReachesTheOutputThroughTheClamp) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  for (const GemmKernelF32* kernel : gemmKernelsF32()) {
    if (!isaAvailable(kernel->isa, readCpu())) continue;
    const std::vector<float> panel(static_cast<size_t>(kernel->nr), 1.0f);
    std::vector<float> out(static_cast<size_t>(kernel->nr));
    const float* row = &nan;
    const int64_t dst = 0;
    (*kernel)({&row, panel.data(), nullptr, nullptr, out.data(), &dst, 1, 1, kernel->nr, 0, 6}, 1);
    for (const float value : out) EXPECT_TRUE(std::isnan(value)) << isaName(kernel->isa);
  }
}

TEST(GemmF32, PackedPanelsFollowTheDrawing) {
  // Weights [n = 5][taps = 2][k = 3] with nr = 4: two panels, the second with three columns of
  // zeros.
  std::vector<float> b(30);
  for (size_t i = 0; i < b.size(); ++i) b[i] = static_cast<float>(i + 1);
  const std::vector<int64_t> taps = {0, 3};
  const GemmBLayout layout = {taps, 3, 5, 1, 6};
  ASSERT_EQ(packedSizeF32(2, 3, 5, 4), 48);
  std::vector<float> panels(48, -1);
  packPanelsF32(layout, b.data(), 4, 0, 2, panels.data());
  for (size_t row = 0; row < 6; ++row) {
    for (size_t column = 0; column < 8; ++column) {
      const float want = column < 5 ? b[column * 6 + row] : 0;
      EXPECT_EQ(panels[(column / 4 * 6 + row) * 4 + column % 4], want) << row << ' ' << column;
    }
  }
}

}  // namespace
}  // namespace qrt
