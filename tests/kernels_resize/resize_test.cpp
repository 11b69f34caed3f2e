#include <gtest/gtest.h>

#include "support/cpu_float_check.h"

namespace qrt {
namespace {

using test::absentInput;
using test::expectCpuFloat;
using test::randomTensor;
using test::tensorOf;
using test::TestTensor;

TestTensor sizesOf(const Shape& shape) {
  const std::vector<int64_t> dims(shape.dims().begin(), shape.dims().end());
  return tensorOf<int64_t>({shape.rank()}, dims);
}

constexpr ResizeCoordinates kCoordinates[] = {
    ResizeCoordinates::halfPixel, ResizeCoordinates::pytorchHalfPixel,
    ResizeCoordinates::alignCorners, ResizeCoordinates::asymmetric};

void expectAll(const TestTensor& x, const Shape& out) {
  for (const ResizeCoordinates coordinates : kCoordinates) {
    const ResizeAttrs linear{.mode = ResizeMode::linear, .coordinates = coordinates};
    // Four products of values in [−2, 2] with weights rounded to f32.
    expectCpuFloat(OpType::Resize, linear, {x, absentInput(), sizesOf(out)}, {2, 1e-6});
    for (const auto rounding : {ResizeRounding::preferFloor, ResizeRounding::preferCeil,
                                ResizeRounding::floor, ResizeRounding::ceil}) {
      const ResizeAttrs nearest{.coordinates = coordinates, .rounding = rounding};
      expectCpuFloat(OpType::Resize, nearest, {x, absentInput(), sizesOf(out)}, {});
    }
  }
}

TEST(Resize, EveryNumberOfChannels) {
  for (int64_t c = 1; c <= 33; ++c) expectAll(randomTensor({1, 4, 3, c}, 1), {1, 7, 8, c});
}

TEST(Resize, UpAndDownAlongAnyDims) {
  expectAll(randomTensor({2, 13, 11, 20}, 1), {2, 26, 22, 20});
  expectAll(randomTensor({2, 13, 11, 20}, 1), {2, 5, 7, 20});
  expectAll(randomTensor({1, 1, 1, 5}, 1), {1, 6, 9, 5});
  expectAll(randomTensor({1, 9, 8, 5}, 1), {1, 1, 1, 5});
  expectAll(randomTensor({2, 3, 9, 8}, 1), {2, 3, 18, 12});
  expectAll(randomTensor({3, 10}, 1), {3, 17});
  expectAll(randomTensor({10, 6}, 1), {4, 6});
  expectAll(randomTensor({3, 4}, 1), {3, 4});
  expectAll(randomTensor({1, 40, 41, 24}, 1), {1, 80, 82, 24});
}

TEST(Resize, NearestMovesAnyDTypeAlongAllDims) {
  std::vector<uint8_t> bytes(2 * 3 * 5);
  for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<uint8_t>(i);
  const auto scales = test::floats({3}, {1.5f, 2, 0.5f});
  expectCpuFloat(OpType::Resize, ResizeAttrs{}, {tensorOf<uint8_t>({2, 3, 5}, bytes), scales}, {});
}

TEST(Resize, Refusals) {
  const auto x = randomTensor({2, 3, 4}, 1);
  const ResizeAttrs cubic{.mode = ResizeMode::cubic};
  const ResizeAttrs linear{.mode = ResizeMode::linear};
  const auto sizes = sizesOf({4, 3, 8});
  test::expectCpuFloatRefuses(OpType::Resize, cubic, {x, absentInput(), sizes}, "cubic");
  test::expectCpuFloatRefuses(OpType::Resize, linear, {x, absentInput(), sizes}, "side by side");
}

}  // namespace
}  // namespace qrt
