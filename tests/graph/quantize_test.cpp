// Quantize and Dequantize by hand: rounding to even, saturation, zero points, axes.
#include <gtest/gtest.h>

#include <cmath>

#include "support/one_op.h"

namespace qrt::test {
namespace {

using Floats = std::vector<float>;
using Bytes = std::vector<int8_t>;

TestTensor quantized(DType dtype, const QuantParams& quant) { return {.dtype = dtype, .quant = quant}; }

template <class T>
std::vector<T> quantizedValues(const TestTensor& x, const QuantParams& quant) {
  const Result<TestTensor> out =
      runOne(OpType::Quantize, NoAttrs{}, {x}, quantized(dtypeOf<T>, quant));
  EXPECT_TRUE(out.ok()) << out.status().message();
  return out.ok() ? out->values<T>() : std::vector<T>();
}

Result<TestTensor> dequantized(TestTensor q, const QuantParams& quant) {
  q.quant = quant;
  return runOne(OpType::Dequantize, NoAttrs{}, {q});
}

TEST(Quantize, RoundsHalvesToEvenThenAddsTheZeroPoint) {
  const TestTensor x = floats({6}, {0.25f, 0.75f, 1.25f, -0.25f, -0.75f, 0.3f});
  EXPECT_EQ(quantizedValues<int8_t>(x, {{0.5f}, {0}}), (Bytes{0, 2, 2, 0, -2, 1}));
  EXPECT_EQ(quantizedValues<int8_t>(x, {{0.5f}, {3}}), (Bytes{3, 5, 5, 3, 1, 4}));
}

TEST(Quantize, Saturates) {
  const TestTensor x = floats({6}, {1000, -1000, 1e30f, -INFINITY, INFINITY, NAN});
  EXPECT_EQ(quantizedValues<int8_t>(x, {{1}, {-5}}), (Bytes{127, -128, 127, -128, 127, -128}));
  EXPECT_EQ(quantizedValues<uint8_t>(x, {{1}, {250}}), (std::vector<uint8_t>{255, 0, 255, 0, 255, 0}));
  EXPECT_EQ(quantizedValues<int8_t>(floats({2}, {127.5f, -128.6f}), {{1}, {0}}), (Bytes{127, -128}));
}

TEST(Quantize, ParametersPerIndexOfAnAxis) {
  const TestTensor x = floats({2, 2, 2}, {1, 2, 3, 4, 5, 6, 7, 8});
  EXPECT_EQ(quantizedValues<int8_t>(x, {{1, 0.5f}, {0, 10}, 1}), (Bytes{1, 2, 16, 18, 5, 6, 24, 26}));
  EXPECT_EQ(quantizedValues<int8_t>(x, {{1, 0.5f}, {0, 10}, 2}), (Bytes{1, 14, 3, 18, 5, 22, 7, 26}));
}

TEST(Dequantize, ByHand) {
  EXPECT_EQ(dequantized(tensorOf<int8_t>({3}, {-128, 0, 127}), {{0.5f}, {-1}}).value().values<float>(),
            (Floats{-63.5f, 0.5f, 64}));
  EXPECT_EQ(dequantized(tensorOf<uint8_t>({2}, {0, 255}), {{2}, {128}}).value().values<float>(),
            (Floats{-256, 254}));
  EXPECT_EQ(dequantized(tensorOf<int32_t>({2}, {INT32_MIN, 7}), {{1}, {INT32_MAX}}).value().values<float>(),
            (Floats{-4294967295.0f, -2147483640.0f}));
  EXPECT_EQ(dequantized(tensorOf<int8_t>({2, 2}, {1, 2, 3, 4}), {{1, 10}, {0, 1}, 0}).value().values<float>(),
            (Floats{1, 2, 20, 30}));
}

TEST(Quantize, ShapeRuleKeepsDTypeAndParameters) {
  const QuantParams quant{{0.5f, 1}, {0, 1}, 1};
  Graph graph = oneOpGraph(OpType::Quantize, NoAttrs{}, {shaped({-1, 2})}, {quantized(DType::u8, quant)});
  ASSERT_TRUE(inferShapes(graph).ok());
  EXPECT_EQ(graph.tensor(graph.outputs[0]).dtype, DType::u8);
  EXPECT_EQ(graph.tensor(graph.outputs[0]).shape, (Shape{-1, 2}));
  EXPECT_EQ(graph.tensor(graph.outputs[0]).quant, quant);
}

TEST(Quantize, ErrorsSayWhatIsWrong) {
  const auto quantize = [](const TestTensor& x, const TestTensor& q) {
    Graph graph = oneOpGraph(OpType::Quantize, NoAttrs{}, {x}, {q});
    return inferShapes(graph);
  };
  const TestTensor x = shaped({2, 3});
  QRT_EXPECT_ERROR(quantize(x, {.dtype = DType::s8}), "'output' has no quantization parameters");
  QRT_EXPECT_ERROR(quantize(x, quantized(DType::f32, {{1}, {0}})), "is f32, wanted one of s8, u8");
  QRT_EXPECT_ERROR(quantize(x, quantized(DType::s8, {{1, 1}, {0, 0}, 1})), "2 scales and 2 zero points, wanted 3");
  QRT_EXPECT_ERROR(quantize(x, quantized(DType::s8, {{1, 1}, {0}, 0})), "2 scales and 1 zero points");
  QRT_EXPECT_ERROR(quantize(x, quantized(DType::s8, {{1}, {0}, 2})), "quantization axis 2 of shape 2x3");
  QRT_EXPECT_ERROR(quantize(x, quantized(DType::s8, {{1}, {128}})), "zero point 128, wanted -128 to 127");
  QRT_EXPECT_ERROR(quantize(x, quantized(DType::u8, {{1}, {-1}})), "zero point -1");
  QRT_EXPECT_ERROR(quantize(shaped({2}, DType::s32), quantized(DType::s8, {{1}, {0}})), "input 0 is s32");
  QRT_EXPECT_ERROR(inferOne(OpType::Dequantize, NoAttrs{}, {shaped({2}, DType::s8)}),
                   "'input' has no quantization parameters");
}

TEST(Dequantize, ChecksTheParametersOfAnInputThatGetsItsShapeLate) {
  TestTensor q = shaped({-1}, DType::s8);
  q.quant = QuantParams{{1, 1}, {0, 0}, 0};
  Graph graph = oneOpGraph(OpType::Dequantize, NoAttrs{}, {q});
  ASSERT_TRUE(validate(graph).ok() && inferShapes(graph).ok());
  graph.tensor(graph.inputs[0]).shape = {5};
  QRT_EXPECT_ERROR(inferShapes(graph), "2 scales and 2 zero points, wanted 5");
}

}  // namespace
}  // namespace qrt::test
