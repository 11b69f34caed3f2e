#include "simd/vec_probe.h"

#include "simd/vec_math.h"

namespace qrt::QRT_ISA_NAMESPACE {
namespace {

template <class Fn>
inline void each(int n, Fn fn) {
  for (int i = 0; i < n; i += kLanes) fn(i, n - i < kLanes ? n - i : kLanes);
}

template <VecF (*Fn)(VecF)>
void unary(const float* x, float* y, int n) {
  each(n, [&](int i, int lanes) { storePartial(y + i, Fn(loadPartial(x + i, lanes)), lanes); });
}

template <VecF (*Fn)(VecF, VecF)>
void binary(const float* a, const float* b, float* y, int n) {
  each(n, [&](int i, int lanes) {
    storePartial(y + i, Fn(loadPartial(a + i, lanes), loadPartial(b + i, lanes)), lanes);
  });
}

void fmaArrays(const float* a, const float* b, const float* c, float* y, int n) {
  each(n, [&](int i, int lanes) {
    storePartial(y + i,
                 fma(loadPartial(a + i, lanes), loadPartial(b + i, lanes), loadPartial(c + i, lanes)),
                 lanes);
  });
}

void reduceArrays(const float* x, float* y) {
  y[0] = reduceAdd(load(x));
  y[1] = reduceMax(load(x));
  y[2] = reduceMin(load(x));
}

void activateArrays(const Activation& activation, const float* x, float* y, int n) {
  each(n, [&](int i, int lanes) {
    storePartial(y + i, activate(activation, loadPartial(x + i, lanes)), lanes);
  });
}

constexpr test::VecProbe::Unary kUnary[] = {
    {"abs", unary<abs>},         {"sqrt", unary<sqrt>},   {"floor", unary<floor>},
    {"ceil", unary<ceil>},       {"exp", unary<exp>},     {"roundEven", unary<roundEven>},
    {"expm1", unary<expm1>},     {"log", unary<log>},     {"tanh", unary<tanh>},
    {"sigmoid", unary<sigmoid>},
};

#define QRT_TO_STRING_INNER(x) #x
#define QRT_TO_STRING(x) QRT_TO_STRING_INNER(x)

}  // namespace

extern const test::VecProbe kVecProbe;
constexpr test::VecProbe kVecProbe = {QRT_TO_STRING(QRT_ISA_NAMESPACE),
                                      kLanes,
                                      kUnary,
                                      sizeof kUnary / sizeof *kUnary,
                                      fmaArrays,
                                      binary<max>,
                                      binary<min>,
                                      binary<operator/>,
                                      reduceArrays,
                                      activateArrays};

}  // namespace qrt::QRT_ISA_NAMESPACE
