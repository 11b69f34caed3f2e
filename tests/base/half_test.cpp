#include "base/half.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace qrt {
namespace {

// The value of f16 bits by definition: sign, 5 bits of exponent, 10 of mantissa.
double valueOf(uint16_t bits) {
  const int exponent = (bits >> 10) & 31;
  const int mantissa = bits & 1023;
  const double magnitude = exponent == 0 ? std::ldexp(mantissa, -24)
                                         : std::ldexp(1024 + mantissa, exponent - 25);
  return (bits & 0x8000) != 0 ? -magnitude : magnitude;
}

Half fromBits(int bits) {
  Half half;
  half.bits = static_cast<uint16_t>(bits);
  return half;
}

TEST(Half, EveryFiniteValueRoundTrips) {
  for (int bits = 0; bits < 0x10000; ++bits) {
    if (((bits >> 10) & 31) == 31) continue;
    const float value = fromBits(bits);
    ASSERT_EQ(value, valueOf(static_cast<uint16_t>(bits))) << bits;
    ASSERT_EQ(Half(value).bits, bits) << bits;
  }
}

TEST(Half, RoundsToNearestEvenBetweenNeighbours) {
  for (int bits = 0; bits < 0x7bff; ++bits) {
    const float low = fromBits(bits);
    const float high = fromBits(bits + 1);
    const float middle = (low + high) / 2;
    ASSERT_EQ(Half(middle).bits, bits % 2 == 0 ? bits : bits + 1) << bits;
    ASSERT_EQ(Half(std::nextafter(middle, 0.0f)).bits, bits) << bits;
    ASSERT_EQ(Half(std::nextafter(middle, 1e9f)).bits, bits + 1) << bits;
  }
}

TEST(Half, SpecialValues) {
  const float infinity = std::numeric_limits<float>::infinity();
  EXPECT_EQ(Half(65519.996f).bits, 0x7bff);
  EXPECT_EQ(Half(65520.0f).bits, 0x7c00);
  EXPECT_EQ(Half(-infinity).bits, 0xfc00);
  EXPECT_EQ(float(fromBits(0x7c00)), infinity);
  EXPECT_TRUE(std::isnan(float(Half(std::nanf("")))));
  EXPECT_TRUE(std::signbit(float(Half(-0.0f))));
}

TEST(BFloat16, RoundsToNearestEven) {
  EXPECT_EQ(float(BFloat16(1.0f)), 1.0f);
  EXPECT_EQ(BFloat16(0x1.01p0f).bits, 0x3f80);       // tie, to even: down
  EXPECT_EQ(BFloat16(0x1.03p0f).bits, 0x3f82);       // tie, to even: up
  EXPECT_EQ(BFloat16(0x1.010002p0f).bits, 0x3f81);   // above the tie
  EXPECT_EQ(BFloat16(3.4028235e38f).bits, 0x7f80);   // rounds to infinity
  EXPECT_TRUE(std::isnan(float(BFloat16(std::nanf("")))));
}

}  // namespace
}  // namespace qrt
