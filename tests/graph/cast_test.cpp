#include <gtest/gtest.h>

#include <limits>

#include "base/half.h"
#include "support/one_op.h"

namespace qrt {
namespace {

using test::inferOne;
using test::shaped;
using test::tensorOf;
using test::valuesOne;

template <class To, class From>
std::vector<To> cast(const std::vector<From>& x, DType to = dtypeOf<To>,
                     DType from = dtypeOf<From>) {
  auto input = tensorOf<From>({static_cast<int64_t>(x.size())}, x);
  input.dtype = from;
  return valuesOne<To>(OpType::Cast, CastAttrs{to}, {input});
}

constexpr float kInf = std::numeric_limits<float>::infinity();
const float kNaN = std::numeric_limits<float>::quiet_NaN();

TEST(Cast, FloatToIntegerTruncatesAndSaturates) {
  EXPECT_EQ(cast<int8_t>(std::vector<float>{1.9f, -1.9f, 300, -300, kNaN, kInf, -kInf}),
            (std::vector<int8_t>{1, -1, 127, -128, 0, 127, -128}));
  EXPECT_EQ(cast<uint8_t>(std::vector<float>{-0.9f, -5, 255.9f, 1e9f}),
            (std::vector<uint8_t>{0, 0, 255, 255}));
  EXPECT_EQ(cast<int64_t>(std::vector<float>{1e30f, -1e30f, 0x1p62f, 0x1p63f}),
            (std::vector<int64_t>{INT64_MAX, INT64_MIN, int64_t{1} << 62, INT64_MAX}));
  EXPECT_EQ(cast<uint64_t>(std::vector<double>{1.5, -1, 0x1p63, 0x1p64}),
            (std::vector<uint64_t>{1, 0, uint64_t{1} << 63, UINT64_MAX}));
  EXPECT_EQ(cast<int32_t>(std::vector<double>{2147483647.5, -2147483648.5}),
            (std::vector<int32_t>{INT32_MAX, INT32_MIN}));
}

TEST(Cast, IntegersWrap) {
  EXPECT_EQ(cast<uint8_t>(std::vector<int32_t>{-1, 256, 7}), (std::vector<uint8_t>{255, 0, 7}));
  EXPECT_EQ(cast<int64_t>(std::vector<uint64_t>{UINT64_MAX, 3}), (std::vector<int64_t>{-1, 3}));
  EXPECT_EQ(cast<float>(std::vector<uint64_t>{UINT64_MAX})[0], 0x1p64f);
  EXPECT_EQ(cast<float>(std::vector<int64_t>{INT64_MIN, 5}), (std::vector<float>{-0x1p63f, 5}));
  EXPECT_EQ(cast<double>(std::vector<int8_t>{-128}), (std::vector<double>{-128}));
}

TEST(Cast, Booleans) {
  EXPECT_EQ(cast<uint8_t>(std::vector<float>{0, -0.f, 0.1f, kNaN}, DType::boolean),
            (std::vector<uint8_t>{0, 0, 1, 1}));
  EXPECT_EQ(cast<uint8_t>(std::vector<int32_t>{0, 256}, DType::boolean),
            (std::vector<uint8_t>{0, 1}));
  // A byte that is not 0 or 1, as a broken file may have it.
  EXPECT_EQ(cast<float>(std::vector<uint8_t>{0, 1, 7}, DType::f32, DType::boolean),
            (std::vector<float>{0, 1, 1}));
}

TEST(Cast, SixteenBitFloatsRoundOnce) {
  EXPECT_EQ(float(cast<Half>(std::vector<float>{1e6f})[0]), kInf);
  EXPECT_EQ(float(cast<Half>(std::vector<int32_t>{-7})[0]), -7);
  EXPECT_EQ(cast<float>(std::vector<Half>{Half(0.5f)})[0], 0.5f);
  EXPECT_EQ(cast<int16_t>(std::vector<BFloat16>{BFloat16(-3.5f)})[0], -3);
  // Just above a tie between 1 and 1 + 2^-10: rounding to float first would give the tie, then 1.
  EXPECT_EQ(float(cast<Half>(std::vector<double>{1 + 0x1p-11 + 0x1p-40})[0]), 1 + 0x1p-10f);
  EXPECT_EQ(float(cast<Half>(std::vector<double>{1 + 0x1p-11})[0]), 1);
  EXPECT_EQ(float(cast<BFloat16>(std::vector<double>{-1 - 0x1p-8 - 0x1p-40})[0]), -1 - 0x1p-7f);
}

TEST(Cast, ManyElementsAndShapes) {
  std::vector<int32_t> x(1000);
  for (int i = 0; i < 1000; ++i) x[static_cast<size_t>(i)] = i * 3 - 500;
  const auto y = cast<double>(x);
  for (size_t i = 0; i < x.size(); ++i) ASSERT_EQ(y[i], x[i]);
  const auto unknown = inferOne(OpType::Cast, CastAttrs{DType::s64}, {shaped({-1, 2})});
  EXPECT_EQ(unknown->shape, (Shape{-1, 2}));
  EXPECT_EQ(unknown->dtype, DType::s64);
  QRT_EXPECT_ERROR(inferOne(OpType::Cast, CastAttrs{static_cast<DType>(99)}, {shaped({1})}),
                   "number 99");
}

}  // namespace
}  // namespace qrt
