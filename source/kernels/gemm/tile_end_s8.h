// How every int8 tile ends: from sums [m][kColumns] in memory to requantized bytes. The way through
// memory costs little, and the compiler keeps the sums in registers until then.
//
// For gemm_s8.isa.cpp only.
#pragma once

#include "kernels/gemm/gemm_s8.h"
#include "simd/vec_s8.h"

namespace qrt::QRT_ISA_NAMESPACE {
namespace {

template <int kColumns>
class TileEnd {
 public:
  explicit TileEnd(const GemmTileS8& tile)
      : t_(tile),
        requantize_(tile.low, tile.high, tile.zeroPoint),
        residualMultiplier_(broadcast(tile.residualMultiplier)),
        residualZero_(broadcastInts(tile.residualZero)) {}

  /// Rows first … last − 1; first is even.
  void run(const int32_t* sums, int first, int last) const {
    if (t_.residual == nullptr) {
      runRows<false>(sums + first * kColumns, first, last);
    } else {
      runRows<true>(sums + first * kColumns, first, last);
    }
  }

 private:
  template <bool Residual>
  void runRows(const int32_t* sums, int i, int last) const {
    if (t_.n == kColumns && kColumns % (2 * kLanes) == 0) {
      for (; i + 2 <= last; i += 2, sums += 2 * kColumns) {
        const int64_t first = t_.dst[i], second = t_.dst[i + 1];
#pragma GCC unroll 2
        for (int j = 0; j < kColumns; j += 2 * kLanes) {
          const VecF a = value<Residual>(sums, first, j), b = value<Residual>(sums, first, j + kLanes),
                     c = value<Residual>(sums + kColumns, second, j),
                     d = value<Residual>(sums + kColumns, second, j + kLanes);
          storeHalves(t_.out + first + j, t_.out + second + j, requantize_(a, b, c, d));
        }
      }
    }
    for (; i < last; ++i, sums += kColumns) {
      for (int j = 0; j < t_.n; j += kLanes) {
        const int left = t_.n - j;
        const VecF v = value<Residual>(sums, t_.dst[i], j);
        if (left >= kLanes) {
          storeS8(t_.out + t_.dst[i] + j, requantize_(v));
        } else {
          storeS8Partial(t_.out + t_.dst[i] + j, requantize_(v), left);
        }
      }
    }
  }

  template <bool Residual>
  QRT_INLINE VecF value(const int32_t* sums, int64_t dst, int j) const {
    const VecF v = toFloats(loadInts(sums + j)) * load(t_.multipliers + j);
    if constexpr (!Residual) return v;
    const int left = t_.n - j;
    const int8_t* p = t_.residual + dst + j;
    const Ints r = left >= kLanes ? loadS8(p) : loadS8Partial(p, left);
    return v + toFloats(r - residualZero_) * residualMultiplier_;
  }

  const GemmTileS8 t_;
  const RequantizeS8 requantize_;
  const VecF residualMultiplier_;
  const Ints residualZero_;
};

template <int kColumns>
void finishTile(const GemmTileS8& t, const int32_t* sums) {
  TileEnd<kColumns>(t).run(sums, 0, t.m);
}

}  // namespace
}  // namespace qrt::QRT_ISA_NAMESPACE
