// What the comparison of two models counts.
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "quantize/error_sums.h"

namespace qrt {
namespace {

TEST(ErrorSums, SqnrAndCosineAreTheFormulas) {
  ErrorSums sums;
  sums.add(std::vector<float>{3, 4}, std::vector<float>{3, 3});
  sums.add(std::vector<float>{0, -1}, std::vector<float>{1, -1});
  EXPECT_DOUBLE_EQ(sums.noise(), 2);
  EXPECT_DOUBLE_EQ(sums.sqnrDb(), 10 * std::log10(26.0 / 2));
  EXPECT_DOUBLE_EQ(sums.cosine(), 22 / std::sqrt(26.0 * 20));
}

TEST(ErrorSums, EqualValuesHaveNoNoise) {
  ErrorSums sums;
  sums.add(std::vector<float>{1e-30f, 2e-30f, 7}, std::vector<float>{1e-30f, 2e-30f, 7});
  EXPECT_EQ(sums.sqnrDb(), INFINITY);
  EXPECT_LE(sums.cosine(), 1);
}

// Integers at the ends of the range are not clipped where the float value is there too: the zeros of a ReLU.
TEST(ErrorSums, OnlyClippedValuesAreSaturated) {
  const QuantParams quant{{0.5f}, {-128}};
  const std::vector<float> wanted{0, 0, -0.2f, -0.3f, 127.5f, 127.7f, 127.8f, 200};
  std::vector<int8_t> found(wanted.size());
  quantizeValues(wanted, quant, found);
  EXPECT_EQ(found, (std::vector<int8_t>{-128, -128, -128, -128, 127, 127, 127, 127}));
  ErrorSums sums;
  sums.add(wanted, found, quant);
  EXPECT_DOUBLE_EQ(sums.saturation(), 3.0 / 8);
}

}  // namespace
}  // namespace qrt
