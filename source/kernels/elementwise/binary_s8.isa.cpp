#include "kernels/elementwise/binary_s8.h"

#include "kernels/isa_table.h"
#include "simd/bytes_s8.h"

namespace qrt::QRT_ISA_NAMESPACE {
namespace {

using Block = BlockS8;
using Bytes = Block::Bytes;

struct Add {
  Block::Ints scaleA, scaleB, start;
  Bytes low, high;
  int shift;
  int32_t zeroY;

  explicit Add(const BinaryQuantS8& q)
      : scaleA(Block::ints(q.sum.a)),
        scaleB(Block::ints(q.sum.b)),
        start(Block::ints((1 << (q.sum.shift - 1)) - q.zeroA * q.sum.a - q.zeroB * q.sum.b)),
        low(Block::bytes(static_cast<int8_t>(q.low))),
        high(Block::bytes(static_cast<int8_t>(q.high))),
        shift(q.sum.shift),
        zeroY(q.zeroY) {}

  template <int Quarter>
  Block::Ints quarter(Bytes a, Bytes b) const {
    const auto x = Block::mul(Block::widen<Quarter>(a), scaleA);
    const auto y = Block::mul(Block::widen<Quarter>(b), scaleB);
    return Block::shiftRight(Block::add(Block::add(x, y), start), shift);
  }
  Bytes operator()(Bytes a, Bytes b) const {
    const Block::Ints v[4] = {quarter<0>(a, b), quarter<1>(a, b), quarter<2>(a, b), quarter<3>(a, b)};
    return Block::min(Block::max(Block::narrow(v, zeroY), low), high);
  }
};
struct Mul {
  Block::Ints zeroA, zeroB;
  Block::Floats scale;
  RequantizeBlock<Block> requantize;

  explicit Mul(const BinaryQuantS8& q)
      : zeroA(Block::ints(q.zeroA)),
        zeroB(Block::ints(q.zeroB)),
        scale(Block::floats(q.product)),
        requantize(q.zeroY, q.low, q.high) {}

  template <int Quarter>
  Block::Floats quarter(Bytes a, Bytes b) const {
    const auto x = Block::toFloats(Block::sub(Block::widen<Quarter>(a), zeroA));
    const auto y = Block::toFloats(Block::sub(Block::widen<Quarter>(b), zeroB));
    return (x * y) * scale;  // the product is below 2²⁴: exact
  }
  Bytes operator()(Bytes a, Bytes b) const {
    const Block::Floats v[4] = {quarter<0>(a, b), quarter<1>(a, b), quarter<2>(a, b), quarter<3>(a, b)};
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
    {QRT_VARIANTS(Add), QRT_VARIANTS(Mul), QRT_VARIANTS(Min), QRT_VARIANTS(Max)}};

}  // namespace qrt::QRT_ISA_NAMESPACE
