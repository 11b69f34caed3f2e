// Random int8 convolutions and what the rules make of them, by a naive loop.
#pragma once

#include <cmath>
#include <cstring>
#include <numeric>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "base/aligned_buffer.h"
#include "base/thread_pool.h"
#include "kernels/conv/conv_s8.h"
#include "qrt/tensor.h"
#include "support/guarded_buffer.h"

namespace qrt::test {

inline constexpr unsigned kSeed = 11;

/// Whether this machine has the kernel's instructions, and the system lets us use them.
inline bool runsHere(const GemmKernelS8& kernel) {
  return isaAvailable(kernel.isa, readCpu()) && &gemmKernelS8(kernel.isa, 512) == &kernel;
}

struct Case {
  const char* name;
  ConvShape shape;
  bool bias = true, residual = false;
  int32_t zeroX = -3, zeroY = 5, low = -128, high = 127;
  int extreme = 0;  ///< 1: x and weights at the ends of their ranges, 2: weights down to -128
  int32_t zeroW = 0;  ///< not 0: one scale for all weights, which go down to -128
};

// y = requantize((Σ (x − zx)·(w − zw) + bias)·m + (r − zr)·mr), one rounding to f32 per operation.
inline int8_t requantizeNaively(int64_t acc, float m, const int8_t* residual, const ConvQuantS8& q) {
  volatile float v = static_cast<float>(static_cast<int32_t>(acc)) * m;
  if (residual != nullptr) {
    volatile float r = static_cast<float>(*residual - q.zeroResidual) * q.residualMultiplier;
    v = v + r;
  }
  const float low = static_cast<float>(q.low - q.zeroY), high = static_cast<float>(q.high - q.zeroY);
  const float clamped = std::fmin(std::fmax(v, low), high);
  return static_cast<int8_t>(std::nearbyint(clamped) + static_cast<float>(q.zeroY));
}

struct Data {
  std::vector<int8_t> x, weights, residual;
  std::vector<int32_t> bias;
  float scaleX = 0.0625f, scaleY = 0.11f, scaleResidual = 0.041f;
  std::vector<float> scaleW;
  ConvQuantS8 quant;
};

inline std::vector<int8_t> naiveConv(const Case& c, const Data& d) {
  const ConvQuantS8& q = d.quant;
  const ConvShape& s = c.shape;
  const int64_t channels = s.c / s.groups, outputs = s.o / s.groups;
  std::vector<int8_t> y(static_cast<size_t>(s.n * s.oh * s.ow * s.o));
  for (int64_t at = 0; at < static_cast<int64_t>(y.size()); ++at) {
    const int64_t o = at % s.o, ow = at / s.o % s.ow, oh = at / s.o / s.ow % s.oh,
                  n = at / s.o / s.ow / s.oh;
    int64_t acc = c.bias ? d.bias[static_cast<size_t>(o)] : 0;
    for (int64_t kh = 0; kh < s.kh; ++kh) {
      for (int64_t kw = 0; kw < s.kw; ++kw) {
        int64_t h = oh * s.strideH - s.padTop + kh * s.dilationH;
        int64_t w = ow * s.strideW - s.padLeft + kw * s.dilationW;
        if (s.transposed) {
          h = oh + s.padTop - kh * s.dilationH;
          w = ow + s.padLeft - kw * s.dilationW;
          if (h % s.strideH != 0 || w % s.strideW != 0) continue;
          h /= s.strideH;
          w /= s.strideW;
        }
        if (h < 0 || h >= s.h || w < 0 || w >= s.w) continue;
        for (int64_t i = 0; i < channels; ++i) {
          const int64_t from = ((n * s.h + h) * s.w + w) * s.c + o / outputs * channels + i;
          const int64_t weight = ((o * s.kh + kh) * s.kw + kw) * channels + i;
          acc += (d.x[static_cast<size_t>(from)] - q.zeroX) *
                 (d.weights[static_cast<size_t>(weight)] - q.zeroB);
        }
      }
    }
    const auto i = static_cast<size_t>(at);
    y[i] = requantizeNaively(acc, q.multipliers[static_cast<size_t>(o)],
                             c.residual ? &d.residual[i] : nullptr, q);
  }
  return y;
}

template <class T>
GuardedBuffer guarded(const std::vector<T>& values) {
  GuardedBuffer buffer(values.size() * sizeof(T));
  if (!values.empty()) std::memcpy(buffer.data(), values.data(), values.size() * sizeof(T));
  return buffer;
}

class Random {
 public:
  int64_t whole(int64_t low, int64_t high) {
    return std::uniform_int_distribution<int64_t>(low, high)(engine_);
  }
  std::vector<int8_t> bytes(int64_t count, int64_t low, int64_t high, bool extreme) {
    std::vector<int8_t> values(static_cast<size_t>(count));
    for (int8_t& value : values) {
      value = static_cast<int8_t>(extreme ? (whole(0, 3) == 0 ? high : low) : whole(low, high));
    }
    return values;
  }

