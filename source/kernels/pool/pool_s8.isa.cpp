#include "kernels/pool/pool_s8.h"

#include "kernels/isa_table.h"
#include "simd/bytes_s8.h"

namespace qrt::QRT_ISA_NAMESPACE {
namespace {

using Block = BlockS8;
using Bytes = Block::Bytes;
using Ints = Block::Ints;

struct Whole {
  Bytes load(const int8_t* p) const { return Block::load(p); }
  void store(int8_t* p, Bytes x) const { Block::store(p, x); }
};
struct First {
  int n;
  Bytes load(const int8_t* p) const { return Block::loadPartial(p, n); }
  void store(int8_t* p, Bytes x) const { Block::storePartial(p, x, n); }
};

// fn(taps) for every tap of a window in a block of channels.
template <class Access, class Fn>
inline void eachTap(const PoolRowS8& row, const PoolSpan& column, const int8_t* x, Access access,
                    Fn fn) {
  for (int64_t r = 0; r < row.rows.count; ++r) {
    const int8_t* p = x + r * row.rowStride;
    for (int64_t c = 0; c < column.count; ++c, p += row.tapStride) fn(access.load(p));
  }
}

struct Max {
  explicit Max(const PoolRowS8&) {}
  void window(const PoolRowS8&, const PoolSpan&) {}
  template <class Access>
  Bytes operator()(const PoolRowS8& row, const PoolSpan& column, const int8_t* x,
                   Access access) const {
    Bytes best = Block::bytes(-128);
    eachTap(row, column, x, access, [&](Bytes tap) { best = Block::max(best, tap); });
    return best;
  }
};

struct Average {
  RequantizeBlock<Block> requantize;
  Block::Floats scale{}, nudge;
  Ints start{};  // −zeroX for each tap
  int64_t divisor = -1;

  explicit Average(const PoolRowS8& row)
      : requantize(row.quant.zeroY, -128, 127), nudge(Block::floats(row.quant.nudge)) {}
  // (sum + the nudge with its sign) · scale; a sum is whole.
  Block::Floats mean(Ints sum) const {
    const Block::Floats v = Block::toFloats(sum);
    const Block::Floats bounded = Block::min(v, nudge);
    return (v - Block::min(-bounded, nudge)) * scale;
  }
  void window(const PoolRowS8& row, const PoolSpan& column) {
    start = Block::ints(static_cast<int32_t>(-row.rows.count * column.count * row.quant.zeroX));
    const int64_t count = row.rows.divisor * column.divisor;
    if (count == divisor) return;
    divisor = count;
    const double scaleOut = row.quant.scaleY * static_cast<double>(count);
    scale = Block::floats(static_cast<float>(row.quant.scaleX / scaleOut));
  }
  template <class Access>
  Bytes operator()(const PoolRowS8& row, const PoolSpan& column, const int8_t* x,
                   Access access) const {
    Ints sums[4] = {start, start, start, start};
    eachTap(row, column, x, access, [&](Bytes tap) {
      sums[0] = Block::add(sums[0], Block::widen<0>(tap));
      sums[1] = Block::add(sums[1], Block::widen<1>(tap));
      sums[2] = Block::add(sums[2], Block::widen<2>(tap));
      sums[3] = Block::add(sums[3], Block::widen<3>(tap));
    });
    const Block::Floats v[4] = {mean(sums[0]), mean(sums[1]), mean(sums[2]), mean(sums[3])};
    return requantize(v);
  }
};

template <class Pool>
void pool(const PoolRowS8& row) {
  Pool pool(row);
  for (int64_t i = 0; i < row.pixels; ++i) {
    const PoolSpan column = row.columns[i];
    const int8_t* x = row.x + column.first * row.pixelStride;
    int8_t* y = row.y + i * row.pixelStride;
    pool.window(row, column);
    int64_t c = 0;
    for (; c + Block::kBytes <= row.channels; c += Block::kBytes) {
      Whole{}.store(y + c, pool(row, column, x + c, Whole{}));
    }
    if (c < row.channels) {
      const First first{static_cast<int>(row.channels - c)};
      first.store(y + c, pool(row, column, x + c, first));
    }
  }
}

}  // namespace

extern const PoolKernelsS8 kPoolKernelsS8;
const PoolKernelsS8 kPoolKernelsS8 = {QRT_THIS_ISA, pool<Max>, pool<Average>};

}  // namespace qrt::QRT_ISA_NAMESPACE
