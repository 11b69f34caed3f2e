// The transforms of winograd_f32.h for one level. Each runs over columns, then over lines; what
// lies between stays in L1, since few levels could hold α² vectors in registers.
#include "kernels/winograd/winograd_f32.h"

#include "simd/vec.h"

namespace qrt::QRT_ISA_NAMESPACE {
namespace {

// Inlined, so that lines stay in registers.

/// One line of Bᵀ d.
template <int Pairs>
[[gnu::always_inline]] inline void transformInput(const Winograd& w, const VecF* d, VecF* out) {
  VecF zeroSum = d[2 * Pairs], infinitySum = d[2 * Pairs + 1];
#pragma GCC unroll 3
  for (int i = 0; i < Pairs; ++i) {
    const VecF q = broadcast(w.q[i]);
    zeroSum = fma(q, d[2 * i], zeroSum);
    infinitySum = fma(q, d[2 * i + 1], infinitySum);
  }
  out[0] = zeroSum;
  out[2 * Pairs + 1] = infinitySum;
#pragma GCC unroll 3
  for (int p = 0; p < Pairs; ++p) {
    VecF even = d[2 * Pairs], odd = d[2 * Pairs - 1];
#pragma GCC unroll 2
    for (int i = 0; i + 1 < Pairs; ++i) {
      const VecF e = broadcast(w.e[p][i]);
      even = fma(e, d[2 * i + 2], even);
      odd = fma(e, d[2 * i + 1], odd);
    }
    out[2 * p + 1] = fma(broadcast(w.point[p]), odd, even);
    out[2 * p + 2] = fma(broadcast(-w.point[p]), odd, even);
  }
}

/// One line of Aᵀ m.
template <int Pairs, int M>
[[gnu::always_inline]] inline void transformOutput(const Winograd& w, const VecF* d, VecF* out) {
  VecF sum[Pairs], difference[Pairs];
  out[0] = d[0];
#pragma GCC unroll 3
  for (int p = 0; p < Pairs; ++p) {
    sum[p] = d[2 * p + 1] + d[2 * p + 2];
    difference[p] = d[2 * p + 1] - d[2 * p + 2];
    out[0] = out[0] + sum[p];
  }
#pragma GCC unroll 7
  for (int i = 1; i < M; ++i) {
    const VecF* x = i % 2 == 0 ? sum : difference;
    out[i] = broadcast(w.power[i][0]) * x[0];
#pragma GCC unroll 2
    for (int p = 1; p < Pairs; ++p) out[i] = fma(broadcast(w.power[i][p]), x[p], out[i]);
  }
  out[M - 1] = out[M - 1] + d[2 * Pairs + 1];
}

/// Channels from `c` on, as many as there are lanes or, of the last vector, `left`.
template <int Pairs, bool Last>
void inputVector(const WinogradInputF32& t, int64_t c, int left) {
  constexpr int kAlpha = 2 * Pairs + 2;
  VecF between[kAlpha][kAlpha], line[kAlpha], out[kAlpha];
#pragma GCC unroll 1
  for (int j = 0; j < kAlpha; ++j) {
#pragma GCC unroll 8
    for (int i = 0; i < kAlpha; ++i) {
      const float* pixel = t.pixels[i * kAlpha + j] + c;
      line[i] = Last ? loadPartial(pixel, left) : load(pixel);
    }
    transformInput<Pairs>(*t.winograd, line, out);
#pragma GCC unroll 8
    for (int i = 0; i < kAlpha; ++i) between[i][j] = out[i];
  }
  float* v = t.v + c;
#pragma GCC unroll 1
  for (int i = 0; i < kAlpha; ++i) {
    transformInput<Pairs>(*t.winograd, between[i], out);
#pragma GCC unroll 8
    for (int j = 0; j < kAlpha; ++j, v += t.planeStride) {
      if (Last) {
        storePartial(v, out[j], left);
      } else {
        store(v, out[j]);
      }
    }
  }
}

template <int Pairs>
void input(const WinogradInputF32& t) {
  int64_t c = 0;
  for (; c + kLanes <= t.c; c += kLanes) inputVector<Pairs, false>(t, c, kLanes);
  if (c < t.c) inputVector<Pairs, true>(t, c, static_cast<int>(t.c - c));
}

template <int Pairs, int M, bool Last>
void outputVector(const WinogradOutputF32& t, int64_t n, int left) {
  constexpr int kAlpha = 2 * Pairs + 2;
  VecF between[M][kAlpha], line[kAlpha], out[M];
  const auto read = [&](const float* p) { return Last ? loadPartial(p, left) : load(p); };
#pragma GCC unroll 1
  for (int j = 0; j < kAlpha; ++j) {
    const float* products = t.products + n + j * t.planeStride;
#pragma GCC unroll 8
    for (int i = 0; i < kAlpha; ++i) line[i] = read(products + i * kAlpha * t.planeStride);
    transformOutput<Pairs, M>(*t.winograd, line, out);
#pragma GCC unroll 7
    for (int i = 0; i < M; ++i) between[i][j] = out[i];
  }
  const VecF low = broadcast(t.low), high = broadcast(t.high);
  const VecF bias = t.bias != nullptr ? read(t.bias + n) : zero();
#pragma GCC unroll 1
  for (int i = 0; i < t.lines; ++i) {
    transformOutput<Pairs, M>(*t.winograd, between[i], out);
#pragma GCC unroll 7
    for (int j = 0; j < M; ++j) {
      if (j >= t.columns) break;
      const int64_t at = i * t.lineStride + j * t.pixelStride + n;
      VecF x = out[j] + bias;
      if (t.residual != nullptr) x = x + read(t.residual + at);
      x = clamp(x, low, high);
      if (Last) {
        storePartial(t.y + at, x, left);
      } else {
        store(t.y + at, x);
      }
    }
  }
}

template <int Pairs, int M>
void output(const WinogradOutputF32& t) {
  int64_t n = 0;
  for (; n + kLanes <= t.n; n += kLanes) outputVector<Pairs, M, false>(t, n, kLanes);
  if (n < t.n) outputVector<Pairs, M, true>(t, n, static_cast<int>(t.n - n));
}

}  // namespace

extern const WinogradKernelF32 kWinogradF32;
constexpr WinogradKernelF32 kWinogradF32 = {
    IsaLevel::QRT_ISA_NAMESPACE,
    kLanes,
    {input<1>, input<2>, input<3>},
    {{nullptr, nullptr, output<1, 2>, output<1, 3>},
     {nullptr, nullptr, output<2, 2>, output<2, 3>, output<2, 4>, output<2, 5>},
     {nullptr, nullptr, output<3, 2>, output<3, 3>, output<3, 4>, output<3, 5>, output<3, 6>,
      output<3, 7>}}};

}  // namespace qrt::QRT_ISA_NAMESPACE
