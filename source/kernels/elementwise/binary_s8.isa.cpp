#include "kernels/elementwise/binary_s8.h"

#include "kernels/isa_table.h"
#include "simd/bytes_s8.h"

namespace qrt::QRT_ISA_NAMESPACE {
namespace {

using Block = BlockS8;
using Bytes = Block::Bytes;

template <bool Product>
struct Arithmetic {
  Block::Ints zeroA, zeroB;
  Block::Floats scaleA, scaleB;
  RequantizeBlock<Block> requantize;

  explicit Arithmetic(const BinaryQuantS8& q)
      : zeroA(Block::ints(q.zeroA)),
        zeroB(Block::ints(q.zeroB)),
        scaleA(Block::floats(q.scaleA)),
        scaleB(Block::floats(q.scaleB)),
        requantize(q.zeroY, q.low, q.high) {}

  template <int Quarter>
  Block::Floats quarter(Bytes a, Bytes b) const {
    const auto x = Block::toFloats(Block::sub(Block::widen<Quarter>(a), zeroA));
    const auto y = Block::toFloats(Block::sub(Block::widen<Quarter>(b), zeroB));
    if constexpr (Product) {
      return (x * y) * scaleA;  // the product is below 2²⁴: exact
    } else {
      return x * scaleA + y * scaleB;
    }
  }
  Bytes operator()(Bytes a, Bytes b) const {
    const Block::Floats v[4] = {quarter<0>(a, b), quarter<1>(a, b), quarter<2>(a, b),
                                quarter<3>(a, b)};
    return requantize(v);
  }
};
struct Min {
  explicit Min(const BinaryQuantS8&) {}
  Bytes operator()(Bytes a, Bytes b) const { return Block::min(a, b); }
};
struct Max {
  explicit Max(const BinaryQuantS8&) {}
  Bytes operator()(Bytes a, Bytes b) const { return Block::max(a, b); }
};

// A row's operand: memory, or one value.
struct Stream {
  const int8_t* p;
  Bytes at(int64_t i) const { return Block::load(p + i); }
  Bytes at(int64_t i, int n) const { return Block::loadPartial(p + i, n); }
};
struct Value {
  Bytes value;
  explicit Value(const int8_t* p) : value(Block::bytes(*p)) {}
  Bytes at(int64_t) const { return value; }
  Bytes at(int64_t, int) const { return value; }
};

template <class Fn, class A, class B>
void run(const BinaryRowsS8& rows) {
  const Fn fn(rows.quant);
  for (int64_t r = 0; r < rows.rows; ++r) {
    const A a{rows.a + r * rows.aRow};
    const B b{rows.b + r * rows.bRow};
    int8_t* y = rows.y + r * rows.yRow;
    int64_t i = 0;
    for (; i + Block::kBytes <= rows.n; i += Block::kBytes) Block::store(y + i, fn(a.at(i), b.at(i)));
    const int rest = static_cast<int>(rows.n - i);
    if (rest > 0) Block::storePartial(y + i, fn(a.at(i, rest), b.at(i, rest)), rest);
  }
}

#define QRT_VARIANTS(Fn) {run<Fn, Stream, Stream>, run<Fn, Value, Stream>, run<Fn, Stream, Value>}

}  // namespace

extern const BinaryKernelsS8 kBinaryKernelsS8;
const BinaryKernelsS8 kBinaryKernelsS8 = {
    QRT_THIS_ISA,
    {QRT_VARIANTS(Arithmetic<false>), QRT_VARIANTS(Arithmetic<true>), QRT_VARIANTS(Min),
     QRT_VARIANTS(Max)}};

}  // namespace qrt::QRT_ISA_NAMESPACE
