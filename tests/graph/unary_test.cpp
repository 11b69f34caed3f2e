#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "base/half.h"
#include "support/one_op.h"

namespace qrt {
namespace {

using test::floats;
using test::inferOne;
using test::ints;
using test::shaped;
using test::shapeOne;
using test::tensorOf;
using test::TestTensor;
using test::valuesOne;

constexpr float kInf = std::numeric_limits<float>::infinity();
const float kNaN = std::numeric_limits<float>::quiet_NaN();

std::vector<float> map(OpType op, const std::vector<float>& x, Attributes attrs) {
  return valuesOne<float>(op, std::move(attrs), {floats({static_cast<int64_t>(x.size())}, x)});
}
std::vector<float> map(OpType op, const std::vector<float>& x) {
  return map(op, x, defaultAttributes(op));
}

template <class T>
std::vector<T> mapAs(OpType op, const std::vector<T>& x, Attributes attrs = NoAttrs{}) {
  return valuesOne<T>(op, std::move(attrs), {tensorOf<T>({static_cast<int64_t>(x.size())}, x)});
}

using Floats = std::vector<float>;

TEST(Unary, ExactFunctions) {
  EXPECT_EQ(map(OpType::Abs, {-1.5f, 0, 2}), (Floats{1.5f, 0, 2}));
  EXPECT_EQ(map(OpType::Neg, {-1.5f, 2}), (Floats{1.5f, -2}));
  EXPECT_EQ(map(OpType::Floor, {-1.5f, 1.5f, 2}), (Floats{-2, 1, 2}));
  EXPECT_EQ(map(OpType::Ceil, {-1.5f, 1.5f, 2}), (Floats{-1, 2, 2}));
  EXPECT_EQ(map(OpType::Round, {0.5f, 1.5f, 2.5f, -0.5f, -1.5f, 2.4f, 1e30f}),
            (Floats{0, 2, 2, -0.f, -2, 2, 1e30f}));
  EXPECT_EQ(map(OpType::Sign, {-3, 0, 7}), (Floats{-1, 0, 1}));
  EXPECT_EQ(map(OpType::Reciprocal, {4, -0.5f, 0}), (Floats{0.25f, -2, kInf}));
  EXPECT_EQ(map(OpType::Sqrt, {4, 0.25f}), (Floats{2, 0.5f}));
  EXPECT_EQ(map(OpType::Relu, {-1, 0, 3}), (Floats{0, 0, 3}));
  EXPECT_EQ(map(OpType::Clip, {-2, 0.5f, 9}, ClipAttrs{-1, 6}), (Floats{-1, 0.5f, 6}));
  EXPECT_EQ(map(OpType::Clip, {-kInf, 9}), (Floats{-kInf, 9}));
  EXPECT_EQ(map(OpType::LeakyRelu, {-4, 3}, AlphaAttrs{0.25f}), (Floats{-1, 3}));
  EXPECT_EQ(map(OpType::HardSigmoid, {-9, 1, 9}, HardSigmoidAttrs{0.25f, 0.5f}),
            (Floats{0, 0.75f, 1}));
  EXPECT_EQ(map(OpType::HardSwish, {-4, 3, 0, 5}), (Floats{-0.f, 3, 0, 5}));
}

TEST(Unary, TranscendentalFunctions) {
  struct Case {
    OpType op;
    float x, y;
  };
  for (const Case& c :
       {Case{OpType::Exp, 1, 2.7182818f}, Case{OpType::Log, 10, 2.3025851f},
        Case{OpType::Erf, 0.5f, 0.52049988f}, Case{OpType::Sigmoid, 2, 0.88079708f},
        Case{OpType::Sigmoid, -100, 3.78e-44f}, Case{OpType::Tanh, 0.5f, 0.46211716f},
        Case{OpType::Softplus, 1, 1.3132617f}, Case{OpType::Softplus, 200, 200},
        Case{OpType::Softplus, -2, 0.12692801f}, Case{OpType::Log, 0, -kInf}}) {
    EXPECT_FLOAT_EQ(map(c.op, {c.x})[0], c.y) << opName(c.op) << ' ' << c.x;
  }
  EXPECT_FLOAT_EQ(map(OpType::Elu, {-1}, AlphaAttrs{2})[0], -1.2642411f);
  EXPECT_EQ(map(OpType::Elu, {3}, AlphaAttrs{2})[0], 3);
}

TEST(Unary, NaNStaysNaN) {
  for (const OpType op : {OpType::Abs, OpType::Neg, OpType::Relu, OpType::Clip, OpType::Sign,
                          OpType::Sigmoid, OpType::HardSigmoid, OpType::HardSwish, OpType::Softplus,
                          OpType::LeakyRelu, OpType::Elu, OpType::Tanh}) {
    EXPECT_TRUE(std::isnan(map(op, {kNaN})[0])) << opName(op);
  }
  EXPECT_TRUE(std::isnan(map(OpType::Clip, {kNaN}, ClipAttrs{0, 6})[0]));
}

TEST(Unary, IntegersWrapAndClip) {
  const int64_t low = std::numeric_limits<int64_t>::min();
  EXPECT_EQ(mapAs<int64_t>(OpType::Neg, {low, 5}), (std::vector<int64_t>{low, -5}));
  EXPECT_EQ(mapAs<int8_t>(OpType::Abs, {-128, -3, 4}), (std::vector<int8_t>{-128, 3, 4}));
  EXPECT_EQ(mapAs<uint8_t>(OpType::Sign, {0, 200}), (std::vector<uint8_t>{0, 1}));
  EXPECT_EQ(mapAs<uint8_t>(OpType::Clip, {7, 200}, ClipAttrs{-1e9f, 100}),
            (std::vector<uint8_t>{7, 100}));
  EXPECT_EQ(mapAs<int32_t>(OpType::Relu, {-7, 7}), (std::vector<int32_t>{0, 7}));
}

TEST(Unary, OtherFloats) {
  EXPECT_EQ(mapAs<double>(OpType::Sqrt, {2})[0], std::sqrt(2.0));
  EXPECT_EQ(float(mapAs<Half>(OpType::Sqrt, {Half(9)})[0]), 3);
  EXPECT_EQ(float(mapAs<BFloat16>(OpType::Neg, {BFloat16(9)})[0]), -9);
}

TEST(Unary, ShapesAndRefusals) {
  EXPECT_EQ(shapeOne(OpType::Exp, NoAttrs{}, {shaped({-1, 3})}), (Shape{-1, 3}));
  EXPECT_EQ(map(OpType::Exp, {}), Floats{});
  QRT_EXPECT_ERROR(inferOne(OpType::Exp, NoAttrs{}, {ints({1})}), "s64, wanted one of f32");
  QRT_EXPECT_ERROR(inferOne(OpType::Neg, NoAttrs{}, {tensorOf<uint8_t>({1}, {1})}), "u8, wanted");
  TestTensor quantized = tensorOf<int8_t>({1}, {1});
  quantized.quant = QuantParams{{0.5f}, {0}, -1};
  QRT_EXPECT_ERROR(test::runOne(OpType::Relu, NoAttrs{}, {quantized}), "quantization parameters");
}

}  // namespace
}  // namespace qrt
