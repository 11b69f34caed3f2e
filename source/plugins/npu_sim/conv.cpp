// Conv and FullyConnected: patches of inputs times rows of weights, both less their zero point, as s16.
#include <algorithm>
#include <cstring>
#include <memory>

#include "npu_sim/kernels.h"
#include "npu_sim/wide.h"

namespace npu_sim {
namespace {

constexpr int64_t kBlock = 4;  // of DotBlock

int64_t roundUp(int64_t n, int64_t to) { return (n + to - 1) / to * to; }

// What a layer of sums does with its results.
struct Result {
  std::vector<float> multipliers;  // by channel
  std::vector<int32_t> bias;       // by channel
  Range range;
  const WideLoops& loops = wideLoops();
  int residual = -1;  // a tensor
  int32_t residualZero = 0;
  float residualMultiplier = 0;

  Result(const Network& network, const Layer& layer) : range(rangeOf(network.out(layer), &layer)) {
    const Tensor& x = network.in(layer, 0);
    const Tensor& w = network.in(layer, 1);
    const Tensor& y = network.out(layer);
    const auto channels = static_cast<size_t>(w.dims[0]);
    for (size_t c = 0; c < channels; ++c) {
      const float scale = w.scales[w.scales.size() == 1 ? 0 : c];
      multipliers.push_back(productMultiplier(x.scale(), scale, y.scale()));
    }
    bias.resize(channels);
    if (layer.has(2)) std::memcpy(bias.data(), network.in(layer, 2).constant, channels * sizeof(int32_t));
    if (!layer.has(3)) return;
    residual = layer.inputs[3];
    residualZero = network.in(layer, 3).zeroPoint();
    residualMultiplier = multiplier(network.in(layer, 3).scale(), y.scale());
  }

  // Channels [first, first + count) of the output at `at`, which is of the first of them.
  void store(const int32_t* sums, int64_t first, int64_t count, int64_t at, const Memory& memory, int8_t* dst) const {
    const int8_t* add = residual < 0 ? nullptr : static_cast<const int8_t*>(memory[static_cast<size_t>(residual)]);
    loops.storeRow({sums, multipliers.data() + first, add == nullptr ? nullptr : add + at, residualZero,
                    residualMultiplier, count, dst + at},
                   range);
  }
};

struct Window {
  int64_t ih, iw, ic, kh, kw, oh, ow, oc, sh, sw, dh, dw, top, left;

  Window(const Network& network, const Layer& layer) {
    const std::vector<int64_t>& x = network.in(layer, 0).dims;
    const std::vector<int64_t>& w = network.in(layer, 1).dims;
    const std::vector<int64_t>& y = network.out(layer).dims;
    ih = x[1], iw = x[2], ic = x[3], kh = w[1], kw = w[2], oh = y[1], ow = y[2], oc = y[3];
    sh = layer.integer("strides", 0), sw = layer.integer("strides", 1);
    dh = layer.integer("dilations", 0), dw = layer.integer("dilations", 1);
    top = layer.integer("pads", 0), left = layer.integer("pads", 1);
  }
};

// Rows of s16, a multiple of 4 of them, each filled up with zeros to a multiple of 32.
struct Rows {
  int64_t depth, stride;
  std::vector<int16_t> values;

