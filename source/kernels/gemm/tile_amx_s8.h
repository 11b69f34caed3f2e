// The int8 tile of AMX: 2 × 2 tile registers of sums, 32 × 32 outputs. While the tile unit multiplies,
// the vector units end the outputs of the tile before, a few rows for each step of k.
//
// For gemm_s8.isa.cpp only.
#pragma once

#include "kernels/gemm/tile_end_s8.h"
#include "simd/tiles.h"

namespace qrt::QRT_ISA_NAMESPACE {
namespace {

using ElementA = int8_t;
constexpr int kOffsetA = 0, kGroup = 4, kStep = 64;
constexpr int kRows = 32, kColumns = 32, kRowGroup = 16;
constexpr int64_t kSumStride = kColumns * sizeof(int32_t);

/// A tile whose sums are there, and whose outputs are not.
struct Pending {
  alignas(64) int32_t sums[kRows * kColumns];
  GemmTileS8 tile;
  int next;  ///< its first row without outputs; tile.m if there is nothing to do
};
thread_local Pending pending;

void endRows(int count) {
  const int last = pending.next + count < pending.tile.m ? pending.next + count : pending.tile.m;
  if (pending.next >= last) return;
  TileEnd<kColumns>(pending.tile).run(pending.sums, pending.next, last);
  pending.next = last;
}

// C starts as the bias: a row stride of 0 gives it to all 16 rows.
void loadBias(const GemmTileS8& t) {
  if (t.rowBias == nullptr) {
    loadTile<0>(t.bias, 0);
    loadTile<1>(t.bias + 16, 0);
    loadTile<2>(t.bias, 0);
    loadTile<3>(t.bias + 16, 0);
    return;
  }
  alignas(64) int32_t sums[kRows * kColumns];
  for (int i = 0; i < kRows; ++i) {
    for (int j = 0; j < kColumns; ++j) sums[i * kColumns + j] = t.bias[j] + t.rowBias[i];
  }
  loadTile<0>(sums, kSumStride);
  loadTile<1>(sums + 16, kSumStride);
  loadTile<2>(sums + 16 * kColumns, kSumStride);
  loadTile<3>(sums + 16 * kColumns + 16, kSumStride);
}

// Halves of the block that hold no output are left out.
template <bool SecondRows, bool SecondColumns>
void multiply(const GemmTileS8& t) {
  const auto* a = static_cast<const int8_t*>(t.a);
  const int8_t* b = t.panel;
  uintptr_t ahead = t.ahead;
  const int64_t steps = t.depth / kStep;
  const int rowsPerStep = steps >= kRows / 2 ? 2 : static_cast<int>(kRows / (2 * (steps + 1)) + 1) * 2;
  for (int64_t k = 0; k < t.depth; k += kStep, b += kStep * kColumns) {
    loadTile<6>(b, kColumns * kGroup);
    loadTile<4>(a + k, t.stride);
    dotTiles<0, 4, 6>();
    if constexpr (SecondColumns) {
      loadTile<7>(b + 16 * kGroup, kColumns * kGroup);
      dotTiles<1, 4, 7>();
    }
    if constexpr (SecondRows) {
      loadTile<5>(a + 16 * t.stride + k, t.stride);
      dotTiles<2, 5, 6>();
      if constexpr (SecondColumns) dotTiles<3, 5, 7>();
    }
    for (uintptr_t at = 0; at < t.aheadStep; at += 64) fetch(ahead + at);
    ahead += t.aheadStep;
    endRows(rowsPerStep);
  }
}

void runTile(const GemmTileS8& t) {
  loadBias(t);
  if (t.m > 16 && t.n > 16) {
    multiply<true, true>(t);
  } else if (t.m > 16) {
    multiply<true, false>(t);
  } else if (t.n > 16) {
    multiply<false, true>(t);
  } else {
    multiply<false, false>(t);
  }
  endRows(kRows);
  storeTile<0>(pending.sums, kSumStride);
  storeTile<1>(pending.sums + 16, kSumStride);
  storeTile<2>(pending.sums + 16 * kColumns, kSumStride);
  storeTile<3>(pending.sums + 16 * kColumns + 16, kSumStride);
  pending.tile = t;
  pending.next = 0;
}

void begin() {
  configureTiles();
  pending.next = pending.tile.m = 0;
}
void end() {
  endRows(kRows);
  releaseTiles();
}
constexpr void (*kBegin)() = begin;
constexpr void (*kEnd)() = end;

}  // namespace
}  // namespace qrt::QRT_ISA_NAMESPACE
