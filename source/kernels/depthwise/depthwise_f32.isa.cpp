// The row kernel of depthwise_f32.h for one level.
#include "kernels/depthwise/depthwise_f32.h"

#include "simd/vec.h"

namespace qrt::QRT_ISA_NAMESPACE {
namespace {

// Reads and writes whole vectors, or the first n lanes of them.
struct Whole {
  VecF get(const float* p) const { return load(p); }
  void put(float* p, VecF x) const { store(p, x); }
};
struct First {
  int n;
  VecF get(const float* p) const { return loadPartial(p, n); }
  void put(float* p, VecF x) const { storePartial(p, x, n); }
};

template <class Access>
inline void finish(const DepthwiseRowsF32& d, int64_t at, VecF sum, Access access) {
  if (d.residual != nullptr) sum = sum + access.get(d.residual + at);
  access.put(d.y + at, clamp(sum, broadcast(d.low), broadcast(d.high)));
}

// Calls fn(channel, access) for all channels, Vectors whole vectors at a time as far as they go.
template <int Vectors, class Fn>
inline void eachChannels(int64_t from, int64_t channels, Fn fn) {
  int64_t c = from;
  for (; c + Vectors * kLanes <= channels; c += Vectors * kLanes)
    fn.template run<Vectors>(c, Whole{});
  if constexpr (Vectors > 1) {
    eachChannels<1>(c, channels, fn);
  } else if (c < channels) {
    fn.template run<1>(c, First{static_cast<int>(channels - c)});
  }
}

// One output whose window may hang over the sides, any kernel size. Several vectors of channels at
// a time, so that their sums do not wait for each other.
struct Pixel {
  const DepthwiseRowsF32& d;
  int64_t row, o, iw, kwBegin, kwEnd;

  template <int Vectors, class Access>
  void run(int64_t c, Access access) const {
    VecF sum[Vectors];
#pragma GCC unroll 4
    for (int v = 0; v < Vectors; ++v) {
      sum[v] = d.bias != nullptr ? access.get(d.bias + c + v * kLanes) : zero();
    }
    for (int64_t kh = 0; kh < d.kh; ++kh) {
      const float* line = d.lines[row * d.strideH + kh] + c;
      const float* weights = d.weights + kh * d.kw * d.c + c;
      for (int64_t kw = kwBegin; kw < kwEnd; ++kw) {
        const float* x = line + (iw + kw * d.dilationW) * d.c;
#pragma GCC unroll 4
        for (int v = 0; v < Vectors; ++v) {
          sum[v] =
              fma(access.get(x + v * kLanes), access.get(weights + kw * d.c + v * kLanes), sum[v]);
        }
      }
    }
#pragma GCC unroll 4
    for (int v = 0; v < Vectors; ++v) {
      finish(d, (row * d.ow + o) * d.c + c + v * kLanes, sum[v], access);
    }
  }
};

void pixels(const DepthwiseRowsF32& d, int64_t o) {
  const int64_t iw = o * d.strideW - d.padLeft;
  int64_t begin = 0, end = d.kw;
  while (begin < end && iw + begin * d.dilationW < 0) ++begin;
  while (end > begin && iw + (end - 1) * d.dilationW >= d.w) --end;
  for (int64_t row = 0; row < d.rows; ++row)
    eachChannels<4>(0, d.c, Pixel{d, row, o, iw, begin, end});
}

// Outputs o … o + Columns − 1 of Rows rows from `row` on, K × K windows all inside from side to
// side: each input is loaded once for all the outputs that see it.
template <int K, int Stride, int Rows, int Columns>
struct Tile {
  const DepthwiseRowsF32& d;
  int64_t row, o;

