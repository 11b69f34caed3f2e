// The algorithm itself: the matrices in double, and the errors that its tile sizes have in float.
#include "kernels/winograd/winograd.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

#include "kernels_winograd/run_winograd.h"

namespace qrt {
namespace {

using test::forEachTileSize;

// The transforms in one direction as winograd.h defines them, without the pairing of points.
struct Matrices {
  std::vector<std::vector<double>> a, bt;  // [alpha][m], [alpha][alpha]

  explicit Matrices(const Winograd& w) {
    std::vector<double> points = {0};
    for (int p = 0; p < w.pairs; ++p) {
      points.push_back(w.point[p]);
      points.push_back(-w.point[p]);
    }
    for (size_t j = 0; j <= points.size(); ++j) {
      std::vector<double> powers(static_cast<size_t>(w.m)), product = {1};
      const bool infinite = j == points.size();
      for (int i = 0; i < w.m; ++i)
        powers[static_cast<size_t>(i)] = infinite ? i == w.m - 1 : std::pow(points[j], i);
      for (size_t k = 0; k < points.size(); ++k) {
        if (k == j) continue;
        product.insert(product.begin(), 0.0);
        for (size_t i = 0; i + 1 < product.size(); ++i) product[i] -= points[k] * product[i + 1];
      }
      product.resize(static_cast<size_t>(w.alpha()));
      a.push_back(powers);
      bt.push_back(product);
    }
  }
};

TEST(Winograd, ExistsForWindowsOfTwoToSeven) {
  for (int r = 0; r < 10; ++r) {
    int sizes = 0;
    for (int m = 0; m < 10; ++m) sizes += winogradExists(m, r) ? 1 : 0;
    EXPECT_EQ(sizes > 0, r >= 2 && r <= 7) << r;
  }
  EXPECT_FALSE(winogradExists(1, 3));
  EXPECT_FALSE(winogradExists(3, 3));  // odd
  EXPECT_FALSE(winogradExists(8, 3));
}

TEST(Winograd, MatricesGiveTheConvolution) {
  std::mt19937 random(1);
  std::uniform_real_distribution<double> uniform(-1, 1);
  forEachTileSize([&](int m, int r) {
    const Winograd w = winograd(m, r);
    const Matrices matrices(w);
    std::vector<double> d(static_cast<size_t>(w.alpha())), g(static_cast<size_t>(r));
    for (double& x : d) x = uniform(random);
    for (double& x : g) x = uniform(random);
    for (size_t i = 0; i < static_cast<size_t>(m); ++i) {
      double want = 0, got = 0;
      for (size_t k = 0; k < g.size(); ++k) want += d[i + k] * g[k];
      for (size_t j = 0; j < d.size(); ++j) {
        double u = 0, v = 0;
        for (size_t k = 0; k < g.size(); ++k) u += w.g[j][k] * g[k];
        for (size_t k = 0; k < d.size(); ++k) v += matrices.bt[j][k] * d[k];
        got += matrices.a[j][i] * u * v;
      }
      EXPECT_NEAR(got, want, 1e-12) << "F(" << m << ", " << r << ") output " << i;
    }
  });
}

// Documented in docs/winograd.md, on which SessionOptions::winogradError rests.
TEST(Winograd, ErrorsAreAsExpected) {
  forEachTileSize([&](int m, int r) {
    const Winograd w = winograd(m, r);
    for (const int64_t c : {16, 256}) {
      const int64_t size = 4 * m;
      const test::WinogradCase winograd({.h = size + r - 1,
                                         .w = size + r - 1,
                                         .c = c,
                                         .oh = size,
                                         .ow = size,
                                         .o = 8,
                                         .kh = r,
                                         .kw = r},
                                        {}, false, false);
      for (const IsaLevel level : test::levelsHere()) {
        if (level > IsaLevel::avx512 && level < IsaLevel::neon) continue;  // the same float kernels
        const test::ErrorOf error = winograd.errorOf(winograd.run(m, level, 1));
        EXPECT_LE(error.rms, w.error(c))
            << "F(" << m << ", " << r << "), c " << c << ", " << isaName(level);
        EXPECT_GE(error.rms, w.error(c) / 8)
            << "F(" << m << ", " << r << "), c " << c << ", " << isaName(level);
      }
    }
  });
}

}  // namespace
}  // namespace qrt
