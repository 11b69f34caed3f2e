// The transforms and products of winograd_s8.h for one level. A transform runs over columns, then over lines;
// what lies between stays in L1.
#include "kernels/winograd/winograd_s8.h"

#include "kernels/gemm/dot_sums.h"
#include "kernels/gemm/tile_end_s8.h"
#include "kernels/isa_table.h"
#include "simd/dot_s16.h"

namespace qrt::QRT_ISA_NAMESPACE {
namespace {

// As many accumulators as the registers hold beside one row of U and a value of V.
#if !defined(QRT_VECTOR)
constexpr int kRows = 2, kColumnVectors = 4;
#elif defined(__AVX512F__)
constexpr int kRows = 14, kColumnVectors = 2;
#elif defined(__ARM_NEON)
constexpr int kRows = 4, kColumnVectors = 4;
#elif defined(__AVX2__)
constexpr int kRows = 6, kColumnVectors = 2;
#else
constexpr int kRows = 4, kColumnVectors = 2;
#endif
constexpr int kColumns = kColumnVectors * kLanes, kGroup = DotS16::kGroup;
constexpr int kIn = WinogradS8::kInputs, kOut = WinogradS8::kOutputs, kTaps = WinogradS8::kTaps;

/// One line of Bᵀ d.
QRT_INLINE void transformInput(const Words (&d)[kIn], Words (&v)[kIn]) {
  Words step[4], f[4];
#pragma GCC unroll 4
  for (int i = 0; i < 4; ++i) {
    step[i] = d[i + 2] - d[i];
    const Words half = step[i] - d[i + 1];
    f[i] = half + half - d[i + 1];  // 2·d[i + 2] − 3·d[i + 1] − 2·d[i]
  }
  v[0] = f[2] - f[0];
  v[1] = f[2] + f[1];
  v[2] = f[2] - f[1];
  v[3] = step[2] + step[2] + step[1];
  v[4] = step[2] - step[1] - step[1];
  v[5] = f[3] - f[1];
}

/// One line of G g.
QRT_INLINE void transformWeights(const Words (&g)[kTaps], Words five, Words fifteen,
                                 Words (&u)[kIn]) {
  const Words ends = g[0] + g[2];
  const Words two = g[1] + g[2] + g[2], four = g[1] - g[0] - g[0];
  u[0] = fifteen * g[0];
  u[1] = five * (ends + g[1]);
  u[2] = five * (ends - g[1]);
  u[3] = two + two + g[0];
  u[4] = four + four - g[2];
  u[5] = fifteen * g[2];
}

/// One line of Aᵀ m.
QRT_INLINE void transformOutput(const Sums (&m)[kIn], Sums (&y)[kOut]) {
  const Sums sum = m[2] - m[1], difference = m[1] + m[2];
  const Sums odd = m[3] - m[4] - m[4], even = m[3] + m[3] + m[4];
  y[0] = m[0] + sum + m[3] + (m[4] << 3);
  y[1] = odd + odd - difference;
  y[2] = even + even + sum;
  y[3] = (m[3] << 3) - difference - m[4] + m[5];
}

template <bool Last>
void inputVector(const WinogradInputS8& t, int64_t c) {
  const int left = static_cast<int>(t.c - c);
  Words between[kIn][kIn], line[kIn], out[kIn];
#pragma GCC unroll 1
  for (int j = 0; j < kIn; ++j) {
#pragma GCC unroll 6
    for (int i = 0; i < kIn; ++i) {
      const int8_t* pixel = t.pixels[i * kIn + j] + c;
      line[i] = Last ? loadWordsPartial(pixel, left) : loadWords(pixel);
    }
    transformInput(line, out);
#pragma GCC unroll 6
    for (int i = 0; i < kIn; ++i) between[i][j] = out[i];
  }
  int16_t* v = t.v + c;
#pragma GCC unroll 1
  for (int i = 0; i < kIn; ++i) {
    transformInput(between[i], out);
#pragma GCC unroll 6
    for (int j = 0; j < kIn; ++j, v += t.planeStride) {
      store(v, out[j]);
      __builtin_prefetch(v + kWords, 1);
    }
  }
}

void input(const WinogradInputS8& given) {
  const WinogradInputS8 t = given;
  int64_t c = 0;
  for (; c + kWords <= t.c; c += kWords) inputVector<false>(t, c);
  if (c < t.c) inputVector<true>(t, c);
}

void weights(const WinogradWeightsS8& given) {
  const WinogradWeightsS8 t = given;
  // Known to the compiler, they would become shifts and sums, which cost more.
  static const volatile int16_t kFive = 5, kFifteen = 15;
  const Words five = broadcastWords(kFive), fifteen = broadcastWords(kFifteen);
  constexpr int kSize = kColumns * kGroup;  // of a group of k; a multiple of kWords
  for (int64_t k = 0; k < t.depth; k += kGroup) {
    for (int at = 0; at < kSize; at += kWords) {
      const int8_t* g = t.weights + k * kTaps * kTaps * kColumns + at;
      Words between[kIn][kTaps], line[kTaps], out[kIn];
#pragma GCC unroll 1
      for (int w = 0; w < kTaps; ++w) {
#pragma GCC unroll 3
        for (int h = 0; h < kTaps; ++h) line[h] = loadWords(g + (h * kTaps + w) * kSize);
        transformWeights(line, five, fifteen, out);
#pragma GCC unroll 6
        for (int i = 0; i < kIn; ++i) between[i][w] = out[i];
      }
      int16_t* u = t.u + k * kColumns + at;
#pragma GCC unroll 1
      for (int i = 0; i < kIn; ++i) {
        transformWeights(between[i], five, fifteen, out);
#pragma GCC unroll 6
        for (int j = 0; j < kIn; ++j, u += t.planeStride) {
          store(u, out[j]);
          __builtin_prefetch(u + kSize, 1);
        }
      }
    }
  }
}

template <int M>
void tile(const WinogradProductS8& t) {
  Sums acc[M][kColumnVectors];
#pragma GCC unroll 16
  for (int i = 0; i < M; ++i) {
#pragma GCC unroll 4
    for (int j = 0; j < kColumnVectors; ++j) {
      acc[i][j] = t.add ? loadSums(t.products + i * kColumns + j * kLanes) : Sums(broadcastInts(0));
    }
  }
  const int16_t *v = t.v, *u = t.u;
  const int64_t stride = t.vStride;
  for (const int16_t* end = v + t.depth; v < end; v += DotS16::kStep, u += DotS16::kStep * kColumns) {
    accumulate<DotS16, kColumns>(acc, v, stride, u);
  }
#pragma GCC unroll 16
  for (int i = 0; i < M; ++i) {
#pragma GCC unroll 4
    for (int j = 0; j < kColumnVectors; ++j) {
      storeSums(t.products + i * kColumns + j * kLanes, acc[i][j]);
    }
  }
}

using Product = void (*)(const WinogradProductS8&);
struct Variants {
  Product run[kRows];
};
template <int M>
constexpr void fill(Variants& variants) {
  variants.run[M - 1] = tile<M>;
  if constexpr (M > 1) fill<M - 1>(variants);
}
constexpr Variants makeVariants() {
  Variants variants{};
  fill<kRows>(variants);
  return variants;
}
constexpr Variants kVariants = makeVariants();

void product(const WinogradProductS8& t) { kVariants.run[t.m - 1](t); }

void output(const WinogradOutputS8& t) {
  constexpr int32_t kInverse225 = static_cast<int32_t>(0x87654321);
  alignas(64) int32_t results[kOut * kOut * kColumns];
  const Sums inverse(broadcastInts(kInverse225));
  for (int at = 0; at < kColumns; at += kLanes) {
    Sums between[kOut][kIn], line[kIn], out[kOut];
#pragma GCC unroll 1
    for (int j = 0; j < kIn; ++j) {
      const int32_t* products = t.products + j * t.planeStride + at;
#pragma GCC unroll 6
      for (int i = 0; i < kIn; ++i) line[i] = loadSums(products + i * kIn * t.planeStride);
      transformOutput(line, out);
#pragma GCC unroll 4
      for (int i = 0; i < kOut; ++i) between[i][j] = out[i];
    }
    const Sums bias = loadSums(t.end.bias + at);
    int32_t* row = results + at;
#pragma GCC unroll 1
    for (int i = 0; i < t.lines; ++i, row += t.columns * kColumns) {
      transformOutput(between[i], out);
#pragma GCC unroll 4
      for (int j = 0; j < kOut; ++j) {
        if (j < t.columns) storeSums(row + j * kColumns, halve(out[j] * inverse, 2) + bias);
      }
    }
  }
  finishTile<kColumns>(t.end, results);
}

}  // namespace

extern const WinogradKernelS8 kWinogradS8;
constexpr WinogradKernelS8 kWinogradS8 = {
    QRT_THIS_ISA, kRows, kColumns, kGroup, DotS16::kStep, kWords, input, weights, product, output};

}  // namespace qrt::QRT_ISA_NAMESPACE
