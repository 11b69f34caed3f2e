#include <gtest/gtest.h>

#include <limits>

#include "support/cpu_float_check.h"

namespace qrt {
namespace {

using test::expectCpuFloat;
using test::floats;
using test::randomTensor;

constexpr OpType kWithActivation[] = {OpType::Add, OpType::Sub, OpType::Mul, OpType::Div};
constexpr OpType kPlain[] = {OpType::Min, OpType::Max};

void expectAll(const Shape& a, const Shape& b) {
  const auto x = randomTensor(a, 1);
  const auto y = randomTensor(b, 2);
  for (const OpType op : kWithActivation) expectCpuFloat(op, BinaryAttrs{}, {x, y}, {});
  for (const OpType op : kPlain) expectCpuFloat(op, NoAttrs{}, {x, y}, {});
}

TEST(Binary, EveryLengthAroundTheVectorWidths) {
  for (int64_t n = 0; n <= 33; ++n) {
    expectAll({n}, {n});
    expectAll({n}, {1});
    expectAll({}, {n});
    expectAll({3, n}, {n});
    expectAll({3, 1}, {3, n});
  }
}

TEST(Binary, ShapesOfRealLayers) {
  expectAll({1, 14, 13, 96}, {1, 14, 13, 96});
  expectAll({1, 14, 13, 96}, {96});
  expectAll({2, 14, 13, 24}, {2, 1, 1, 24});  // squeeze-excite
  expectAll({2, 1, 1, 24}, {2, 14, 13, 24});
  expectAll({1, 40, 41, 3}, {3});
  expectAll({1, 30000}, {1, 30000});
  expectAll({2, 30011}, {2, 1});
}

TEST(Binary, GeneralBroadcasting) {
  expectAll({2, 1, 3, 1, 5}, {7, 1, 4, 1});
  expectAll({5, 1}, {1, 7});
  expectAll({4, 1, 6}, {3, 6});
  expectAll({2, 3, 4, 5}, {2, 1, 4, 1});
  expectAll({1, 1, 1}, {1});
  expectAll({0, 3}, {1, 3});
}

TEST(Binary, FusedActivations) {
  const auto x = randomTensor({3, 5, 37}, 3, -8, 8);
  const auto y = randomTensor({37}, 4, -8, 8);
  const Activation all[] = {{ActivationKind::relu},
                            {ActivationKind::clip, 0, 6},
                            {ActivationKind::leakyRelu, 0.1f},
                            {ActivationKind::elu, 1.5f},
                            {ActivationKind::sigmoid},
                            {ActivationKind::tanh},
                            {ActivationKind::hardSigmoid, 0.2f, 0.5f},
                            {ActivationKind::hardSwish}};
  for (const Activation& activation : all) {
    const BinaryAttrs attrs{activation};
    for (const OpType op : kWithActivation) expectCpuFloat(op, attrs, {x, y}, {4, 1e-6});
  }
}

TEST(Binary, SpecialValues) {
  constexpr float kInf = std::numeric_limits<float>::infinity();
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  const std::vector<float> special = {0.0f, -0.0f, 1.0f, -1.0f, kInf, -kInf, kNan, 1e-45f, 3e38f};
  std::vector<float> a, b;
  for (const float x : special) {
    for (const float y : special) {
      a.push_back(x);
      b.push_back(y);
    }
  }
  const auto n = static_cast<int64_t>(a.size());
  for (const OpType op : kWithActivation) {
    expectCpuFloat(op, BinaryAttrs{}, {floats({n}, a), floats({n}, b)}, {});
    expectCpuFloat(op, BinaryAttrs{{ActivationKind::relu}}, {floats({n}, a), floats({n}, b)}, {});
  }
  for (const OpType op : kPlain) expectCpuFloat(op, NoAttrs{}, {floats({n}, a), floats({n}, b)}, {});
}

TEST(Binary, PReluAndPow) {
  const auto x = randomTensor({2, 9, 7, 19}, 5);
  for (const Shape& slope : {Shape{19}, Shape{1}, Shape{9, 7, 19}}) {
    expectCpuFloat(OpType::PRelu, NoAttrs{}, {x, randomTensor(slope, 6)}, {});
  }
  const auto positive = randomTensor({2, 9, 7, 19}, 7, 0, 3);
  expectCpuFloat(OpType::Pow, NoAttrs{}, {x, floats({}, {2})}, {1});
  expectCpuFloat(OpType::Pow, NoAttrs{}, {positive, floats({}, {0.5f})}, {1});
  expectCpuFloat(OpType::Pow, NoAttrs{}, {positive, randomTensor({19}, 8)}, {1});
  expectCpuFloat(OpType::Pow, NoAttrs{}, {floats({}, {1.5f}), x}, {1});
}

}  // namespace
}  // namespace qrt
