// The int8 tile of Armv8.6: smmla multiplies two rows by two columns over eight k at once.
//
// For gemm_s8.isa.cpp only.
#pragma once

#include "kernels/gemm/tile_end_s8.h"

namespace qrt::QRT_ISA_NAMESPACE {
namespace {

using ElementA = int8_t;
// 4 × 6 accumulators of 2 × 2, four pairs of rows and a pair of columns: 29 registers.
constexpr int kOffsetA = 0, kGroup = 8, kStep = 16;
constexpr int kRows = 8, kColumns = 12, kPairs = kColumns / 2, kRowGroup = 2;

// Two rows, eight k of each. By halves, since whole rows and their zips would not fit the registers.
QRT_INLINE int8x16_t loadPair(const int8_t* a, int64_t stride) {
  const auto* first = reinterpret_cast<const int64_t*>(a);
  const auto* second = reinterpret_cast<const int64_t*>(a + stride);
  return vreinterpretq_s8_s64(vld1q_lane_s64(second, vcombine_s64(vld1_s64(first), vdup_n_s64(0)), 1));
}

// acc += a[i][k … k + 7] · b
template <int RowPairs>
QRT_INLINE void accumulate(int32x4_t (&acc)[RowPairs][kPairs], const int8_t* a, int64_t stride,
                           const int8_t* b) {
  int8x16_t rows[RowPairs];
#pragma GCC unroll 4
  for (int i = 0; i < RowPairs; ++i) rows[i] = loadPair(a + 2 * i * stride, stride);
#pragma GCC unroll 6
  for (int j = 0; j < kPairs; ++j) {
    const int8x16_t columns = vld1q_s8(b + 16 * j);
#pragma GCC unroll 4
    for (int i = 0; i < RowPairs; ++i) acc[i][j] = vmmlaq_s32(acc[i][j], rows[i], columns);
    if (j % 2 == 1) __asm__ volatile("" ::: "memory");  // no loads ahead, they would spill
  }
}

// All columns, and rows in pairs: what is too much belongs to no output.
template <int RowPairs>
void tile(const GemmTileS8& t) {
  int32x4_t acc[RowPairs][kPairs];
#pragma GCC unroll 4
  for (int i = 0; i < RowPairs; ++i) {
    const int32_t* own = t.rowBias;
    const int32x4_t rowBias = own == nullptr ? vdupq_n_s32(0)
                                             : vcombine_s32(vdup_n_s32(own[2 * i]),
                                                            vdup_n_s32(own[2 * i + 1]));
#pragma GCC unroll 6
    for (int j = 0; j < kPairs; ++j) {
      const int32x2_t bias = vld1_s32(t.bias + 2 * j);
      acc[i][j] = vaddq_s32(vcombine_s32(bias, bias), rowBias);
    }
  }
  const auto* a = static_cast<const int8_t*>(t.a);
  const int8_t* end = a + t.depth;
  const int8_t* b = t.panel;
  uintptr_t ahead = t.ahead;
  const int64_t stride = t.stride;
  for (; a < end; a += kStep, b += kStep * kColumns, ahead += t.aheadStep) {
    fetch(ahead);
    accumulate<RowPairs>(acc, a, stride, b);
    accumulate<RowPairs>(acc, a + kGroup, stride, b + kGroup * kColumns);
  }
  alignas(64) int32_t sums[2 * RowPairs * kColumns];
#pragma GCC unroll 4
  for (int i = 0; i < RowPairs; ++i) {
#pragma GCC unroll 6
    for (int j = 0; j < kPairs; ++j) {
      int32_t* p = sums + 2 * i * kColumns + 2 * j;
      vst1_s32(p, vget_low_s32(acc[i][j]));
      vst1_s32(p + kColumns, vget_high_s32(acc[i][j]));
    }
  }
  finishTile<kColumns>(t, sums);
}

void runTile(const GemmTileS8& t) {
  constexpr void (*kVariants[])(const GemmTileS8&) = {tile<1>, tile<2>, tile<3>, tile<4>};
  kVariants[(t.m - 1) / 2](t);
}

constexpr void (*kBegin)() = nullptr;
constexpr void (*kEnd)() = nullptr;

}  // namespace
}  // namespace qrt::QRT_ISA_NAMESPACE
