// MaxPool, AveragePool, and ReduceMean over height and width.
#include <algorithm>
#include <memory>

#include "npu_sim/kernels.h"

namespace npu_sim {
namespace {

// The taps [first, end) of output `o` that are inside an input of size `in`.
struct Axis {
  int64_t in, out, kernel, stride, dilation, begin, end;

  int64_t position(int64_t o, int64_t k) const { return o * stride - begin + k * dilation; }
  bool inside(int64_t o, int64_t k) const { return position(o, k) >= 0 && position(o, k) < in; }
  // Taps inside the padded input; in ceil mode the last window may reach behind it.
  int64_t padded(int64_t o) const { return std::min(kernel, in + end - position(o, 0)); }
};

Axis axisOf(const Network& network, const Layer& layer, size_t i) {
  return {network.in(layer, 0).dims[1 + i], network.out(layer).dims[1 + i], layer.integer("kernel", i),
          layer.integer("strides", i),      layer.integer("dilations", i),  layer.integer("pads", i),
          layer.integer("pads", i + 2)};
}

// Calls tap(x of all channels) for each input under the window of (n, oh, ow).
template <class Tap>
int64_t forEachTap(const Axis& rows, const Axis& columns, const int8_t* x, int64_t channels, int64_t n, int64_t oh,
                   int64_t ow, Tap tap) {
  int64_t taps = 0;
  for (int64_t kh = 0; kh < rows.kernel; ++kh) {
    if (!rows.inside(oh, kh)) continue;
    for (int64_t kw = 0; kw < columns.kernel; ++kw) {
      if (!columns.inside(ow, kw)) continue;
      tap(x + ((n * rows.in + rows.position(oh, kh)) * columns.in + columns.position(ow, kw)) * channels);
      ++taps;
    }
  }
  return taps;
}

struct Mean {
  double scaleX, scaleY;
  int32_t zeroX;
  Range range;

  int8_t operator()(int32_t sum, int64_t taps, int64_t count) const {
    const float scale = multiplier(scaleX, scaleY * static_cast<double>(count));
    return requantize(static_cast<float>(sum - static_cast<int32_t>(taps) * zeroX) * scale, range);
  }
};

Mean meanOf(const Network& network, const Layer& layer) {
  const Tensor& x = network.in(layer, 0);
  const Tensor& y = network.out(layer);
  return {x.scale(), y.scale(), x.zeroPoint(), rangeOf(y)};
}

// To the nearest integer, ties away from −shift.
int8_t nearest(int64_t sum, int64_t count, int64_t shift) {
  if (count == 0) return -128;
  sum += shift * count;
  return static_cast<int8_t>((sum + (sum < 0 ? -count : count) / 2) / count - shift);
}

}  // namespace

Kernel preparePool(const Network& network, const Layer& layer) {
  const Axis rows = axisOf(network, layer, 0), columns = axisOf(network, layer, 1);
  const int64_t channels = network.out(layer).dims[3], batch = network.out(layer).dims[0];
  const bool max = layer.op == "MaxPool";
  const std::string ties = layer.attribute("ties").text;
  const bool whole = ties != "even", padding = layer.integer("count_include_pad") != 0;
  const int64_t shift = ties == "up" ? 128 : 0;  // of values that are not negative, up is away from zero
  const Mean mean = meanOf(network, layer);
  const auto in = static_cast<size_t>(layer.inputs[0]), out = static_cast<size_t>(layer.outputs[0]);
  auto sums = std::make_shared<std::vector<int32_t>>();
  const auto window = [=](const int8_t* x, int64_t n, int64_t oh, int64_t ow, int8_t* dst) {
    sums->assign(static_cast<size_t>(channels), max ? -128 : 0);
    const int64_t taps = forEachTap(rows, columns, x, channels, n, oh, ow, [&](const int8_t* from) {
      int32_t* s = sums->data();
      for (int64_t c = 0; c < channels; ++c) s[c] = max ? std::max<int32_t>(s[c], from[c]) : s[c] + from[c];
    });
    const int64_t count = padding ? rows.padded(oh) * columns.padded(ow) : taps;
    for (int64_t c = 0; c < channels; ++c) {
      const int32_t sum = (*sums)[static_cast<size_t>(c)];
      dst[c] = max ? static_cast<int8_t>(sum) : whole ? nearest(sum, count, shift) : mean(sum, taps, count);
    }
  };
  return [=](const Memory& memory) {
    const auto* x = static_cast<const int8_t*>(memory[in]);
    auto* dst = static_cast<int8_t*>(memory[out]);
    for (int64_t n = 0; n < batch; ++n) {
      for (int64_t oh = 0; oh < rows.out; ++oh) {
        for (int64_t ow = 0; ow < columns.out; ++ow, dst += channels) window(x, n, oh, ow, dst);
      }
    }
  };
}

std::string refuseMean(const Network& network, const Layer& layer) {
  std::vector<int64_t> axes = layer.attribute("axes").ints;
  for (int64_t& axis : axes) axis += axis < 0 ? 4 : 0;
  std::sort(axes.begin(), axes.end());
  if (network.in(layer, 0).dims.size() == 4 && axes == std::vector<int64_t>{1, 2}) return "";
  return "wanted a mean over height and width of four dimensions";
}

Kernel prepareMean(const Network& network, const Layer& layer) {
  const std::vector<int64_t>& dims = network.in(layer, 0).dims;
  const int64_t batch = dims[0], pixels = dims[1] * dims[2], channels = dims[3];
  const Mean mean = meanOf(network, layer);
  const auto in = static_cast<size_t>(layer.inputs[0]), out = static_cast<size_t>(layer.outputs[0]);
  auto sums = std::make_shared<std::vector<int32_t>>();
  return [=](const Memory& memory) {
    const auto* x = static_cast<const int8_t*>(memory[in]);
    auto* dst = static_cast<int8_t*>(memory[out]);
    for (int64_t n = 0; n < batch; ++n) {
      sums->assign(static_cast<size_t>(channels), 0);
      int32_t* s = sums->data();
      for (int64_t p = 0; p < pixels; ++p, x += channels) {
        for (int64_t c = 0; c < channels; ++c) s[c] += x[c];
      }
      for (int64_t c = 0; c < channels; ++c) *dst++ = mean(s[c], pixels, pixels);
    }
  };
}

}  // namespace npu_sim
