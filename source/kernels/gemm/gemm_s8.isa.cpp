// The microkernels of gemm_s8.h for one level.
#include "kernels/gemm/gemm_s8.h"

#include "simd/copy_s8.h"
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
constexpr int kColumns = kColumnVectors * kLanes;
// Few rows leave room for sums that do not wait for each other.
constexpr int chainsOf(int rows) { return rows == 1 ? 4 : rows == 2 ? 2 : 1; }

template <int M, int Vectors>
inline void finishTile(const GemmTileS8& t, const Ints (&acc)[M][Vectors]) {
  const RequantizeS8 requantize{broadcast(t.low), broadcast(t.high), broadcastInts(t.zeroPoint)};
  const VecF residualMultiplier = broadcast(t.residualMultiplier);
  const Ints residualZero = broadcastInts(t.residualZero);
#pragma GCC unroll 4
  for (int j = 0; j < Vectors; ++j) {
    const VecF multipliers = load(t.multipliers + j * kLanes);
    const int left = t.n - j * kLanes;
#pragma GCC unroll 16
    for (int i = 0; i < M; ++i) {
      const int64_t at = t.dst[i] + j * kLanes;
      VecF v = toFloats(acc[i][j]) * multipliers;
      if (t.residual != nullptr) {
        const int8_t* p = t.residual + at;
        const Ints r = left >= kLanes ? loadS8(p) : loadS8Partial(p, left);
        v = v + toFloats(r - residualZero) * residualMultiplier;
      }
      if (left >= kLanes) {
        storeS8(t.out + at, requantize(v));
      } else {
        storeS8Partial(t.out + at, requantize(v), left);
      }
    }
  }
}

template <int M, int Vectors, bool Wide>
struct DotTile {
  // acc += a[0 … kStep) · b, one dot primitive for each kDot of k.
  template <int Index = 0>
  static inline void step(Ints (&acc)[M][Vectors], const RowA (&a)[M], const int8_t* b) {
    ColumnsB columns[Vectors];
#pragma GCC unroll 4
    for (int j = 0; j < Vectors; ++j) columns[j] = loadColumns(b + j * kLanes * kGroup, kColumns);
#pragma GCC unroll 16
    for (int i = 0; i < M; ++i) {
#pragma GCC unroll 4
      for (int j = 0; j < Vectors; ++j) {
        acc[i][j] = dot<Index, Wide>(acc[i][j], a[i], columns[j]);
      }
    }
    if constexpr ((Index + 1) * kDot < kStep) step<Index + 1>(acc, a, b + kDot * kColumns);
  }
  static inline void step(Ints (&acc)[M][Vectors], const ElementA* a, int64_t stride,
                          const int8_t* b) {
    RowA rows[M];
#pragma GCC unroll 16
    for (int i = 0; i < M; ++i) rows[i] = loadRow(a + i * stride);
    step(acc, rows, b);
  }

  static void run(const GemmTileS8& t) {
    constexpr int kChains = chainsOf(M);
    Ints acc[kChains][M][Vectors];
#pragma GCC unroll 16
    for (int i = 0; i < M; ++i) {
      const Ints rowBias = broadcastInts(t.rowBias != nullptr ? t.rowBias[i] : 0);
#pragma GCC unroll 4
      for (int j = 0; j < Vectors; ++j) {
        acc[0][i][j] = loadInts(t.bias + j * kLanes) + rowBias;
#pragma GCC unroll 4
        for (int chain = 1; chain < kChains; ++chain) acc[chain][i][j] = broadcastInts(0);
      }
    }
    const auto* a = static_cast<const ElementA*>(t.a);
    const int8_t* b = t.panel;
    int64_t k = 0;
    for (; k + kChains * kStep <= t.depth; k += kChains * kStep) {
#pragma GCC unroll 4
      for (int chain = 0; chain < kChains; ++chain) {
        step(acc[chain], a, t.stride, b);
        a += kStep;
        b += kStep * kColumns;
      }
    }
    for (; k < t.depth; k += kStep, a += kStep, b += kStep * kColumns) {
      step(acc[0], a, t.stride, b);
    }
#pragma GCC unroll 4
    for (int chain = 1; chain < kChains; ++chain) {
#pragma GCC unroll 16
      for (int i = 0; i < M; ++i) {
#pragma GCC unroll 4
        for (int j = 0; j < Vectors; ++j) acc[0][i][j] = acc[0][i][j] + acc[chain][i][j];
      }
    }
    finishTile(t, acc[0]);
  }
};

using Run = void (*)(const GemmTileS8&);
struct Variants {
  Run run[2][kRows * kColumnVectors];
};
template <int Index>
constexpr void fill(Variants& variants) {
  constexpr int kM = Index / kColumnVectors + 1, kN = Index % kColumnVectors + 1;
  variants.run[0][Index] = DotTile<kM, kN, false>::run;
  variants.run[1][Index] = DotTile<kM, kN, kWideDiffers>::run;
  if constexpr (Index > 0) fill<Index - 1>(variants);
}
constexpr Variants makeVariants() {
  Variants variants{};
  fill<kRows * kColumnVectors - 1>(variants);
  return variants;
}
constexpr Variants kVariants = makeVariants();

void runTile(const GemmTileS8& tile) {
  kVariants.run[tile.wide][(tile.m - 1) * kColumnVectors + (tile.n - 1) / kLanes](tile);
}

void gatherRows(const GemmGatherS8& from, void* a, int64_t stride, int m) {
  auto* row = static_cast<ElementA*>(a);
  for (int i = 0; i < m; ++i, row += stride) {
    for (int64_t t = 0; t < from.taps; ++t) {
      copyRow(row + t * from.k, from.rows[t * from.rowStep + i], from.k, from.end);
    }
  }
}

}  // namespace

extern const GemmKernelS8 kGemmS8;
constexpr GemmKernelS8 kGemmS8 = {IsaLevel::QRT_ISA_NAMESPACE,
                                  kRows,
                                  kColumns,
                                  kGroup,
                                  kStep,
                                  sizeof(ElementA),
                                  kOffsetA,
                                  runTile,
                                  gatherRows,
                                  nullptr,
                                  nullptr};

}  // namespace qrt::QRT_ISA_NAMESPACE
