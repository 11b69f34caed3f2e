// Functions of VecF that are computed rather than looked up: exp, log and what follows from them, each
// within 4 ulp (log near 1: of its argument's distance from 1). For *.isa.cpp files only, see vec.h.
#pragma once

#include "base/activation.h"
#include "simd/vec.h"

namespace qrt::QRT_ISA_NAMESPACE {
namespace {

/// 2ⁿ for whole n in [−126, 127].
inline VecF powerOfTwo(VecF n) {
  return bitsToFloat((toInts(n) + broadcastInts(127)) << 23);
}

/// eˣ = 2ⁿ·(1 + q), |x − n·ln 2| ≤ ln 2 / 2, q by Taylor's series to r⁷ (the rest is below 2⁻²⁷).
/// NaN stays NaN.
struct ExpParts {
  VecF n, q;
};
inline ExpParts expParts(VecF x) {
  x = clamp(x, broadcast(-104.0f), broadcast(89.0f));
  const VecF n = roundEven(x * broadcast(1.44269504f));
  // ln 2 in two pieces; n times the first is exact.
  VecF r = fma(n, broadcast(-0.693145752f), x);
  r = fma(n, broadcast(-1.42860677e-6f), r);
  VecF p = broadcast(1.0f / 5040);
  p = fma(p, r, broadcast(1.0f / 720));
  p = fma(p, r, broadcast(1.0f / 120));
  p = fma(p, r, broadcast(1.0f / 24));
  p = fma(p, r, broadcast(1.0f / 6));
  p = fma(p, r, broadcast(0.5f));
  return {n, fma(p * r, r, r)};
}

/// eˣ, with denormal results and overflow to infinity as std::exp has them.
inline VecF exp(VecF x) {
  const ExpParts e = expParts(x);
  // 2ⁿ in two factors, since n reaches −150 and 128.
  const VecF half = floor(e.n * broadcast(0.5f));
  return (e.q + broadcast(1.0f)) * powerOfTwo(half) * powerOfTwo(e.n - half);
}

/// eˣ − 1, accurate near 0.
inline VecF expm1(VecF x) {
  const ExpParts e = expParts(x);
  return select(e.n == zero(), e.q, exp(x) - broadcast(1.0f));
}

/// 1 / (1 + e⁻ˣ)
inline VecF sigmoid(VecF x) { return broadcast(1.0f) / (broadcast(1.0f) + exp(-x)); }

/// tanh x = e / (e + 2) with e = e²ˣ − 1; beyond ±10 it is ±1 in f32.
inline VecF tanh(VecF x) {
  const VecF e = expm1(clamp(x + x, broadcast(-20.0f), broadcast(20.0f)));
  return e / (e + broadcast(2.0f));
}

/// Natural logarithm: x = 2ⁿ·m, m in [√½, √2), log m = 2 artanh s with s = (m − 1)/(m + 1).
/// −∞ at 0, NaN below, ∞ at ∞.
inline VecF log(VecF x) {
  const VecF tiny = broadcast(1.17549435e-38f);
  const Mask denormal = x < tiny;
  const VecF normal = select(denormal, x * broadcast(8388608.0f), x);
  const VecF scaled = select(x > zero(), normal, broadcast(1.0f));
  // Bits above those of √½, in whole powers of two.
  const Ints above = floatToBits(scaled) - broadcastInts(0x3f3504f3);
  const Ints exponent = above >> 23;
  const VecF m = bitsToFloat(floatToBits(scaled) - (exponent << 23));
  const VecF n = toFloats(exponent) - select(denormal, broadcast(23.0f), zero());
  const VecF s = (m - broadcast(1.0f)) / (m + broadcast(1.0f));
  const VecF s2 = s * s;
  VecF p = broadcast(2.0f / 9);
  p = fma(p, s2, broadcast(2.0f / 7));
  p = fma(p, s2, broadcast(2.0f / 5));
  p = fma(p, s2, broadcast(2.0f / 3));
  VecF result = fma(p * s2, s, s + s) + n * broadcast(-2.12194440e-4f);
  result = fma(n, broadcast(0.693359375f), result);
  const VecF infinity = broadcast(__builtin_inff());
  result = select(x == infinity, infinity, result);
  result = select(x == zero(), -infinity, result);
  return select(x < zero(), broadcast(__builtin_nanf("")), select(isNan(x), x, result));
}

/// What a fused activation computes; NaN stays NaN.
inline VecF activate(const Activation& activation, VecF x) {
  const VecF a = broadcast(activation.a), b = broadcast(activation.b);
  const VecF one = broadcast(1.0f);
  switch (activation.kind) {
    case ActivationKind::none: return x;
    case ActivationKind::relu: return max(zero(), x);
    case ActivationKind::clip: return clamp(x, a, b);
    case ActivationKind::leakyRelu: return select(x < zero(), a * x, x);
    case ActivationKind::elu: return select(x < zero(), a * expm1(x), x);
    case ActivationKind::sigmoid: return sigmoid(x);
    case ActivationKind::tanh: return tanh(x);
    case ActivationKind::hardSigmoid: return clamp(fma(a, x, b), zero(), one);
    case ActivationKind::hardSwish:
      return x * clamp(fma(x, broadcast(1.0f / 6), broadcast(0.5f)), zero(), one);
  }
  return x;
}

}  // namespace
}  // namespace qrt::QRT_ISA_NAMESPACE
