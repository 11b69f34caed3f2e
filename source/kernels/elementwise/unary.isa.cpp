// One loop for all functions: whole vectors, then what is left over as a part of one. Since lanes do not
// see each other, an element's result does not depend on where a chunk begins.
#include "kernels/elementwise/unary.h"

#include "kernels/isa_table.h"
#include "simd/vec_math.h"

namespace qrt::QRT_ISA_NAMESPACE {
namespace {

template <class Fn>
void map(const float* x, float* y, int64_t n, Fn fn) {
  int64_t i = 0;
  for (; i + kLanes <= n; i += kLanes) store(y + i, fn(load(x + i)));
  const int rest = static_cast<int>(n - i);
  if (rest > 0) storePartial(y + i, fn(loadPartial(x + i, rest)), rest);
}

// coefficients[0]·xⁿ⁻¹ + … + coefficients[n − 1]
template <int N>
VecF polynomial(const float (&coefficients)[N], VecF x) {
  VecF p = broadcast(coefficients[0]);
  for (int i = 1; i < N; ++i) p = fma(p, x, broadcast(coefficients[i]));
  return p;
}

// |x| ≤ 1: x·P(x²). Beyond: 1 − e^−Q(|x| − 2) with Q(s) = −ln erfc(s + 2), up to 4, where f32 has
// reached 1. P and Q are Chebyshev interpolations, off by less than 2⁻³⁴ and 2⁻²⁵.
VecF erf(VecF x) {
  constexpr float kP[] = {-9.667044571e-6f, 1.126595903e-4f, -8.484080406e-4f, 5.221031808e-3f,
                          -2.686543073e-2f, 0.112837825f,    -0.3761263847f,   1.128379167f};
  constexpr float kQ[] = {-1.637151415e-6f, 1.986362006e-5f, -1.353539864e-4f,
                          7.333605375e-4f,  -3.570868244e-3f, 1.64646751e-2f,
                          0.9237508678f,    4.418160868f,     5.364941265f};
  const VecF t = abs(x);
  const VecF one = broadcast(1.0f);
  const VecF inner = x * polynomial(kP, x * x);
  const VecF q = polynomial(kQ, min(t, broadcast(4.0f)) - broadcast(2.0f));
  const VecF outer = one - exp(-q);
  return select(t > one, select(x < zero(), -outer, outer), inner);
}

// ln(1 + eˣ) = max(x, 0) + ln(1 + e) with e = e^−|x| ≤ 1. The logarithm of u = 1 + e is corrected for
// what rounding u lost: ln(u)·e/(u − 1).
VecF softplus(VecF x) {
  const VecF one = broadcast(1.0f);
  const VecF e = exp(-abs(x));
  const VecF u = one + e;
  const VecF lost = u - one;
  const VecF log1p = select(lost == zero(), e, log(u) * (e / lost));
  return max(x, zero()) + log1p;
}

VecF sign(VecF x) {
  const VecF one = broadcast(1.0f);
  return select(x > zero(), one, select(x < zero(), -one, x));
}

template <class Fn>
void run(const float* x, float* y, int64_t n, float, float) {
  map(x, y, n, Fn{});
}

template <ActivationKind Kind>
void activateAll(const float* x, float* y, int64_t n, float a, float b) {
  const Activation activation{Kind, a, b};
  map(x, y, n, [activation](VecF v) { return activate(activation, v); });
}

#define QRT_FUNCTION(name, expression)                 \
  struct name {                                        \
    VecF operator()(VecF x) const { return expression; } \
  }
QRT_FUNCTION(Abs, abs(x));
QRT_FUNCTION(Ceil, ceil(x));
QRT_FUNCTION(Erf, erf(x));
QRT_FUNCTION(Exp, exp(x));
QRT_FUNCTION(Floor, floor(x));
QRT_FUNCTION(Log, log(x));
QRT_FUNCTION(Neg, -x);
QRT_FUNCTION(Reciprocal, broadcast(1.0f) / x);
QRT_FUNCTION(Round, roundEven(x));
QRT_FUNCTION(Sign, sign(x));
QRT_FUNCTION(Softplus, softplus(x));
QRT_FUNCTION(Sqrt, sqrt(x));

}  // namespace

extern const UnaryKernels kUnaryKernels;
const UnaryKernels kUnaryKernels = {
    QRT_THIS_ISA,
    {run<Abs>, run<Ceil>, run<Erf>, run<Exp>, run<Floor>, run<Log>, run<Neg>, run<Reciprocal>,
     run<Round>, run<Sign>, run<Softplus>, run<Sqrt>},
    {activateAll<ActivationKind::none>, activateAll<ActivationKind::relu>,
     activateAll<ActivationKind::clip>, activateAll<ActivationKind::leakyRelu>,
     activateAll<ActivationKind::elu>, activateAll<ActivationKind::sigmoid>,
     activateAll<ActivationKind::tanh>, activateAll<ActivationKind::hardSigmoid>,
     activateAll<ActivationKind::hardSwish>},
};

}  // namespace qrt::QRT_ISA_NAMESPACE