 private:
  std::mt19937 engine_{kSeed};
};

// A Conv with the same padding on all sides.
inline ConvShape conv(int64_t n, int64_t h, int64_t w, int64_t c, int64_t o, int64_t k, int64_t stride = 1,
               int64_t pad = 0, int64_t groups = 1, int64_t dilation = 1) {
  const auto out = [&](int64_t in) { return (in + 2 * pad - (k - 1) * dilation - 1) / stride + 1; };
  return {.n = n,
          .h = h,
          .w = w,
          .c = c,
          .oh = out(h),
          .ow = out(w),
          .o = o,
          .kh = k,
          .kw = k,
          .strideH = stride,
          .strideW = stride,
          .dilationH = dilation,
          .dilationW = dilation,
          .padTop = pad,
          .padLeft = pad,
          .groups = groups};
}

inline double meanOf(const std::vector<int8_t>& values) {
  const auto count = static_cast<double>(std::max<size_t>(1, values.size()));
  return std::accumulate(values.begin(), values.end(), 0.0) / count;
}

/// The parameters of the weights.
inline QuantParams weightParams(const Case& c, const Data& d) {
  if (c.zeroW != 0) return {{d.scaleW[0]}, {c.zeroW}, -1};
  return {d.scaleW, std::vector<int32_t>(d.scaleW.size(), 0), 0};
}

/// Values for a case, and scales that spread its results over the range, some of them on halves.
inline Data makeData(const Case& c, Random& random) {
  const ConvShape& s = c.shape;
  const int64_t k = s.kh * s.kw * s.c / s.groups;
  Data d;
  d.x = random.bytes(s.n * s.h * s.w * s.c, -128, 127, c.extreme != 0);
  d.weights = random.bytes(s.o * k, c.extreme == 2 || c.zeroW != 0 ? -128 : -127, 127, c.extreme != 0);
  d.residual = random.bytes(s.n * s.oh * s.ow * s.o, -128, 127, false);
  d.quant = {.zeroX = c.zeroX, .zeroB = c.zeroW, .zeroY = c.zeroY, .zeroResidual = 7, .low = c.low, .high = c.high};
  d.quant.residualMultiplier =
      static_cast<float>(double{d.scaleResidual} / double{d.scaleY});
  const double typical = 60.0 / (5500.0 * std::sqrt(static_cast<double>(k)));
  for (int64_t o = 0; o < s.o; ++o) {
    d.bias.push_back(static_cast<int32_t>(random.whole(-9000, 9000)));
    if (c.zeroW != 0) {  // what the sums are about without it
      const double mean = (meanOf(d.x) - c.zeroX) * (meanOf(d.weights) - c.zeroW);
      d.bias.back() -= static_cast<int32_t>(mean * static_cast<double>(k));
    }
    const double m =
        o % 3 == 0 ? 0.5 / 64 : typical * static_cast<double>(random.whole(50, 200)) / 100;
    d.scaleW.push_back(c.zeroW != 0 && o > 0 ? d.scaleW[0] : static_cast<float>(m * d.scaleY / d.scaleX));
    const float product = d.scaleX * d.scaleW.back();
    d.quant.multipliers.push_back(product / d.scaleY);
  }
  return d;
}

/// Packs and runs a ConvS8 or ConvWinogradS8; every buffer ends at an inaccessible page.
template <class Conv>
std::vector<int8_t> runConv(Conv& conv, const Case& c, const Data& d, int threads) {
  GuardedBuffer packed(alignUp(conv.packedBytes()));
  const auto weights = guarded(d.weights), x = guarded(d.x), residual = guarded(d.residual);
  const auto bias = guarded(d.bias);
  for (int64_t task = 0; task < conv.packTasks(); ++task) {
    conv.pack(weights.as<int8_t>(), packed.data(), task);
  }
  conv.prepareBias(packed.data(), c.bias ? bias.as<int32_t>() : nullptr);
  const GuardedBuffer y(
      static_cast<size_t>(c.shape.n * c.shape.oh * c.shape.ow * c.shape.o));
  const GuardedBuffer scratch(conv.scratchBytes());
  const ConvArgsS8 args = {x.as<int8_t>(), packed.data(),
                           c.residual ? residual.as<int8_t>() : nullptr, y.as<int8_t>(),
                           scratch.data()};
  ThreadPool pool(threads);
  pool.parallelFor(conv.tasks(), [&](int64_t task, int thread) { conv.run(args, task, thread); });
  EXPECT_TRUE(y.frontIntact() && scratch.frontIntact() && packed.frontIntact());
  const auto values = y.span<int8_t>();
  return {values.begin(), values.end()};
}

}  // namespace qrt::test
