// Int8 layers that work element by element, against the reference kernels, byte for byte.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "support/run_s8.h"

namespace qrt::test {
namespace {

TEST(ElementwiseS8, AddSubMulOfEqualShapes) {
  BytesS8 random;
  for (const int64_t n : {0, 1, 2, 3, 5, 8, 15, 16, 17, 31, 33, 63, 64, 65, 127, 200, 100'003}) {
    const auto a = random.tensor({1, n}, 0.05f, -3), b = random.tensor({1, n}, 0.031f, 90);
    expectAsReference(OpType::Add, BinaryAttrs{}, {a, b}, resultS8(0.06f, 11), "add_s8_");
    expectAsReference(OpType::Sub, BinaryAttrs{}, {a, b}, resultS8(0.07f, -128), "sub_s8_");
    expectAsReference(OpType::Mul, BinaryAttrs{}, {a, b}, resultS8(0.02f, 5), "mul_s8_");
  }
}

TEST(ElementwiseS8, ScalesOnHalvesAndAtTheEnds) {
  BytesS8 random;
  const Shape shape{7, 61};
  for (const int32_t zero : {-128, 0, 127}) {
    // Sums of halves: every second result is a tie.
    const auto a = random.tensor(shape, 0.25f, zero), b = random.tensor(shape, 0.25f, -1 - zero);
    expectAsReference(OpType::Add, BinaryAttrs{}, {a, b}, resultS8(0.5f, zero), "add_s8_");
    expectAsReference(OpType::Mul, BinaryAttrs{}, {a, b}, resultS8(0.125f, zero), "mul_s8_");
    // Results far beyond the range, and multipliers up to the most that is allowed.
    expectAsReference(OpType::Add, BinaryAttrs{}, {a, b}, resultS8(1e-18f, zero), "add_s8_");
    expectAsReference(OpType::Mul, BinaryAttrs{}, {a, b}, resultS8(1e-19f, zero), "mul_s8_");
    expectAsReference(OpType::Sub, BinaryAttrs{}, {a, b}, resultS8(1e30f, zero), "sub_s8_");
  }
}

TEST(ElementwiseS8, Broadcasting) {
  BytesS8 random;
  const std::vector<std::pair<Shape, Shape>> shapes = {
      {{2, 5, 7, 19}, {19}},          {{19}, {2, 5, 7, 19}},    {{2, 5, 7, 19}, {1}},
      {{1}, {3, 50}},                 {{2, 5, 7, 64}, {64}},    {{2, 5, 7, 19}, {2, 1, 1, 19}},
      {{2, 5, 7, 19}, {2, 5, 7, 1}},  {{4, 1, 3}, {1, 5, 1}},   {{2, 5, 1, 19}, {2, 1, 7, 19}},
      {{1, 40'000}, {3, 1}},
  };
  for (const auto& [left, right] : shapes) {
    const auto a = random.tensor(left, 0.04f, 7), b = random.tensor(right, 0.09f, -60);
    expectAsReference(OpType::Add, BinaryAttrs{}, {a, b}, resultS8(0.1f, 3), "add_s8_");
    expectAsReference(OpType::Mul, BinaryAttrs{}, {a, b}, resultS8(0.2f, 3), "mul_s8_");
    const auto same = random.tensor(right, 0.04f, 7);
    expectAsReference(OpType::Max, NoAttrs{}, {a, same}, resultS8(0.04f, 7), "max_s8_");
    expectAsReference(OpType::Min, NoAttrs{}, {a, same}, resultS8(0.04f, 7), "min_s8_");
  }
}

TEST(ElementwiseS8, ActivationsNarrowTheRange) {
  BytesS8 random;
  const auto a = random.tensor({3, 77}, 0.04f, 7), b = random.tensor({3, 77}, 0.05f, -9);
  for (const OpType op : {OpType::Add, OpType::Sub, OpType::Mul}) {
    expectAsReference(op, BinaryAttrs{{ActivationKind::relu}}, {a, b}, resultS8(0.06f, -20), "");
    expectAsReference(op, BinaryAttrs{{ActivationKind::clip, -1, 3}}, {a, b}, resultS8(0.06f, -20),
                      "");
  }
}

TEST(ElementwiseS8, TablesOfAllValuesInAllSizes) {
  BytesS8 random;
  TestTensor all = random.tensor({256 * 3}, 0.047f, 13);
  for (size_t i = 0; i < all.bytes->size(); ++i) (*all.bytes)[i] = static_cast<std::byte>(i * 7);
  const auto y = resultS8(0.02f, -31);
  expectAsReference(OpType::Relu, NoAttrs{}, {all}, y, "relu_s8_table_");
  expectAsReference(OpType::Sigmoid, NoAttrs{}, {all}, resultS8(1 / 256.0f, -128), "sigmoid_s8_");
  expectAsReference(OpType::Tanh, NoAttrs{}, {all}, resultS8(1 / 128.0f, 0), "tanh_s8_table_");
  expectAsReference(OpType::HardSwish, NoAttrs{}, {all}, y, "hardswish_s8_table_");
  expectAsReference(OpType::HardSigmoid, HardSigmoidAttrs{}, {all}, y, "hardsigmoid_s8_table_");
  expectAsReference(OpType::LeakyRelu, AlphaAttrs{0.1f}, {all}, y, "leakyrelu_s8_table_");
  expectAsReference(OpType::Elu, AlphaAttrs{1.0f}, {all}, y, "elu_s8_table_");
  expectAsReference(OpType::Clip, ClipAttrs{-0.3f, 2}, {all}, y, "clip_s8_table_");
  expectAsReference(OpType::Exp, NoAttrs{}, {all}, resultS8(0.5f, -128), "exp_s8_table_");
  for (const OpType op : {OpType::Abs, OpType::Erf, OpType::Neg, OpType::Softplus}) {
    expectAsReference(op, NoAttrs{}, {all}, y, "");
  }
  for (const int64_t n : {0, 1, 15, 16, 17, 31, 32, 33, 63, 64, 65, 129, 100'001}) {
    expectAsReference(OpType::Tanh, NoAttrs{}, {random.tensor({n}, 0.03f, -7)},
                      resultS8(1 / 128.0f, 0), "tanh_s8_table_");
  }
}

TEST(ElementwiseS8, RequantizeBetweenSignedAndUnsigned) {
  BytesS8 random;
  for (const DType from : {DType::s8, DType::u8}) {
    for (const DType to : {DType::s8, DType::u8}) {
      const int32_t fromZero = from == DType::u8 ? 200 : -100, toZero = to == DType::u8 ? 255 : 30;
      for (const float scale : {0.05f, 0.025f, 0.1f, 1e-15f}) {
        const auto x = random.tensor({3, 301}, 0.05f, fromZero, from);
        expectAsReference(OpType::Requantize, NoAttrs{}, {x}, resultS8(scale, toZero, to),
                          "requantize_s8_table_");
      }
    }
  }
}

TEST(ElementwiseS8, QuantizeAndDequantize) {
  BytesS8 random;
  for (const int64_t n : {0, 1, 3, 4, 7, 8, 15, 16, 17, 33, 50'021}) {
    std::vector<float> values;
    for (int64_t i = 0; i < n; ++i) values.push_back(static_cast<float>(random.whole(-999, 999)) / 64);
    const std::vector<float> special = {0.125f, -0.125f, 1e30f, -1e30f, 0.0f, -0.0f,
                                        std::numeric_limits<float>::infinity(),
                                        -std::numeric_limits<float>::infinity(), std::nanf("")};
    for (size_t i = 0; i < values.size() && i < special.size(); ++i) values[i] = special[i];
    for (const DType dtype : {DType::s8, DType::u8}) {
      const int32_t zero = dtype == DType::u8 ? 131 : -5;
      for (const float scale : {0.25f, 0.0371f}) {  // 0.125 / 0.25 is a tie
        expectAsReference(OpType::Quantize, NoAttrs{}, {floats({n}, values)},
                          resultS8(scale, zero, dtype), "quantize_f32_");
        expectAsReference(OpType::Dequantize, NoAttrs{}, {random.tensor({n}, scale, zero, dtype)},
                          {}, "dequantize_");
      }
    }
  }
}

TEST(ElementwiseS8, Softmax) {
  BytesS8 random;
  for (const int64_t n : {1, 2, 3, 10, 100, 256, 257, 1000}) {
    for (const float scale : {0.01f, 0.1f, 3.0f}) {
      const auto x = random.tensor({2, 3, n}, scale, 9);
      expectAsReference(OpType::Softmax, AxisAttrs{2}, {x}, resultS8(1 / 256.0f, -128),
                        "softmax_s8_table");
    }
  }
  expectAsReference(OpType::Softmax, AxisAttrs{-1}, {random.tensor({30'000, 2}, 0.2f, 0)},
                    resultS8(1 / 256.0f, -128), "softmax_s8_table");
  const TestTensor equal = tensorOf<int8_t>({1, 4}, {7, 7, 7, 7});
  // Four equal values: 0.25 each, 64 steps above -128.
  TestTensor x = equal;
  x.quant = BytesS8::quant(0.1f, 0);
  const auto y = runOne(OpType::Softmax, AxisAttrs{1}, {x}, resultS8(1 / 256.0f, -128));
  ASSERT_TRUE(y.ok());
  EXPECT_EQ(y->values<int8_t>(), (std::vector<int8_t>{-64, -64, -64, -64}));
}

TEST(ElementwiseS8, WhatIsRefusedIsNamed) {
  const auto verdict = [](OpType op, Attributes attributes, std::vector<TestTensor> inputs,
                          const TestTensor& output) {
    for (TestTensor& input : inputs) input.bytes.reset();
    Graph graph = oneOpGraph(op, std::move(attributes), inputs, {output});
    (void)inferShapes(graph);
    return cpuInt8Backend().supports(graph, graph.layers[0]).reason;
  };
  BytesS8 random;
  TestTensor perChannel = random.tensor({2, 3}, 0.1f, 0);
  perChannel.quant = QuantParams{{0.1f, 0.2f}, {0, 0}, 0};
  EXPECT_NE(verdict(OpType::Dequantize, NoAttrs{}, {perChannel}, {}).find("wanted s8 or u8"),
            std::string::npos);
  const TestTensor x = random.tensor({2, 3, 4}, 0.1f, 0);
  EXPECT_NE(verdict(OpType::Softmax, AxisAttrs{1}, {x}, resultS8(0.1f, 0)).find("wanted the last"),
            std::string::npos);
  EXPECT_NE(verdict(OpType::ReduceMean, ReduceAttrs{{0, 2}, true}, {x}, resultS8(0.1f, 0))
                .find("not neighbours"),
            std::string::npos);
  EXPECT_NE(verdict(OpType::Add, BinaryAttrs{{ActivationKind::tanh}}, {x, x}, resultS8(0.1f, 0))
                .find("none of relu and clip"),
            std::string::npos);
}

}  // namespace
}  // namespace qrt::test
