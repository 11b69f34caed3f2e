#include <gtest/gtest.h>

#include <cmath>

#include "graph/attributes.h"

namespace qrt {
namespace {

TEST(Activation, ByDefinition) {
  struct Case {
    Activation activation;
    float x, wanted;
  };
  const float e = std::exp(1.0f);
  const Case cases[] = {
      {{ActivationKind::none}, -3, -3},
      {{ActivationKind::relu}, -3, 0},
      {{ActivationKind::relu}, 3, 3},
      {{ActivationKind::clip, 0, 6}, 7, 6},
      {{ActivationKind::clip, -1, 6}, -7, -1},
      {{ActivationKind::clip, -INFINITY, 6}, -7, -7},
      {{ActivationKind::leakyRelu, 0.5f}, -3, -1.5f},
      {{ActivationKind::leakyRelu, 0.5f}, 3, 3},
      {{ActivationKind::elu, 2}, -1, 2 / e - 2},
      {{ActivationKind::elu, 2}, 1, 1},
      {{ActivationKind::sigmoid}, 1, e / (e + 1)},
      {{ActivationKind::sigmoid}, -1000, 0},
      {{ActivationKind::tanh}, 1, (e * e - 1) / (e * e + 1)},
      {{ActivationKind::hardSigmoid, 0.2f, 0.5f}, 1, 0.7f},
      {{ActivationKind::hardSigmoid, 0.2f, 0.5f}, -3, 0},
      {{ActivationKind::hardSwish}, 1.5f, 1.125f},
      {{ActivationKind::hardSwish}, -4, 0},
      {{ActivationKind::hardSwish}, 4, 4},
  };
  for (const Case& c : cases) {
    EXPECT_FLOAT_EQ(applyActivation(c.activation, c.x), c.wanted)
        << static_cast<int>(c.activation.kind) << " of " << c.x;
  }
}

TEST(Activation, NaNStaysNaN) {
  for (int kind = 0; kind < static_cast<int>(std::size(kActivationNames)); ++kind) {
    const Activation activation{static_cast<ActivationKind>(kind), 0.25f, 0.5f};
    EXPECT_TRUE(std::isnan(applyActivation(activation, NAN))) << kActivationNames[kind];
  }
}

}  // namespace
}  // namespace qrt
