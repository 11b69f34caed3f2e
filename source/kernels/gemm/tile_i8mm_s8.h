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

// Rows 2i and 2i + 1 for k … k + 7 and for k + 8 … k + 15.
struct RowPair {
  int8x16_t low, high;
};
QRT_INLINE RowPair loadPair(const int8_t* a, int64_t stride) {
  const int64x2_t first = vreinterpretq_s64_s8(vld1q_s8(a));
  const int64x2_t second = vreinterpretq_s64_s8(vld1q_s8(a + stride));
  return {vreinterpretq_s8_s64(vzip1q_s64(first, second)),
          vreinterpretq_s8_s64(vzip2q_s64(first, second))};
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
  const int64_t stride = t.stride;
  for (; a < end; a += kStep, b += kStep * kColumns) {
    RowPair rows[RowPairs];
#pragma GCC unroll 4
    for (int i = 0; i < RowPairs; ++i) rows[i] = loadPair(a + 2 * i * stride, stride);
#pragma GCC unroll 6
    for (int j = 0; j < kPairs; ++j) {
      const int8x16_t columns = vld1q_s8(b + 16 * j);
#pragma GCC unroll 4
      for (int i = 0; i < RowPairs; ++i) acc[i][j] = vmmlaq_s32(acc[i][j], rows[i].low, columns);
    }
#pragma GCC unroll 6
    for (int j = 0; j < kPairs; ++j) {
      const int8x16_t columns = vld1q_s8(b + kGroup * kColumns + 16 * j);
#pragma GCC unroll 4
      for (int i = 0; i < RowPairs; ++i) acc[i][j] = vmmlaq_s32(acc[i][j], rows[i].high, columns);
    }
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
