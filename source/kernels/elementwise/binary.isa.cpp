#include "kernels/elementwise/binary.h"

#include "kernels/isa_table.h"
#include "simd/vec.h"

namespace qrt::QRT_ISA_NAMESPACE {
namespace {

struct Add {
  VecF operator()(VecF a, VecF b) const { return a + b; }
};
struct Sub {
  VecF operator()(VecF a, VecF b) const { return a - b; }
};
struct Mul {
  VecF operator()(VecF a, VecF b) const { return a * b; }
};
struct Div {
  VecF operator()(VecF a, VecF b) const { return a / b; }
};
// max() takes b where either is NaN, so only the NaNs of a need care.
struct Min {
  VecF operator()(VecF a, VecF b) const { return select(isNan(a), a, min(a, b)); }
};
struct Max {
  VecF operator()(VecF a, VecF b) const { return select(isNan(a), a, max(a, b)); }
};
struct Prelu {
  VecF operator()(VecF a, VecF b) const { return select(a < zero(), a * b, a); }
};

// A row's operand: memory, or one value.
struct Stream {
  const float* p;
  VecF at(int64_t i) const { return load(p + i); }
  VecF at(int64_t i, int n) const { return loadPartial(p + i, n); }
};
struct Value {
  VecF value;
  explicit Value(const float* p) : value(broadcast(*p)) {}
  VecF at(int64_t) const { return value; }
  VecF at(int64_t, int) const { return value; }
};

template <class Fn, class A, class B, bool Clamp>
void run(const BinaryRows& rows) {
  const VecF low = broadcast(rows.low);
  const VecF high = broadcast(rows.high);
  const auto result = [&](VecF a, VecF b) {
    const VecF y = Fn{}(a, b);
    return Clamp ? clamp(y, low, high) : y;
  };
  for (int64_t r = 0; r < rows.rows; ++r) {
    const A a{rows.a + r * rows.aRow};
    const B b{rows.b + r * rows.bRow};
    float* y = rows.y + r * rows.yRow;
    int64_t i = 0;
    for (; i + kLanes <= rows.n; i += kLanes) store(y + i, result(a.at(i), b.at(i)));
    const int rest = static_cast<int>(rows.n - i);
    if (rest > 0) storePartial(y + i, result(a.at(i, rest), b.at(i, rest)), rest);
  }
}

#define QRT_VARIANTS(Fn, Clamp) \
  { run<Fn, Stream, Stream, Clamp>, run<Fn, Value, Stream, Clamp>, run<Fn, Stream, Value, Clamp> }
#define QRT_TABLE(Clamp)                                                            \
  {                                                                                 \
    QRT_VARIANTS(Add, Clamp), QRT_VARIANTS(Sub, Clamp), QRT_VARIANTS(Mul, Clamp),   \
        QRT_VARIANTS(Div, Clamp), QRT_VARIANTS(Min, Clamp), QRT_VARIANTS(Max, Clamp), \
        QRT_VARIANTS(Prelu, Clamp)                                                  \
  }

}  // namespace

extern const BinaryKernels kBinaryKernels;
const BinaryKernels kBinaryKernels = {QRT_THIS_ISA, QRT_TABLE(false), QRT_TABLE(true)};

}  // namespace qrt::QRT_ISA_NAMESPACE
