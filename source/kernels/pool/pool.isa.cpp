// A pixel is done in blocks of channels that stay in registers over all taps of the window.
#include "kernels/pool/pool.h"

#include "kernels/isa_table.h"
#include "simd/vec.h"

namespace qrt::QRT_ISA_NAMESPACE {
namespace {

constexpr int kBlock = 4;  // vectors

struct Lane {
  VecF load(const float* p) const { return QRT_ISA_NAMESPACE::load(p); }
  void store(float* p, VecF x) const { QRT_ISA_NAMESPACE::store(p, x); }
};
struct PartialLane {
  int n;
  VecF load(const float* p) const { return loadPartial(p, n); }
  void store(float* p, VecF x) const { storePartial(p, x, n); }
};

// max() keeps best where either is NaN, so only a NaN of x needs care.
VecF larger(VecF x, VecF best) { return select(isNan(x), x, max(x, best)); }

template <int Vectors, class Access>
void maxBlock(const PoolRow& row, const PoolSpan& column, const float* x, float* y, Access access) {
  VecF best[Vectors];
  for (VecF& b : best) b = broadcast(-__builtin_inff());
  for (int64_t r = 0; r < row.rows.count; ++r) {
    const float* p = x + r * row.rowStride;
    for (int64_t c = 0; c < column.count; ++c, p += row.tapStride) {
      for (int v = 0; v < Vectors; ++v) best[v] = larger(access.load(p + v * kLanes), best[v]);
    }
  }
  for (int v = 0; v < Vectors; ++v) access.store(y + v * kLanes, best[v]);
}

template <int Vectors, class Access>
void averageBlock(const PoolRow& row, const PoolSpan& column, const float* x, float* y,
                  Access access) {
  VecF total[Vectors];
  for (VecF& t : total) t = zero();
  for (int64_t r = 0; r < row.rows.count; ++r) {
    const float* p = x + r * row.rowStride;
    VecF sum[Vectors];
    for (VecF& s : sum) s = zero();
    for (int64_t c = 0; c < column.count; ++c, p += row.tapStride) {
      for (int v = 0; v < Vectors; ++v) sum[v] = sum[v] + access.load(p + v * kLanes);
    }
    for (int v = 0; v < Vectors; ++v) total[v] = total[v] + sum[v];
  }
  const VecF divisor = broadcast(static_cast<float>(row.rows.divisor * column.divisor));
  for (int v = 0; v < Vectors; ++v) access.store(y + v * kLanes, total[v] / divisor);
}

struct Max {
  template <int Vectors, class... Args>
  static void block(Args... args) { maxBlock<Vectors>(args...); }
};
struct Average {
  template <int Vectors, class... Args>
  static void block(Args... args) { averageBlock<Vectors>(args...); }
};

template <class Pool>
void pool(const PoolRow& row) {
  for (int64_t i = 0; i < row.pixels; ++i) {
    const PoolSpan column = row.columns[i];
    const float* x = row.x + column.first * row.pixelStride;
    float* y = row.y + i * row.pixelStride;
    int64_t c = 0;
    for (; c + kBlock * kLanes <= row.channels; c += kBlock * kLanes) {
      Pool::template block<kBlock>(row, column, x + c, y + c, Lane{});
    }
    for (; c + kLanes <= row.channels; c += kLanes) {
      Pool::template block<1>(row, column, x + c, y + c, Lane{});
    }
    if (c < row.channels) {
      Pool::template block<1>(row, column, x + c, y + c,
                              PartialLane{static_cast<int>(row.channels - c)});
    }
  }
}

}  // namespace

extern const PoolKernels kPoolKernels;
const PoolKernels kPoolKernels = {QRT_THIS_ISA, pool<Max>, pool<Average>};

}  // namespace qrt::QRT_ISA_NAMESPACE
