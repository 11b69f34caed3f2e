// Every unary layer and activation, over lengths around the vector widths and over values of every
// size, special ones included.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "support/cpu_float_check.h"

namespace qrt {
namespace {

using test::expectCpuFloat;
using test::floats;

constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

struct UnaryCase {
  OpType op;
  Attributes attributes = NoAttrs{};
  double ulps = 0;
  double absolute = 0;
};

std::vector<UnaryCase> cases() {
  return {
      {OpType::Abs},
      {OpType::Ceil},
      {OpType::Clip, ClipAttrs{-1.5f, 3.0f}},
      {OpType::Clip, ClipAttrs{}},
      // Near 0 the series begins at r²/2, so that denormal results lose a bit.
      {OpType::Elu, AlphaAttrs{1.25f}, 4},
      {OpType::Erf, NoAttrs{}, 4},
      {OpType::Exp, NoAttrs{}, 3},
      {OpType::Floor},
      // One rounding of a·x + b more or less, near 0 of a value near 0.5.
      {OpType::HardSigmoid, HardSigmoidAttrs{0.3f, 0.4f}, 2, 6e-8},
      {OpType::HardSwish, NoAttrs{}, 4, 3e-7},
      {OpType::LeakyRelu, AlphaAttrs{0.1f}, 1},
      {OpType::Log, NoAttrs{}, 4},
      {OpType::Neg},
      {OpType::Reciprocal},
      {OpType::Relu},
      {OpType::Round},
      // e⁻ˣ overflows where the result is denormal, which becomes 0.
      {OpType::Sigmoid, NoAttrs{}, 4, 1.2e-38},
      {OpType::Sign},
      {OpType::Softplus, NoAttrs{}, 4},
      {OpType::Sqrt},
      {OpType::Tanh, NoAttrs{}, 4},
  };
}

TEST(Unary, EveryLengthAroundTheVectorWidths) {
  for (const UnaryCase& c : cases()) {
    for (int64_t n = 0; n <= 33; ++n) {
      expectCpuFloat(c.op, c.attributes, {test::randomTensor({n}, 1, 0.1f, 4)},
                     {c.ulps, c.absolute});
    }
  }
}

TEST(Unary, ValuesOfEverySize) {
  std::vector<float> x = {0.0f, -0.0f, kInf, -kInf, kNan, 1e-45f, -1e-45f, 1e-38f, -1e-38f,
                          3.4028235e38f, -3.4028235e38f, 0.5f, -0.5f, 1.5f, -1.5f, 2.5f, 8388609.0f};
  for (float v = 1e-30f; v < 1e30f; v *= 1.37f) {
    x.push_back(v);
    x.push_back(-v);
  }
  for (float v = -110; v < 110; v += 0.0371f) x.push_back(v);
  for (const UnaryCase& c : cases()) {
    expectCpuFloat(c.op, c.attributes, {floats({static_cast<int64_t>(x.size())}, x)},
                   {c.ulps, c.absolute});
  }
}

TEST(Unary, LargeTensorsAreCutIntoTasks) {
  expectCpuFloat(OpType::Sigmoid, NoAttrs{}, {test::randomTensor({1, 83, 91, 7}, 2)}, {4});
  expectCpuFloat(OpType::Relu, NoAttrs{}, {test::randomTensor({1, 83, 91, 7}, 3)}, {});
}

TEST(Unary, OtherDtypesAreRefused) {
  test::expectCpuFloatRefuses(OpType::Abs, NoAttrs{}, {test::tensorOf<int32_t>({2}, {1, 2})},
                              "input 0 is s32, wanted f32");
}

}  // namespace
}  // namespace qrt