  Rows(const int8_t* weights, int32_t zeroPoint, int64_t rows, int64_t k)
      : depth(k), stride(roundUp(k, 32)), values(static_cast<size_t>(roundUp(rows, kBlock) * stride)) {
    for (int64_t r = 0; r < rows; ++r) {
      for (int64_t i = 0; i < k; ++i) {
        values[static_cast<size_t>(r * stride + i)] = static_cast<int16_t>(weights[r * k + i] - zeroPoint);
      }
    }
  }
};

// patches(p, row) fills a row for pixel p; every pixel times every row of weights.
template <class Patch, class Store>
void multiply(int64_t pixels, int64_t channels, const Rows& rows, const WideLoops& loops,
              std::vector<int16_t>& block, std::vector<int32_t>& sums, const std::vector<int32_t>& bias,
              int64_t firstChannel, Patch patch, Store store) {
  const int64_t width = roundUp(channels, kBlock);
  block.assign(static_cast<size_t>(kBlock * rows.stride), 0);
  sums.resize(static_cast<size_t>(kBlock * width));
  for (int64_t first = 0; first < pixels; first += kBlock) {
    const int64_t count = std::min(kBlock, pixels - first);
    for (int64_t p = 0; p < count; ++p) patch(first + p, block.data() + p * rows.stride);
    for (int64_t o = 0; o < width; o += kBlock) {
      int32_t s[kBlock * kBlock];
      loops.dotBlock(block.data(), rows.values.data() + o * rows.stride, rows.stride, s);
      for (int64_t p = 0; p < kBlock; ++p) {
        for (int64_t k = 0; k < kBlock; ++k) {
          const int64_t c = std::min(o + k, channels - 1);
          sums[static_cast<size_t>(p * width + o + k)] =
              s[p * kBlock + k] + bias[static_cast<size_t>(firstChannel + c)];
        }
      }
    }
    for (int64_t p = 0; p < count; ++p) store(first + p, sums.data() + p * width);
  }
}

void widen(const int8_t* src, int64_t count, int32_t zeroPoint, int16_t* dst) {
  for (int64_t i = 0; i < count; ++i) dst[i] = static_cast<int16_t>(src[i] - zeroPoint);
}

// The taps of pixel (n, oh, ow) for input channels [first, first + depth); padding is 0.
void gather(const Window& win, const int8_t* x, int32_t zeroPoint, int64_t pixel, int64_t first, int64_t depth,
            int16_t* dst) {
  const int64_t n = pixel / (win.oh * win.ow), y0 = pixel / win.ow % win.oh, x0 = pixel % win.ow;
  for (int64_t kh = 0; kh < win.kh; ++kh) {
    const int64_t h = y0 * win.sh - win.top + kh * win.dh;
    for (int64_t kw = 0; kw < win.kw; ++kw, dst += depth) {
      const int64_t w = x0 * win.sw - win.left + kw * win.dw;
      if (h < 0 || h >= win.ih || w < 0 || w >= win.iw) {
        std::fill(dst, dst + depth, int16_t{0});
      } else {
        widen(x + ((n * win.ih + h) * win.iw + w) * win.ic + first, depth, zeroPoint, dst);
      }
    }
  }
}

Kernel prepareDepthwise(const Network& network, const Layer& layer) {
  const Window win(network, layer);
  const auto result = std::make_shared<const Result>(network, layer);
  // [taps, channels], for sums over neighbouring channels.
  const int64_t taps = win.kh * win.kw;
  const int8_t* weights = network.in(layer, 1).values<int8_t>();
  auto rows = std::make_shared<std::vector<int16_t>>(static_cast<size_t>(taps * win.oc));
  const int32_t zeroW = network.in(layer, 1).zeroPoint();
  for (int64_t c = 0; c < win.oc; ++c) {
    for (int64_t t = 0; t < taps; ++t) {
      (*rows)[static_cast<size_t>(t * win.oc + c)] = static_cast<int16_t>(weights[c * taps + t] - zeroW);
    }
  }
  const int32_t zero = network.in(layer, 0).zeroPoint();
  const int64_t pixels = network.out(layer).elements / std::max<int64_t>(win.oc, 1);
  const auto in = static_cast<size_t>(layer.inputs[0]), out = static_cast<size_t>(layer.outputs[0]);
  auto sums = std::make_shared<std::vector<int32_t>>();
  return [=](const Memory& memory) {
    const auto* x = static_cast<const int8_t*>(memory[in]);
    for (int64_t pixel = 0; pixel < pixels; ++pixel) {
      *sums = result->bias;
      const int64_t n = pixel / (win.oh * win.ow), y0 = pixel / win.ow % win.oh, x0 = pixel % win.ow;
      for (int64_t t = 0; t < taps; ++t) {
        const int64_t h = y0 * win.sh - win.top + t / win.kw * win.dh;
        const int64_t w = x0 * win.sw - win.left + t % win.kw * win.dw;
        if (h < 0 || h >= win.ih || w < 0 || w >= win.iw) continue;
        result->loops.addProducts(x + ((n * win.ih + h) * win.iw + w) * win.ic, zero, rows->data() + t * win.oc,
                                  win.oc, sums->data());
      }
      result->store(sums->data(), 0, win.oc, pixel * win.oc, memory, static_cast<int8_t*>(memory[out]));
    }
  };
}

}  // namespace

Kernel prepareConv(const Network& network, const Layer& layer) {
  const Window win(network, layer);
  const int64_t groups = layer.integer("groups");
  if (groups == win.ic && groups == win.oc && groups > 1) return prepareDepthwise(network, layer);
  const auto result = std::make_shared<const Result>(network, layer);
  const int64_t depth = win.ic / groups, channels = win.oc / groups, k = win.kh * win.kw * depth;
  const int8_t* weights = network.in(layer, 1).values<int8_t>();
  const int32_t zeroW = network.in(layer, 1).zeroPoint();  // many scales have the zero point 0
  auto rows = std::make_shared<std::vector<Rows>>();
  for (int64_t g = 0; g < groups; ++g) rows->emplace_back(weights + g * channels * k, zeroW, channels, k);
  const int32_t zero = network.in(layer, 0).zeroPoint();
  const int64_t pixels = network.out(layer).elements / win.oc;
  const auto in = static_cast<size_t>(layer.inputs[0]), out = static_cast<size_t>(layer.outputs[0]);
  auto block = std::make_shared<std::vector<int16_t>>();
  auto sums = std::make_shared<std::vector<int32_t>>();
  return [=](const Memory& memory) {
    const auto* x = static_cast<const int8_t*>(memory[in]);
    for (int64_t g = 0; g < groups; ++g) {
      multiply(
          pixels, channels, (*rows)[static_cast<size_t>(g)], result->loops, *block, *sums, result->bias, g * channels,
          [&](int64_t pixel, int16_t* dst) { gather(win, x, zero, pixel, g * depth, depth, dst); },
          [&](int64_t pixel, const int32_t* s) {
            result->store(s, g * channels, channels, pixel * win.oc + g * channels, memory,
                          static_cast<int8_t*>(memory[out]));
          });
    }
  };
}

Kernel prepareFullyConnected(const Network& network, const Layer& layer) {
  const auto result = std::make_shared<const Result>(network, layer);
  const Tensor& w = network.in(layer, 1);
  const int64_t channels = w.dims[0], depth = w.dims[1];
  const auto rows = std::make_shared<const Rows>(w.values<int8_t>(), w.zeroPoint(), channels, depth);
  const int32_t zero = network.in(layer, 0).zeroPoint();
  const int64_t pixels = network.in(layer, 0).dims[0];
  const auto in = static_cast<size_t>(layer.inputs[0]), out = static_cast<size_t>(layer.outputs[0]);
  auto block = std::make_shared<std::vector<int16_t>>();
  auto sums = std::make_shared<std::vector<int32_t>>();
  return [=](const Memory& memory) {
    const auto* x = static_cast<const int8_t*>(memory[in]);
    multiply(
        pixels, channels, *rows, result->loops, *block, *sums, result->bias, 0,
        [&](int64_t p, int16_t* dst) { widen(x + p * depth, depth, zero, dst); },
        [&](int64_t p, const int32_t* s) {
          result->store(s, 0, channels, p * channels, memory, static_cast<int8_t*>(memory[out]));
        });
  };
}

std::string refuseConv(const Network&, const Layer& layer) { return refuseActivation(layer); }

}  // namespace npu_sim
