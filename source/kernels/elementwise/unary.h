// y[i] = f(x[i]) over contiguous floats, for every f of one argument that a layer may be. y may be x.
#pragma once

#include <cstdint>
#include <span>

#include "base/activation.h"
#include "base/isa.h"

namespace qrt {

/// Functions that are not also an Activation.
enum class UnaryFunction {
  abs,
  ceil,
  erf,
  exp,
  floor,
  log,
  neg,
  reciprocal,
  round,  ///< to the nearest, halves to even
  sign,   ///< NaN and ±0 stay
  softplus,
  sqrt,
};
inline constexpr int kUnaryFunctionCount = static_cast<int>(UnaryFunction::sqrt) + 1;
inline constexpr int kActivationCount = static_cast<int>(ActivationKind::hardSwish) + 1;

/// a and b are the activation's.
using UnaryFn = void (*)(const float* x, float* y, int64_t n, float a, float b);

/// Results are within 4 ulp of the exact ones; where those are denormal, sigmoid gives 0.
struct UnaryKernels {
  IsaLevel isa;
  UnaryFn functions[kUnaryFunctionCount];
  UnaryFn activations[kActivationCount];  ///< "none" copies

  UnaryFn function(UnaryFunction f) const { return functions[static_cast<int>(f)]; }
  UnaryFn activation(ActivationKind kind) const { return activations[static_cast<int>(kind)]; }
};

/// The tables of all levels, for selectKernel().
std::span<const UnaryKernels* const> unaryKernels();

}  // namespace qrt
