// The int8 tile of all levels whose primitive is a dot product per lane (simd/dot_s8.h).
//
// For gemm_s8.isa.cpp only.
#pragma once

#include "kernels/gemm/dot_sums.h"
#include "kernels/gemm/tile_end_s8.h"
#include "simd/dot_s8.h"

namespace qrt::QRT_ISA_NAMESPACE {
namespace {

// Tile: as many accumulators as the registers hold beside one row of B and a value of A. 14 rows
// because the feature maps of ImageNet nets (56², 28², 14²) divide by it.
#if !defined(QRT_VECTOR)
constexpr int kRows = 2, kColumnVectors = 4;
#elif defined(__AVX512F__)
constexpr int kRows = 14, kColumnVectors = 2;
#elif defined(__ARM_FEATURE_DOTPROD)
constexpr int kRows = 7, kColumnVectors = 3;
#elif defined(__ARM_NEON)
constexpr int kRows = 4, kColumnVectors = 4;
#elif defined(__AVX2__)
constexpr int kRows = 6, kColumnVectors = 2;
#else
constexpr int kRows = 4, kColumnVectors = 2;
#endif
constexpr int kColumns = kColumnVectors * kLanes, kRowGroup = 1;

template <bool Wide>
struct DotS8 {
  static constexpr int kGroup = QRT_ISA_NAMESPACE::kGroup, kDot = QRT_ISA_NAMESPACE::kDot,
                       kStep = QRT_ISA_NAMESPACE::kStep;
  using Row = RowA;
  using Columns = ColumnsB;
  static QRT_INLINE Row loadRow(const ElementA* p) { return QRT_ISA_NAMESPACE::loadRow(p); }
  static QRT_INLINE Columns loadColumns(const int8_t* p, int columns) {
    return QRT_ISA_NAMESPACE::loadColumns(p, columns);
  }
  template <int Index>
  static QRT_INLINE Ints dot(Ints acc, Row a, Columns b) {
    return QRT_ISA_NAMESPACE::dot<Index, Wide>(acc, a, b);
  }
};

template <int M, int Vectors, bool Wide>
void tile(const GemmTileS8& t) {
  Ints acc[M][Vectors];
#pragma GCC unroll 16
  for (int i = 0; i < M; ++i) {
    const Ints rowBias = broadcastInts(t.rowBias != nullptr ? t.rowBias[i] : 0);
#pragma GCC unroll 4
    for (int j = 0; j < Vectors; ++j) acc[i][j] = loadInts(t.bias + j * kLanes) + rowBias;
  }
  const auto* a = static_cast<const ElementA*>(t.a);
  const ElementA* end = a + t.depth;
  const int8_t* b = t.panel;
  uintptr_t ahead = t.ahead;
  const int64_t stride = t.stride;
  if constexpr (M <= 2) {  // room for sums that do not wait for each other
    constexpr int kChains = 4 / M;
    Ints more[kChains - 1][M][Vectors];
#pragma GCC unroll 4
    for (auto& chain : more) {
#pragma GCC unroll 16
      for (auto& row : chain) {
#pragma GCC unroll 4
        for (Ints& sum : row) sum = broadcastInts(0);
      }
    }
    for (; end - a >= kChains * kStep; a += kChains * kStep, b += kChains * kStep * kColumns) {
      for (int chain = 0; chain < kChains; ++chain, ahead += t.aheadStep) fetch(ahead);
      accumulate<DotS8<Wide>, kColumns>(acc, a, stride, b);
#pragma GCC unroll 4
      for (int chain = 1; chain < kChains; ++chain) {
        accumulate<DotS8<Wide>, kColumns>(more[chain - 1], a + chain * kStep, stride,
                                          b + chain * kStep * kColumns);
      }
    }
#pragma GCC unroll 4
    for (auto& chain : more) {
#pragma GCC unroll 16
      for (int i = 0; i < M; ++i) {
#pragma GCC unroll 4
        for (int j = 0; j < Vectors; ++j) acc[i][j] = acc[i][j] + chain[i][j];
      }
    }
  }
  for (; a < end; a += kStep, b += kStep * kColumns, ahead += t.aheadStep) {
    fetch(ahead);
    accumulate<DotS8<Wide>, kColumns>(acc, a, stride, b);
  }
  alignas(64) int32_t sums[M * kColumns];
#pragma GCC unroll 16
  for (int i = 0; i < M; ++i) {
#pragma GCC unroll 4
    for (int j = 0; j < Vectors; ++j) storeInts(sums + i * kColumns + j * kLanes, acc[i][j]);
  }
  finishTile<kColumns>(t, sums);
}

using Run = void (*)(const GemmTileS8&);
struct Variants {
  Run run[2][kRows * kColumnVectors];
};
template <int Index>
constexpr void fill(Variants& variants) {
  constexpr int kM = Index / kColumnVectors + 1, kN = Index % kColumnVectors + 1;
  variants.run[0][Index] = tile<kM, kN, false>;
  variants.run[1][Index] = tile<kM, kN, kWideDiffers>;
  if constexpr (Index > 0) fill<Index - 1>(variants);
}
constexpr Variants makeVariants() {
  Variants variants{};
  fill<kRows * kColumnVectors - 1>(variants);
  return variants;
}
constexpr Variants kVariants = makeVariants();
constexpr void (*kBegin)() = nullptr;
constexpr void (*kEnd)() = nullptr;

void runTile(const GemmTileS8& tile) {
  kVariants.run[tile.wide][(tile.m - 1) * kColumnVectors + (tile.n - 1) / kLanes](tile);
}

}  // namespace
}  // namespace qrt::QRT_ISA_NAMESPACE
