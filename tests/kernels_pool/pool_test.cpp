#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "support/cpu_float_check.h"

namespace qrt {
namespace {

using test::expectCpuFloat;
using test::randomTensor;

// Sums of k values in [−2, 2] in another order.
test::Tolerance averageTolerance(const PoolAttrs& attrs) {
  return {2, 2e-7 * std::sqrt(attrs.kernel[0] * attrs.kernel[1]) / 2};
}

void expectBoth(const PoolAttrs& attrs, const Shape& shape) {
  const auto x = randomTensor(shape, 1);
  expectCpuFloat(OpType::MaxPool, attrs, {x}, {});
  if (attrs.dilations == std::array{1, 1}) {
    expectCpuFloat(OpType::AveragePool, attrs, {x}, averageTolerance(attrs));
    PoolAttrs padded = attrs;
    padded.countIncludePad = true;
    expectCpuFloat(OpType::AveragePool, padded, {x}, averageTolerance(attrs));
  }
}

TEST(Pool, EveryNumberOfChannelsAroundTheVectorWidths) {
  for (int64_t c = 1; c <= 33; ++c) expectBoth({.kernel = {2, 3}, .pads = {1, 1, 0, 1}}, {1, 3, 4, c});
  for (const int64_t c : {63, 64, 65, 80, 127, 131}) {
    expectBoth({.kernel = {3, 3}, .strides = {2, 2}, .pads = {1, 1, 1, 1}}, {1, 5, 6, c});
  }
}

TEST(Pool, WindowsOfAllKinds) {
  expectBoth({.kernel = {3, 3}, .strides = {2, 2}, .pads = {0, 0, 1, 1}}, {2, 14, 13, 20});
  expectBoth({.kernel = {2, 2}, .strides = {2, 2}, .ceilMode = true}, {1, 7, 9, 17});
  expectBoth({.kernel = {3, 3}, .strides = {2, 2}, .pads = {1, 1, 1, 1}, .ceilMode = true},
             {1, 8, 8, 5});
  expectBoth({.kernel = {1, 1}}, {1, 3, 3, 7});
  expectBoth({.kernel = {1, 1}, .strides = {3, 2}}, {1, 7, 7, 7});
  expectBoth({.kernel = {5, 1}, .pads = {2, 0, 2, 0}}, {1, 5, 3, 6});
  expectBoth({.kernel = {3, 2}, .dilations = {2, 3}, .pads = {1, 0, 2, 1}}, {1, 8, 9, 11});
  expectBoth({.kernel = {2, 2}, .dilations = {6, 6}, .pads = {5, 5, 5, 5}}, {1, 1, 1, 3});
}

TEST(Pool, WholeImages) {
  expectBoth({.kernel = {7, 7}}, {1, 7, 7, 1024});
  expectBoth({.kernel = {1, 4}}, {3, 1, 4, 100});
  expectBoth({.kernel = {56, 56}}, {1, 56, 56, 70});
}

TEST(Pool, ManyTasks) {
  expectBoth({.kernel = {3, 3}, .strides = {2, 2}, .pads = {1, 1, 1, 1}}, {1, 112, 112, 64});
}

TEST(Pool, NoImages) { expectBoth({.kernel = {2, 2}}, {0, 4, 4, 3}); }

TEST(Pool, SpecialValues) {
  constexpr float kInf = std::numeric_limits<float>::infinity();
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  const auto x = test::floats({1, 2, 4, 1}, {kNan, 1, -kInf, -kInf, kNan, kNan, -kInf, 3e38f});
  expectCpuFloat(OpType::MaxPool, PoolAttrs{.kernel = {2, 1}}, {x}, {});
  expectCpuFloat(OpType::AveragePool, PoolAttrs{.kernel = {2, 1}}, {x}, {});
}

}  // namespace
}  // namespace qrt
