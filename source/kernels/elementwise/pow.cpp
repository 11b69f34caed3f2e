#include "kernels/elementwise/pow.h"

#include <cmath>

namespace qrt {
namespace {

template <int64_t AStep, int64_t BStep>
void powRows(const BinaryRows& rows) {
  for (int64_t r = 0; r < rows.rows; ++r) {
    const float* a = rows.a + r * rows.aRow;
    const float* b = rows.b + r * rows.bRow;
    float* y = rows.y + r * rows.yRow;
    if (BStep == 0 && *b == 2.0f) {
      for (int64_t i = 0; i < rows.n; ++i) y[i] = a[i * AStep] * a[i * AStep];
    } else {
      for (int64_t i = 0; i < rows.n; ++i) y[i] = std::pow(a[i * AStep], b[i * BStep]);
    }
  }
}

}  // namespace

BinaryFn powKernel(Repeated repeated) {
  switch (repeated) {
    case Repeated::a: return powRows<0, 1>;
    case Repeated::b: return powRows<1, 0>;
    default: return powRows<1, 1>;
  }
}

}  // namespace qrt
