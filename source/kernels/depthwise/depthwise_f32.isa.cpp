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
inline void finish(const DepthwiseRowF32& r, int64_t at, VecF sum, Access access) {
  if (r.residual != nullptr) sum = sum + access.get(r.residual + at);
  access.put(r.y + at, clamp(sum, broadcast(r.low), broadcast(r.high)));
}

// Calls fn(channel, access) for all channels, Vectors whole vectors at a time as far as they go.
template <int Vectors, class Fn>
inline void eachChannels(int64_t from, int64_t channels, Fn fn) {
  int64_t c = from;
  for (; c + Vectors * kLanes <= channels; c += Vectors * kLanes) fn.template run<Vectors>(c, Whole{});
  if constexpr (Vectors > 1) {
    eachChannels<1>(c, channels, fn);
  } else if (c < channels) {
    fn.template run<1>(c, First{static_cast<int>(channels - c)});
  }
}

// One output whose window may hang over the sides, any kernel size. Several vectors of channels at a
// time, so that their sums do not wait for each other.
struct Pixel {
  const DepthwiseRowF32& r;
  int64_t o, iw, kwBegin, kwEnd;

  template <int Vectors, class Access>
  void run(int64_t c, Access access) const {
    VecF sum[Vectors];
#pragma GCC unroll 4
    for (int v = 0; v < Vectors; ++v) {
      sum[v] = r.bias != nullptr ? access.get(r.bias + c + v * kLanes) : zero();
    }
    for (int64_t line = 0; line < r.lines; ++line) {
      const float* x = r.x + line * r.lineStride + c;
      const float* weights = r.weights + line * r.kw * r.c + c;
      for (int64_t kw = kwBegin; kw < kwEnd; ++kw) {
        const float* in = x + (iw + kw * r.dilation) * r.c;
#pragma GCC unroll 4
        for (int v = 0; v < Vectors; ++v) {
          sum[v] = fma(access.get(in + v * kLanes), access.get(weights + kw * r.c + v * kLanes), sum[v]);
        }
      }
    }
#pragma GCC unroll 4
    for (int v = 0; v < Vectors; ++v) finish(r, o * r.c + c + v * kLanes, sum[v], access);
  }
};

void pixel(const DepthwiseRowF32& r, int64_t o) {
  const int64_t iw = o * r.stride - r.padLeft;
  int64_t begin = 0, end = r.kw;
  while (begin < end && iw + begin * r.dilation < 0) ++begin;
  while (end > begin && iw + (end - 1) * r.dilation >= r.w) --end;
  eachChannels<4>(0, r.c, Pixel{r, o, iw, begin, end});
}

// Outputs o … o + Outputs − 1, windows of Kw columns all inside, dilation 1: each input is loaded once
// per line for all the outputs that see it.
template <int Kw, int Stride, int Outputs>
struct Strip {
  const DepthwiseRowF32& r;
  int64_t o;

  template <int Vectors, class Access>
  void run(int64_t c, Access access) const {
    VecF sum[Outputs];
    const VecF bias = r.bias != nullptr ? access.get(r.bias + c) : zero();
#pragma GCC unroll 8
    for (int i = 0; i < Outputs; ++i) sum[i] = bias;
    const float* x = r.x + (o * Stride - r.padLeft) * r.c + c;
    const float* weights = r.weights + c;
    for (int64_t line = 0; line < r.lines; ++line, x += r.lineStride, weights += Kw * r.c) {
      VecF weight[Kw];
#pragma GCC unroll 8
      for (int kw = 0; kw < Kw; ++kw) weight[kw] = access.get(weights + kw * r.c);
#pragma GCC unroll 16
      for (int column = 0; column < (Outputs - 1) * Stride + Kw; ++column) {
        const VecF in = access.get(x + column * r.c);
#pragma GCC unroll 8
        for (int i = 0; i < Outputs; ++i) {
          const int kw = column - i * Stride;
          if (kw >= 0 && kw < Kw) sum[i] = fma(in, weight[kw], sum[i]);
        }
      }
    }
#pragma GCC unroll 8
    for (int i = 0; i < Outputs; ++i) finish(r, (o + i) * r.c + c, sum[i], access);
  }
};

template <int Kw, int Stride>
int64_t strips(const DepthwiseRowF32& r, int64_t begin, int64_t end) {
  constexpr int kOutputs = 4;
  for (; begin + kOutputs <= end; begin += kOutputs) {
    eachChannels<1>(0, r.c, Strip<Kw, Stride, kOutputs>{r, begin});
  }
  if (begin + 2 <= end) {
    eachChannels<1>(0, r.c, Strip<Kw, Stride, 2>{r, begin});
    begin += 2;
  }
  return begin;
}

void row(const DepthwiseRowF32& r) {
  // Outputs whose windows lie inside from side to side.
  const int64_t reach = (r.kw - 1) * r.dilation;
  const int64_t first = (r.padLeft + r.stride - 1) / r.stride;
  const int64_t last = r.w - 1 - reach + r.padLeft;
  int64_t end = last < 0 ? 0 : last / r.stride + 1;
  end = end < r.ow ? end : r.ow;
  const int64_t begin = first < end ? first : end;
  int64_t o = 0;
  for (; o < begin; ++o) pixel(r, o);
  if (r.dilation == 1) {
    if (r.kw == 3 && r.stride == 1) o = strips<3, 1>(r, o, end);
    if (r.kw == 3 && r.stride == 2) o = strips<3, 2>(r, o, end);
    if (r.kw == 5 && r.stride == 1) o = strips<5, 1>(r, o, end);
    if (r.kw == 5 && r.stride == 2) o = strips<5, 2>(r, o, end);
  }
  for (; o < r.ow; ++o) pixel(r, o);
}

}  // namespace

extern const DepthwiseKernelF32 kDepthwiseF32;
constexpr DepthwiseKernelF32 kDepthwiseF32 = {IsaLevel::QRT_ISA_NAMESPACE, row};

}  // namespace qrt::QRT_ISA_NAMESPACE