  template <int Vectors, class Access>
  void run(int64_t c, Access access) const {
    VecF sum[Rows][Columns];
    const VecF bias = d.bias != nullptr ? access.get(d.bias + c) : zero();
#pragma GCC unroll 2
    for (int r = 0; r < Rows; ++r) {
#pragma GCC unroll 8
      for (int i = 0; i < Columns; ++i) sum[r][i] = bias;
    }
    const int64_t channels = d.c, left = (o * Stride - d.padLeft) * channels + c;
#pragma GCC unroll 8
    for (int line = 0; line < (Rows - 1) * Stride + K; ++line) {
      const float* x = d.lines[row * Stride + line] + left;
#pragma GCC unroll 16
      for (int column = 0; column < (Columns - 1) * Stride + K; ++column) {
        const VecF in = access.get(x + column * channels);
#pragma GCC unroll 2
        for (int r = 0; r < Rows; ++r) {
          const int kh = line - r * Stride;
          if (kh < 0 || kh >= K) continue;
#pragma GCC unroll 8
          for (int i = 0; i < Columns; ++i) {
            const int kw = column - i * Stride;
            if (kw < 0 || kw >= K) continue;
            sum[r][i] = fma(in, access.get(d.weights + (kh * K + kw) * channels + c), sum[r][i]);
          }
        }
      }
    }
#pragma GCC unroll 2
    for (int r = 0; r < Rows; ++r) {
#pragma GCC unroll 8
      for (int i = 0; i < Columns; ++i) {
        finish(d, ((row + r) * d.ow + o + i) * channels + c, sum[r][i], access);
      }
    }
  }
};

template <int K, int Stride, int Rows>
int64_t tiles(const DepthwiseRowsF32& d, int64_t row, int64_t begin, int64_t end) {
  constexpr int kColumns = 4;
  for (; begin + kColumns <= end; begin += kColumns) {
    eachChannels<1>(0, d.c, Tile<K, Stride, Rows, kColumns>{d, row, begin});
  }
  if (begin + 2 <= end) {
    eachChannels<1>(0, d.c, Tile<K, Stride, Rows, 2>{d, row, begin});
    begin += 2;
  }
  return begin;
}

// Outputs [begin, end) as far as tiles go; returns where the rest begins. Windows of 5 × 5 in tiles
// two rows high would only take long to compile: their inputs are shared well enough from side to
// side.
template <int K, int Stride>
int64_t tileRows(const DepthwiseRowsF32& d, int64_t begin, int64_t end) {
  if constexpr (K == 3) {
    if (d.rows == 2) return tiles<K, Stride, 2>(d, 0, begin, end);
  }
  int64_t rest = begin;
  for (int64_t row = 0; row < d.rows; ++row) rest = tiles<K, Stride, 1>(d, row, begin, end);
  return rest;
}

void rows(const DepthwiseRowsF32& d) {
  // Outputs whose windows lie inside from side to side.
  const int64_t first = (d.padLeft + d.strideW - 1) / d.strideW;
  const int64_t last = d.w - 1 - (d.kw - 1) * d.dilationW + d.padLeft;
  int64_t end = last < 0 ? 0 : last / d.strideW + 1;
  end = end < d.ow ? end : d.ow;
  const int64_t begin = first < end ? first : end;
  int64_t o = 0;
  for (; o < begin; ++o) pixels(d, o);
  if (d.dilationW == 1 && d.kh == d.kw && d.strideH == d.strideW) {
    if (d.kw == 3 && d.strideW == 1) o = tileRows<3, 1>(d, o, end);
    if (d.kw == 3 && d.strideW == 2) o = tileRows<3, 2>(d, o, end);
    if (d.kw == 5 && d.strideW == 1) o = tileRows<5, 1>(d, o, end);
    if (d.kw == 5 && d.strideW == 2) o = tileRows<5, 2>(d, o, end);
  }
  for (; o < d.ow; ++o) pixels(d, o);
}

}  // namespace

extern const DepthwiseKernelF32 kDepthwiseF32;
constexpr DepthwiseKernelF32 kDepthwiseF32 = {IsaLevel::QRT_ISA_NAMESPACE, rows};

}  // namespace qrt::QRT_ISA_NAMESPACE
