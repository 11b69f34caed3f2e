// Functions that kernels apply to a result before they store it; a fused layer carries one.
#pragma once

namespace qrt {

/// A function applied to a layer's result before it is stored.
enum class ActivationKind {
  none,
  relu,
  clip,         ///< min(max(x, a), b); ReLU6 is clip(0, 6)
  leakyRelu,    ///< x < 0 ? a·x : x
  elu,          ///< x < 0 ? a·(eˣ − 1) : x
  sigmoid,
  tanh,
  hardSigmoid,  ///< min(max(a·x + b, 0), 1)
  hardSwish,    ///< x · min(max(x/6 + 0.5, 0), 1)
};

struct Activation {
  ActivationKind kind = ActivationKind::none;
  float a = 0;
  float b = 0;
  bool operator==(const Activation&) const = default;
};

}  // namespace qrt
