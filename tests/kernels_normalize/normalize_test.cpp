// Normalizations and softmax.
#include <gtest/gtest.h>

#include <limits>

#include "support/cpu_float_check.h"

namespace qrt {
namespace {

using test::absentInput;
using test::expectCpuFloat;
using test::randomTensor;

void expectSoftmax(const Shape& shape, int axis, float range = 4) {
  const auto x = randomTensor(shape, 1, -range, range);
  // Rounding x − max, which reaches 2·range, moves its exponential by as many half ulps.
  expectCpuFloat(OpType::Softmax, AxisAttrs{axis}, {x}, {8 + static_cast<double>(range), 1e-37});
  // x − max − ln Σ: as exact as its largest term.
  expectCpuFloat(OpType::LogSoftmax, AxisAttrs{axis}, {x}, {2, 4e-7 * (1 + range)});
}

TEST(Softmax, EveryLengthAroundTheVectorWidths) {
  for (int64_t n = 1; n <= 70; ++n) {
    expectSoftmax({3, n}, 1);
    expectSoftmax({n, 2}, 1);
    expectSoftmax({2, 5, n}, 1);
  }
}

TEST(Softmax, RealLayers) {
  expectSoftmax({1, 1001}, -1, 30);
  expectSoftmax({1, 4420, 2}, 2);
  expectSoftmax({1, 21, 65, 64}, 1);
  expectSoftmax({0, 4}, 1);
  expectSoftmax({4, 0}, 1);
}

TEST(Softmax, SpecialValues) {
  constexpr float kInf = std::numeric_limits<float>::infinity();
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  const auto rows = test::floats(
      {6, 3}, {1, -kInf, 2, kInf, 1, 2, kNan, 1, 2, -kInf, -kInf, -kInf, 3e38f, -3e38f, 0, 1, 1, kNan});
  expectCpuFloat(OpType::Softmax, AxisAttrs{1}, {rows}, {4});
  expectCpuFloat(OpType::Softmax, AxisAttrs{0}, {rows}, {4});
  std::vector<float> row(50, 1.0f);
  for (const float special : {kInf, -kInf, kNan}) {
    row[17] = special;
    expectCpuFloat(OpType::Softmax, AxisAttrs{1}, {test::floats({1, 50}, row)}, {4});
    expectCpuFloat(OpType::LogSoftmax, AxisAttrs{1}, {test::floats({1, 50}, row)}, {4});
  }
}

TEST(Normalize, BatchNormalization) {
  for (const int64_t c : {1, 3, 7, 16, 17, 33, 64, 100}) {
    const std::vector<test::TestTensor> channels = {
        randomTensor({c}, 2), randomTensor({c}, 3), randomTensor({c}, 4),
        randomTensor({c}, 5, 0.01f, 2)};
    for (const auto& [shape, axis] : std::vector<std::pair<Shape, int>>{
             {{2, 5, 3, c}, 3}, {{2, c, 5, 3}, 1}, {{3, c}, 1}, {{0, c}, -1}, {{1, c, 50, 70}, 1}}) {
      auto inputs = channels;
      inputs.insert(inputs.begin(), randomTensor(shape, 1));
      expectCpuFloat(OpType::BatchNormalization, NormAttrs{1e-3f, axis}, inputs, {4, 4e-6});
    }
  }
}

TEST(Normalize, InstanceNormalization) {
  for (const int64_t c : {1, 3, 7, 16, 17, 33, 64}) {
    const auto scale = randomTensor({c}, 2);
    const auto bias = randomTensor({c}, 3);
    // Far from 0, where squares of sums would cancel.
    for (const float offset : {0.0f, 100.0f}) {
      for (const auto& [shape, axis] : std::vector<std::pair<Shape, int>>{
               {{2, 9, 8, c}, 3}, {{2, c, 9, 8}, 1}, {{1, 40, 41, c}, -1}}) {
        const auto x = randomTensor(shape, 1, offset - 2, offset + 2);
        expectCpuFloat(OpType::InstanceNormalization, NormAttrs{1e-5f, axis}, {x, scale, bias},
                       {8, offset == 0 ? 4e-6 : 1e-4});
      }
    }
  }
  test::expectCpuFloatRefuses(
      OpType::InstanceNormalization, NormAttrs{1e-5f, 2},
      {randomTensor({2, 3, 4, 5}, 1), randomTensor({4}, 2), randomTensor({4}, 3)},
      "has dims on both sides");
}

TEST(Normalize, LayerNormalization) {
  for (int64_t n = 1; n <= 40; ++n) {
    const auto x = randomTensor({3, n}, 1);
    const NormAttrs attrs{1e-5f, -1};
    const auto scale = randomTensor({n}, 2);
    // A row of one or two nearly equal values: errors are divided by a small deviation.
    expectCpuFloat(OpType::LayerNormalization, attrs, {x, scale, randomTensor({n}, 3)}, {8, 2e-5});
    expectCpuFloat(OpType::LayerNormalization, attrs, {x, scale}, {8, 2e-5});
  }
  expectCpuFloat(OpType::LayerNormalization, NormAttrs{1e-5f, 2},
                 {randomTensor({2, 50, 10, 77}, 1), randomTensor({10, 77}, 2)}, {8, 4e-6});
  expectCpuFloat(OpType::LayerNormalization, NormAttrs{1e-5f, 1},
                 {randomTensor({2, 9000}, 1), randomTensor({9000}, 2)}, {8, 4e-6});
}

TEST(Normalize, Lrn) {
  for (int64_t c = 1; c <= 35; ++c) {
    for (const int size : {1, 2, 5, 8}) {
      const auto x = randomTensor({2, 3, 4, c}, 1, -20, 20);
      expectCpuFloat(OpType::Lrn, LrnAttrs{size, 0.3f, 0.75f, 1.5f, 3}, {x}, {24});
    }
  }
  expectCpuFloat(OpType::Lrn, LrnAttrs{5, 1e-4f, 0.75f, 1, -1}, {randomTensor({1, 27, 27, 96}, 2)},
                 {24});
  test::expectCpuFloatRefuses(OpType::Lrn, LrnAttrs{.size = 3, .axis = 1},
                              {randomTensor({1, 4, 3, 3}, 1)}, "is not the last");
}

}  // namespace
}  // namespace qrt
