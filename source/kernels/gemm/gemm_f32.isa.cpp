// The microkernels of gemm_f32.h for one level.
#include "kernels/gemm/gemm_f32.h"

#include "simd/vec_math.h"

namespace qrt::QRT_ISA_NAMESPACE {
namespace {

// Tile: as many accumulators as the registers hold beside one row of B and a broadcast value. 14
// or 7 rows because the feature maps of ImageNet nets (56², 28², 14²) divide by it.
#if !defined(QRT_VECTOR)
constexpr int kRows = 2, kColumnVectors = 4;
#elif defined(__AVX512F__)
constexpr int kRows = 14, kColumnVectors = 2;
#elif defined(__ARM_NEON)
constexpr int kRows = 7, kColumnVectors = 3;
#else
constexpr int kRows = 6, kColumnVectors = 2;
#endif
constexpr int kColumns = kColumnVectors * kLanes;

template <int M, int Vectors>
void tile(const GemmTileF32& t) {
  VecF acc[M][Vectors];
#pragma GCC unroll 4
  for (int j = 0; j < Vectors; ++j) {
    const int left = t.n - j * kLanes;
    const VecF bias = t.bias == nullptr ? zero()
                      : left >= kLanes  ? load(t.bias + j * kLanes)
                                        : loadPartial(t.bias + j * kLanes, left);
#pragma GCC unroll 16
    for (int i = 0; i < M; ++i) acc[i][j] = bias;
  }
  const float* b = t.panel;
  uintptr_t ahead = t.ahead;
  const uintptr_t aheadStep = t.aheadStep;
  const int64_t depth = t.k;
  const float* const* rows = t.rows;
  for (int64_t tap = 0; tap < t.taps; ++tap, rows += kRows) {
    const float* a[M];
#pragma GCC unroll 16
    for (int i = 0; i < M; ++i) a[i] = rows[i];
    for (int64_t k = 0; k < depth; ++k, b += kColumns) {
      fetch(ahead);
      ahead += aheadStep;
      VecF column[Vectors];
#pragma GCC unroll 4
      for (int j = 0; j < Vectors; ++j) column[j] = load(b + j * kLanes);
#pragma GCC unroll 16
      for (int i = 0; i < M; ++i) {
        const VecF value = broadcast(a[i][k]);
#pragma GCC unroll 4
        for (int j = 0; j < Vectors; ++j) acc[i][j] = fma(value, column[j], acc[i][j]);
      }
    }
  }
  const VecF low = broadcast(t.low), high = broadcast(t.high);
#pragma GCC unroll 16
  for (int i = 0; i < M; ++i) {
    float* out = t.out + t.dst[i];
#pragma GCC unroll 4
    for (int j = 0; j < Vectors; ++j, out += kLanes) {
      const int left = t.n - j * kLanes;
      VecF x = acc[i][j];
      if (left >= kLanes) {
        if (t.residual != nullptr) x = x + load(t.residual + t.dst[i] + j * kLanes);
        store(out, clamp(x, low, high));
      } else {
        if (t.residual != nullptr) x = x + loadPartial(t.residual + t.dst[i] + j * kLanes, left);
        storePartial(out, clamp(x, low, high), left);
      }
    }
  }
}

template <ActivationKind Kind>
void activateRows(const Activation& activation, float* out, const int64_t* dst, int m, int64_t n) {
  const Activation fixed{Kind, activation.a, activation.b};
  for (int i = 0; i < m; ++i) {
    float* x = out + dst[i];
    int64_t j = 0;
    for (; j + kLanes <= n; j += kLanes) store(x + j, activate(fixed, load(x + j)));
    const int left = static_cast<int>(n - j);
    if (left > 0) storePartial(x + j, activate(fixed, loadPartial(x + j, left)), left);
  }
}

void activateTile(const Activation& activation, float* out, const int64_t* dst, int m, int64_t n) {
  switch (activation.kind) {
#define QRT_KIND(kind)       \
  case ActivationKind::kind: \
    return activateRows<ActivationKind::kind>(activation, out, dst, m, n);
    QRT_KIND(none)
    QRT_KIND(relu) QRT_KIND(clip) QRT_KIND(leakyRelu) QRT_KIND(elu) QRT_KIND(sigmoid) QRT_KIND(tanh)
        QRT_KIND(hardSigmoid) QRT_KIND(hardSwish)
#undef QRT_KIND
  }
}

using Run = void (*)(const GemmTileF32&);
struct Variants {
  Run run[kRows * kColumnVectors];
};
template <int Index>
constexpr void fill(Variants& variants) {
  variants.run[Index] = tile<Index / kColumnVectors + 1, Index % kColumnVectors + 1>;
  if constexpr (Index > 0) fill<Index - 1>(variants);
}
constexpr Variants makeVariants() {
  Variants variants{};
  fill<kRows * kColumnVectors - 1>(variants);
  return variants;
}
constexpr Variants kVariants = makeVariants();

}  // namespace

extern const GemmKernelF32 kGemmF32;
constexpr GemmKernelF32 kGemmF32 = {
    IsaLevel::QRT_ISA_NAMESPACE, kRows, kColumns, kLanes, kVariants.run, activateTile};

}  // namespace qrt::QRT_ISA_NAMESPACE
