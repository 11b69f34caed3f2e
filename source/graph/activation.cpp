// Activations fused behind a layer, one value at a time: the oracle for the kernels' epilogues.
#include <algorithm>
#include <cmath>

#include "graph/attributes.h"

namespace qrt {

double applyActivation(const Activation& activation, double x) {
  const double a = activation.a;
  const double b = activation.b;
  // The order of std::max and std::min's arguments lets NaN through.
  const auto clamp = [](double v, double low, double high) {
    return std::min(std::max(v, low), high);
  };
  switch (activation.kind) {
    case ActivationKind::none:
      return x;
    case ActivationKind::relu:
      return std::max(x, 0.0);
    case ActivationKind::clip:
      return clamp(x, a, b);
    case ActivationKind::leakyRelu:
      return x < 0 ? a * x : x;
    case ActivationKind::elu:
      return x < 0 ? a * std::expm1(x) : x;
    case ActivationKind::sigmoid:
      return 1 / (1 + std::exp(-x));
    case ActivationKind::tanh:
      return std::tanh(x);
    case ActivationKind::hardSigmoid:
      return clamp(a * x + b, 0, 1);
    case ActivationKind::hardSwish:
      return x * clamp(x / 6 + 0.5, 0, 1);
  }
  return x;
}

float applyActivation(const Activation& activation, float x) {
  return static_cast<float>(applyActivation(activation, static_cast<double>(x)));
}

}  // namespace qrt
