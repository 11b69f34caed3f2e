// Int8 pools, means and Resize, against the reference kernels, byte for byte.
#include <gtest/gtest.h>

#include "support/run_s8.h"

namespace qrt::test {
namespace {

PoolAttrs pool(int32_t k, int32_t stride, int32_t pad, bool countPad = false, bool ceil = false) {
  return {.kernel = {k, k},
          .strides = {stride, stride},
          .pads = {pad, pad, pad, pad},
          .ceilMode = ceil,
          .countIncludePad = countPad};
}

TEST(WindowS8, PoolsOfEveryNumberOfChannels) {
  BytesS8 random;
  for (int64_t c = 1; c <= 67; ++c) {
    const auto x = random.tensor({1, 6, 7, c}, 0.05f, 21);
    expectAsReference(OpType::MaxPool, pool(3, 2, 1), {x}, resultS8(0.05f, 21), "maxpool_s8_nhwc_");
    expectAsReference(OpType::AveragePool, pool(3, 2, 1), {x}, resultS8(0.04f, -7),
                      "avgpool_s8_nhwc_");
  }
  for (const int64_t c : {127, 128, 129, 300, 1030}) {
    const auto x = random.tensor({1, 7, 7, c}, 0.05f, -128);
    for (const PoolTies ties : {PoolTies::away, PoolTies::up}) {
      PoolAttrs attrs = pool(4, 1, 0);
      attrs.ties = ties;
      expectAsReference(OpType::AveragePool, attrs, {x}, resultS8(0.05f, -128), "avgpool_s8_");
    }
    expectAsReference(OpType::AveragePool, pool(7, 1, 0), {x}, resultS8(0.03f, -128), "avgpool_");
    expectAsReference(OpType::MaxPool, pool(7, 1, 0), {x}, resultS8(0.05f, -128), "maxpool_");
  }
}

TEST(WindowS8, PoolsOfAllSorts) {
  BytesS8 random;
  for (const int32_t k : {1, 2, 3, 5}) {
    for (const int32_t stride : {1, 2, 3}) {
      for (const bool countPad : {false, true}) {
        for (const bool ceil : {false, true}) {
          const auto x = random.tensor({2, 11, 12, 20}, 0.05f, 100);
          const PoolAttrs attrs = pool(k, stride, k / 2, countPad, ceil);
          expectAsReference(OpType::AveragePool, attrs, {x}, resultS8(0.05f, 100), "avgpool_s8_");
          expectAsReference(OpType::MaxPool, attrs, {x}, resultS8(0.05f, 100), "maxpool_s8_");
        }
      }
    }
  }
  PoolAttrs dilated = pool(3, 1, 3);
  dilated.dilations = {4, 5};
  expectAsReference(OpType::MaxPool, dilated, {random.tensor({1, 9, 9, 18}, 0.1f, 0)},
                    resultS8(0.1f, 0), "maxpool_s8_");
  const auto big = random.tensor({1, 64, 64, 48}, 0.05f, 3);
  expectAsReference(OpType::AveragePool, pool(3, 1, 1), {big}, resultS8(0.05f, 3), "avgpool_s8_");
}

TEST(WindowS8, Means) {
  BytesS8 random;
  for (const auto& axes : std::vector<std::vector<int64_t>>{{1, 2}, {2, 1}, {1}, {-1}, {0, 1, 2, 3},
                                                            {}, {2, 3}, {0}}) {
    const auto x = random.tensor({2, 7, 5, 70}, 0.05f, -33);
    expectAsReference(OpType::ReduceMean, ReduceAttrs{axes, true}, {x}, resultS8(0.01f, 40),
                      "reducemean_s8_nhwc_");
    expectAsReference(OpType::ReduceMean, ReduceAttrs{axes, false}, {x}, resultS8(0.05f, -128),
                      "reducemean_s8_nhwc_");
  }
  // All at the ends of the range, where sums are largest.
  for (const int8_t end : {int8_t{-128}, int8_t{127}}) {
    TestTensor x = tensorOf({1, 300, 300, 3}, std::vector<int8_t>(270'000, end));
    x.quant = BytesS8::quant(0.1f, end < 0 ? 127 : -128);
    expectAsReference(OpType::ReduceMean, ReduceAttrs{{1, 2}, true}, {x}, resultS8(0.25f, 0),
                      "reducemean_s8_nhwc_");
  }
}

void resize(const Shape& in, const std::vector<int64_t>& sizes, ResizeMode mode,
            ResizeCoordinates coordinates, BytesS8& random) {
  const auto x = random.tensor(in, 0.05f, -33);
  expectAsReference(OpType::Resize, ResizeAttrs{.mode = mode, .coordinates = coordinates},
                    {x, absentInput(), ints(sizes)}, resultS8(0.05f, -33),
                    mode == ResizeMode::linear ? "resize_s8_linear_" : "resize_any_nearest", 2);
}

TEST(WindowS8, Resize) {
  BytesS8 random;
  for (const ResizeCoordinates coordinates :
       {ResizeCoordinates::halfPixel, ResizeCoordinates::pytorchHalfPixel,
        ResizeCoordinates::alignCorners, ResizeCoordinates::asymmetric}) {
    for (const ResizeMode mode : {ResizeMode::nearest, ResizeMode::linear}) {
      for (const int64_t c : {1, 3, 16, 19, 64, 100}) {
        resize({1, 5, 7, c}, {1, 10, 14, c}, mode, coordinates, random);
        resize({2, 9, 8, c}, {2, 5, 3, c}, mode, coordinates, random);
      }
      resize({1, 3, 3, 20}, {1, 3, 17, 20}, mode, coordinates, random);
      resize({1, 3, 3, 20}, {1, 1, 1, 20}, mode, coordinates, random);
      resize({2, 3, 5, 6}, {2, 3, 9, 11}, mode, coordinates, random);
      resize({1, 40, 40, 24}, {1, 80, 80, 24}, mode, coordinates, random);
    }
  }
}

}  // namespace
}  // namespace qrt::test
