// The data movement layers of cpu-float against their reference kernels.
#include <gtest/gtest.h>

#include "support/cpu_float_check.h"

namespace qrt {
namespace {

using test::absentInput;
using test::expectCpuFloat;
using test::randomTensor;
using test::tensorOf;
using test::TestTensor;

TestTensor ints(const std::vector<int64_t>& values) {
  return tensorOf<int64_t>({static_cast<int64_t>(values.size())}, values);
}

// 0, 1, 2, … as s64 and as u8.
std::vector<TestTensor> counting(const Shape& shape) {
  std::vector<int64_t> wide(static_cast<size_t>(shape.elements()));
  std::vector<uint8_t> narrow(wide.size());
  for (size_t i = 0; i < wide.size(); ++i) {
    wide[i] = static_cast<int64_t>(i);
    narrow[i] = static_cast<uint8_t>(i * 7);
  }
  return {tensorOf(shape, wide), tensorOf(shape, narrow)};
}

void expectAnyDType(OpType op, const Attributes& attributes, const Shape& shape,
                    const std::vector<TestTensor>& parameters, size_t outputs = 1) {
  std::vector<TestTensor> tensors = counting(shape);
  tensors.push_back(randomTensor(shape, 1));
  for (const TestTensor& tensor : tensors) {
    std::vector<TestTensor> inputs = {tensor};
    inputs.insert(inputs.end(), parameters.begin(), parameters.end());
    expectCpuFloat(op, attributes, inputs, {}, std::vector<TestTensor>(outputs));
  }
}

TEST(CopyLayers, Transpose) {
  expectAnyDType(OpType::Transpose, TransposeAttrs{{0, 2, 3, 1}}, {2, 3, 14, 13}, {});
  expectAnyDType(OpType::Transpose, TransposeAttrs{{0, 3, 1, 2}}, {2, 14, 13, 37}, {});
  expectAnyDType(OpType::Transpose, TransposeAttrs{}, {5, 7, 11}, {});
  expectAnyDType(OpType::Transpose, TransposeAttrs{{2, 0, 1, 4, 3}}, {3, 1, 4, 5, 9}, {});
  expectAnyDType(OpType::Transpose, TransposeAttrs{{1, 0}}, {0, 4}, {});
  expectAnyDType(OpType::Transpose, TransposeAttrs{}, {}, {});
}

TEST(CopyLayers, Views) {
  expectAnyDType(OpType::Identity, NoAttrs{}, {2, 3, 5}, {});
  expectAnyDType(OpType::Reshape, NoAttrs{}, {2, 3, 5}, {ints({0, -1})});
  expectAnyDType(OpType::Flatten, AxisAttrs{2}, {2, 3, 5}, {});
  expectAnyDType(OpType::Squeeze, AxesAttrs{}, {2, 1, 50000}, {});
  expectAnyDType(OpType::Unsqueeze, AxesAttrs{{0, 2}}, {2, 0, 5}, {});
}

TEST(CopyLayers, Slice) {
  expectAnyDType(OpType::Slice, NoAttrs{}, {4, 9, 10}, {ints({1, 2}), ints({3, 100})});
  expectAnyDType(OpType::Slice, NoAttrs{}, {4, 9, 10}, {ints({-3}), ints({-1}), ints({-1})});
  expectAnyDType(OpType::Slice, NoAttrs{}, {4, 9, 10},
                 {ints({100, 7}), ints({-100, 0}), ints({2, 1}), ints({-3, -2})});
  expectAnyDType(OpType::Slice, NoAttrs{}, {4, 9, 10},
                 {ints({1}), ints({9}), ints({1}), ints({3})});
  expectAnyDType(OpType::Slice, NoAttrs{}, {4, 9, 10}, {ints({5}), ints({5})});
  expectAnyDType(OpType::Slice, NoAttrs{}, {4, 9, 10},
                 {ints({0}), ints({INT64_MIN}), ints({1}), ints({INT64_MIN})});
  expectAnyDType(OpType::Slice, NoAttrs{}, {4, 9, 10},
                 {ints({0}), ints({INT64_MAX}), ints({2}), ints({INT64_MAX})});
}

TEST(CopyLayers, Concat) {
  const auto a = randomTensor({2, 5, 7, 3}, 1);
  const auto b = randomTensor({2, 5, 7, 16}, 2);
  const auto none = randomTensor({2, 5, 7, 0}, 3);
  expectCpuFloat(OpType::Concat, AxisAttrs{3}, {a, b, none, a}, {});
  expectCpuFloat(OpType::Concat, AxisAttrs{-3}, {a, a, a}, {});
  expectCpuFloat(OpType::Concat, AxisAttrs{0}, {b, b}, {});
  expectCpuFloat(OpType::Concat, AxisAttrs{0}, {b}, {});
}

TEST(CopyLayers, Refusals) {
  const auto x = randomTensor({4}, 1);
  test::expectCpuFloatRefuses(OpType::Slice, NoAttrs{},
                              {x, test::shaped({1}, DType::s64), ints({2})},
                              "starts is computed by the graph");
}

}  // namespace
}  // namespace qrt
