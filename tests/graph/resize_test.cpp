// Resize against the formulas of the ONNX operator reference, written down anew for one dimension,
// and against the examples there for two.
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "base/half.h"
#include "support/one_op.h"

namespace qrt {
namespace {

using test::absentInput;
using test::floats;
using test::inferOne;
using test::ints;
using test::shaped;
using test::shapeOne;
using test::tensorOf;
using test::TestTensor;
using test::valuesOne;

using Floats = std::vector<float>;
using Coordinates = ResizeCoordinates;

TestTensor scales(const Floats& values) {
  return floats({static_cast<int64_t>(values.size())}, values);
}

constexpr Coordinates kCoordinates[] = {Coordinates::halfPixel, Coordinates::pytorchHalfPixel,
                                        Coordinates::alignCorners, Coordinates::asymmetric,
                                        Coordinates::tfHalfPixelForNearest};

// The input coordinate as a fraction of integers, divided once: so that ties are ties.
long double original(Coordinates c, int64_t x, int64_t in, int64_t out) {
  const auto fraction = [](int64_t p, int64_t q) {
    return static_cast<long double>(p) / static_cast<long double>(q);
  };
  switch (c) {
    case Coordinates::pytorchHalfPixel:
      if (out == 1) return 0;
      [[fallthrough]];
    case Coordinates::halfPixel:
      return fraction((2 * x + 1) * in - out, 2 * out);
    case Coordinates::alignCorners:
      return out == 1 ? 0 : fraction(x * (in - 1), out - 1);
    case Coordinates::asymmetric:
      return fraction(x * in, out);
    case Coordinates::tfHalfPixelForNearest:
      return fraction((2 * x + 1) * in, 2 * out);
  }
  return 0;
}

long double sample(const Floats& x, int64_t i) {
  const auto last = static_cast<int64_t>(x.size()) - 1;
  return static_cast<long double>(x[static_cast<size_t>(std::min(std::max<int64_t>(i, 0), last))]);
}

long double expected(const ResizeAttrs& attrs, const Floats& x, int64_t i, int64_t out) {
  const auto n = static_cast<int64_t>(x.size());
  const long double at = original(attrs.coordinates, i, n, out);
  if (attrs.mode == ResizeMode::linear) {
    const auto left = static_cast<int64_t>(std::floor(at));
    const long double t = at - static_cast<long double>(left);
    return sample(x, left) * (1 - t) + sample(x, left + 1) * t;
  }
  if (attrs.mode == ResizeMode::cubic) {
    // Keys' kernel W(d), weights of the four neighbours by their distance.
    const long double a = static_cast<long double>(attrs.cubicCoefficient);
    long double sum = 0, weights = 0;
    for (int64_t j = static_cast<int64_t>(std::floor(at)) - 1; j <= std::floor(at) + 2; ++j) {
      const long double d = std::abs(at - static_cast<long double>(j));
      long double w = d <= 1 ? (a + 2) * d * d * d - (a + 3) * d * d + 1
                             : a * d * d * d - 5 * a * d * d + 8 * a * d - 4 * a;
      if (attrs.excludeOutside && (j < 0 || j >= n)) w = 0;
      sum += w * sample(x, j);
      weights += w;
    }
    return attrs.excludeOutside ? sum / weights : sum;
  }
  const long double low = std::floor(at), rest = at - low;
  long double nearest = low;
  switch (attrs.rounding) {
    case ResizeRounding::preferFloor:
      nearest += rest > 0.5L ? 1 : 0;
      break;
    case ResizeRounding::preferCeil:
      nearest += rest >= 0.5L ? 1 : 0;
      break;
    case ResizeRounding::floor:
      break;
    case ResizeRounding::ceil:
      nearest = std::ceil(at);
      break;
  }
  return sample(x, static_cast<int64_t>(nearest));
}

void checkOneDimension(const ResizeAttrs& attrs) {
  for (int64_t in = 1; in <= 7; ++in) {
    for (int64_t out = 1; out <= 13; ++out) {
      Floats x(static_cast<size_t>(in));
      for (size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>((i * 7 + 3) % 11);
      const auto y =
          valuesOne<float>(OpType::Resize, attrs, {floats({in}, x), absentInput(), ints({out})});
      ASSERT_EQ(static_cast<int64_t>(y.size()), out);
      for (int64_t i = 0; i < out; ++i) {
        ASSERT_NEAR(y[static_cast<size_t>(i)], static_cast<double>(expected(attrs, x, i, out)),
                    1e-5)
            << in << " to " << out << " at " << i << ", mode " << static_cast<int>(attrs.mode)
            << ", coordinates " << static_cast<int>(attrs.coordinates) << ", rounding "
            << static_cast<int>(attrs.rounding);
      }
    }
  }
}

TEST(Resize, NearestInEveryCoordinateAndRoundingMode) {
  for (const Coordinates c : kCoordinates) {
    for (const auto r : {ResizeRounding::preferFloor, ResizeRounding::preferCeil,
                         ResizeRounding::floor, ResizeRounding::ceil}) {
      checkOneDimension({ResizeMode::nearest, c, r});
    }
  }
}

TEST(Resize, LinearAndCubicInEveryCoordinateMode) {
  for (const Coordinates c : kCoordinates) {
    ResizeAttrs attrs{ResizeMode::linear, c};
    checkOneDimension(attrs);
    attrs.mode = ResizeMode::cubic;
    checkOneDimension(attrs);
    attrs.cubicCoefficient = -0.5f;
    attrs.excludeOutside = true;
    checkOneDimension(attrs);
  }
}

// The float nearest to 5/3 is below it: positions must come out as if it were 5/3 all the same.
TEST(Resize, ScalesThatAreRoundedRatios) {
  Floats x(6);
  std::iota(x.begin(), x.end(), 0.0f);
  const ResizeAttrs attrs{ResizeMode::nearest, Coordinates::asymmetric, ResizeRounding::floor};
  EXPECT_EQ(valuesOne<float>(OpType::Resize, attrs, {floats({6}, x), scales({5.0f / 3})}),
            (Floats{0, 0, 1, 1, 2, 3, 3, 4, 4, 5}));
}

void expectNear(const Floats& y, const Floats& wanted) {
  ASSERT_EQ(y.size(), wanted.size());
  for (size_t i = 0; i < y.size(); ++i) EXPECT_NEAR(y[i], wanted[i], 1e-6) << i;
}

TEST(Resize, ExamplesOfTheOperatorReference) {
  const auto small = floats({1, 2, 2, 1}, {1, 2, 3, 4});
  expectNear(
      valuesOne<float>(OpType::Resize, ResizeAttrs{ResizeMode::linear},
                       {small, scales({1, 2, 2, 1})}),
      {1, 1.25f, 1.75f, 2, 1.5f, 1.75f, 2.25f, 2.5f, 2.5f, 2.75f, 3.25f, 3.5f, 3, 3.25f, 3.75f, 4});
  expectNear(
      valuesOne<float>(OpType::Resize, ResizeAttrs{ResizeMode::linear, Coordinates::alignCorners},
                       {small, scales({1, 2, 2, 1})}),
      {1, 4 / 3.f, 5 / 3.f, 2, 5 / 3.f, 2, 7 / 3.f, 8 / 3.f, 7 / 3.f, 8 / 3.f, 3, 10 / 3.f, 3,
       10 / 3.f, 11 / 3.f, 4});
  expectNear(valuesOne<float>(OpType::Resize, ResizeAttrs{}, {small, scales({1, 2, 3, 1})}),
             {1, 1, 1, 2, 2, 2, 1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4, 3, 3, 3, 4, 4, 4});
  Floats x(16);
  std::iota(x.begin(), x.end(), 1.0f);
  const auto large = floats({1, 1, 4, 4}, x);
  expectNear(valuesOne<float>(OpType::Resize, ResizeAttrs{ResizeMode::cubic},
                              {large, scales({1, 1, 0.8f, 0.8f})}),
             {1.47119141f, 2.78125f, 4.08251953f, 6.71142578f, 8.02148438f, 9.32275391f,
              11.91650391f, 13.2265625f, 14.52783203f});
  expectNear(valuesOne<float>(
                 OpType::Resize, ResizeAttrs{ResizeMode::linear},
                 {floats({1, 1, 2, 4}, {1, 2, 3, 4, 5, 6, 7, 8}), scales({1, 1, 0.6f, 0.6f})}),
             {2.6666665f, 4.3333331f});
}

TEST(Resize, OtherTypes) {
  EXPECT_EQ(valuesOne<uint8_t>(OpType::Resize, ResizeAttrs{ResizeMode::linear},
                               {tensorOf<uint8_t>({2}, {3, 3}), absentInput(), ints({7})}),
            (std::vector<uint8_t>(7, 3)));
  EXPECT_EQ(valuesOne<int64_t>(OpType::Resize, ResizeAttrs{},
                               {tensorOf<int64_t>({2}, {INT64_MAX, 1}), absentInput(), ints({3})}),
            (std::vector<int64_t>{INT64_MAX, INT64_MAX, 1}));
  EXPECT_EQ(float(valuesOne<Half>(OpType::Resize, ResizeAttrs{ResizeMode::linear},
                                  {tensorOf<Half>({2}, {Half(1), Half(2)}), scales({2})})[1]),
            1.25f);
}

TEST(Resize, ShapesAndRefusals) {
  const ResizeAttrs attrs;
  const auto open = shaped({4}, DType::s64);
  EXPECT_EQ(shapeOne(OpType::Resize, attrs, {shaped({-1, 5, 5, 3}), scales({1, 2, 1.5f, 1})}),
            (Shape{-1, 10, 7, 3}));
  EXPECT_EQ(shapeOne(OpType::Resize, attrs, {shaped({-1, 5}), absentInput(), ints({2, 9})}),
            (Shape{2, 9}));
  EXPECT_EQ(shapeOne(OpType::Resize, attrs, {shaped({1, 5, 5, 3}), scales({}), open}),
            (Shape{-1, -1, -1, -1}));
  EXPECT_EQ(shapeOne(OpType::Resize, attrs, {shaped(Shape::unranked()), absentInput(), open}),
            (Shape{-1, -1, -1, -1}));
  const auto byScales = [&](const Shape& in, const Floats& s) {
    return inferOne(OpType::Resize, attrs, {shaped(in), scales(s)});
  };
  QRT_EXPECT_ERROR(byScales({4}, {-1}), "dimension 0: scale -1");
  QRT_EXPECT_ERROR(byScales({4}, {NAN}), "scale nan");
  QRT_EXPECT_ERROR(byScales({4}, {1e30f}), "too large");
  QRT_EXPECT_ERROR(byScales({4, 4}, {2}), "1 scales for shape 4x4");
  QRT_EXPECT_ERROR(byScales({4}, {}), "found none");
  const auto bySizes = [&](const Shape& in, const std::vector<int64_t>& s) {
    return inferOne(OpType::Resize, attrs, {shaped(in), absentInput(), ints(s)});
  };
  QRT_EXPECT_ERROR(bySizes({4}, {-1}), "size -1");
  QRT_EXPECT_ERROR(bySizes({4}, {INT64_MAX}), "size 9223372036854775807");
  QRT_EXPECT_ERROR(bySizes({0}, {4}), "is empty and cannot grow");
  QRT_EXPECT_ERROR(bySizes({4, 4}, {1 << 30, 1 << 30}), "too many elements");
  QRT_EXPECT_ERROR(inferOne(OpType::Resize, attrs, {shaped({4}), scales({2}), ints({8})}),
                   "found both");
}

}  // namespace
}  // namespace qrt
