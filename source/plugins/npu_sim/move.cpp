// Ops that move bytes, and Resize: from where each output comes is worked out once.
#include <algorithm>
#include <cstring>
#include <memory>
#include <numeric>

#include "npu_sim/kernels.h"

namespace npu_sim {
namespace {

// dst[i] = src[source[i]], or the filling where that is −1.
Kernel pick(const Layer& layer, std::vector<int32_t> source, int8_t filling = 0) {
  const auto from = std::make_shared<const std::vector<int32_t>>(std::move(source));
  const auto in = static_cast<size_t>(layer.inputs[0]), out = static_cast<size_t>(layer.outputs[0]);
  return [=](const Memory& memory) {
    const auto* src = static_cast<const int8_t*>(memory[in]);
    auto* dst = static_cast<int8_t*>(memory[out]);
    for (size_t i = 0; i < from->size(); ++i) dst[i] = (*from)[i] < 0 ? filling : src[(*from)[i]];
  };
}

std::vector<int64_t> denseStrides(const std::vector<int64_t>& dims) {
  std::vector<int64_t> strides(dims.size());
  int64_t stride = 1;
  for (size_t d = dims.size(); d-- > 0; stride *= dims[d]) strides[d] = stride;
  return strides;
}

// Calls source(coordinates of an output element) → index, for all of them in order.
template <class Source>
std::vector<int32_t> sources(const Tensor& out, Source source) {
  std::vector<int32_t> result(static_cast<size_t>(out.elements));
  std::vector<int64_t> at(out.dims.size());
  for (int32_t& index : result) {
    index = static_cast<int32_t>(source(at));
    for (size_t d = at.size(); d-- > 0 && ++at[d] == out.dims[d];) at[d] = 0;
  }
  return result;
}

std::vector<int64_t> integers(const Tensor& tensor) {
  std::vector<int64_t> values;
  for (int64_t i = 0; i < tensor.elements; ++i) {
    values.push_back(tensor.dtype == QRT_S64 ? tensor.values<int64_t>()[i] : tensor.values<int32_t>()[i]);
  }
  return values;
}

// Elements behind `axis`, times its size in `tensor`.
int64_t run(const Tensor& tensor, int64_t axis) {
  int64_t size = 1;
  for (auto d = static_cast<size_t>(axis); d < tensor.dims.size(); ++d) size *= tensor.dims[d];
  return size;
}

int64_t axisOf(const Layer& layer, const Tensor& tensor) {
  const int64_t axis = layer.integer("axis");
  return axis < 0 ? axis + static_cast<int64_t>(tensor.dims.size()) : axis;
}

// One dimension of a Resize: output index i reads coordinate (i + shift)·numerator/denominator − offset.
struct ResizeAxis {
  int64_t in, out;
  double shift = 0, numerator = 1, denominator = 1, offset = 0;
  bool identity;

  double source(int64_t i) const { return (static_cast<double>(i) + shift) * numerator / denominator - offset; }
};

ResizeAxis resizeAxis(const Network& network, const Layer& layer, size_t d) {
  ResizeAxis axis{network.in(layer, 0).dims[d], network.out(layer).dims[d], 0, 1, 1, 0, false};
  axis.identity = axis.in == axis.out;
  axis.numerator = static_cast<double>(axis.in);
  axis.denominator = static_cast<double>(axis.out);
  const bool scaled = layer.has(1) && network.in(layer, 1).elements > 0;
  if (scaled) {
    const float scale = network.in(layer, 1).values<float>()[d];
    axis.identity = scale == 1;
    // A scale that is the float nearest to out/in stands for that fraction.
    if (static_cast<float>(axis.out) / static_cast<float>(axis.in) != scale) {
      axis.numerator = 1;
      axis.denominator = double{scale};
    }
  }
  const std::string& coordinates = layer.attribute("coordinates").text;
  if (coordinates == "align_corners") {
    axis.numerator = axis.out == 1 ? 0 : static_cast<double>(axis.in - 1);
    axis.denominator = axis.out == 1 ? 1 : static_cast<double>(axis.out - 1);
  } else if (coordinates == "pytorch_half_pixel" && axis.out == 1) {
    axis.numerator = 0;
  } else if (coordinates != "asymmetric") {
    axis.shift = axis.offset = 0.5;
  }
  return axis;
}

int64_t nearest(const std::string& rounding, const ResizeAxis& axis, int64_t i) {
  if (axis.identity) return i;
  const double x = axis.source(i);
  const double index = rounding == "round_prefer_floor"  ? std::ceil(x - 0.5)
                       : rounding == "round_prefer_ceil" ? std::floor(x + 0.5)
                       : rounding == "floor"             ? std::floor(x)
                                                         : std::ceil(x);
  return std::clamp<int64_t>(static_cast<int64_t>(index), 0, axis.in - 1);
}

// What output index i of a linear Resize reads: weights add up to 2048.
struct Tap {
  int64_t low, high;
  int32_t lowWeight, highWeight;
};

std::vector<Tap> linearTaps(const ResizeAxis& axis) {
  std::vector<Tap> taps;
  for (int64_t i = 0; i < axis.out; ++i) {
    if (axis.identity) {
      taps.push_back({i, i, 2048, 0});
      continue;
    }
    const double x = axis.source(i), base = std::floor(x);
    const auto high = static_cast<int32_t>(std::nearbyint((x - base) * 2048));
    const auto inside = [&](double at) { return std::clamp<int64_t>(static_cast<int64_t>(at), 0, axis.in - 1); };
    taps.push_back({inside(base), inside(base + 1), 2048 - high, high});
  }
  return taps;
}

// [N,H,W,C] where only height and width change.
Kernel linear(const Network& network, const Layer& layer) {
  const auto rows = std::make_shared<const std::vector<Tap>>(linearTaps(resizeAxis(network, layer, 1)));
  const auto columns = std::make_shared<const std::vector<Tap>>(linearTaps(resizeAxis(network, layer, 2)));
  const std::vector<int64_t>& dims = network.in(layer, 0).dims;
  const int64_t batch = dims[0], height = dims[1], width = dims[2], channels = dims[3];
  const auto in = static_cast<size_t>(layer.inputs[0]), out = static_cast<size_t>(layer.outputs[0]);
  return [=](const Memory& memory) {
    auto* dst = static_cast<int8_t*>(memory[out]);
    for (int64_t n = 0; n < batch; ++n) {
      const int8_t* x = static_cast<const int8_t*>(memory[in]) + n * height * width * channels;
      const auto at = [&](int64_t h, int64_t w, int64_t c) { return int32_t{x[(h * width + w) * channels + c]}; };
      for (const Tap& r : *rows) {
        for (const Tap& k : *columns) {
          for (int64_t c = 0; c < channels; ++c) {
            const int32_t low = at(r.low, k.low, c) * k.lowWeight + at(r.low, k.high, c) * k.highWeight;
            const int32_t high = at(r.high, k.low, c) * k.lowWeight + at(r.high, k.high, c) * k.highWeight;
            const int32_t sum = low * r.lowWeight + high * r.highWeight;
            *dst++ = static_cast<int8_t>(std::rint(static_cast<float>(sum) * 0x1p-22f));
          }
        }
      }
    }
  };
}

}  // namespace

Kernel prepareCopy(const Network& network, const Layer& layer) {
  const uint64_t bytes = network.out(layer).bytes;
  const auto in = static_cast<size_t>(layer.inputs[0]), out = static_cast<size_t>(layer.outputs[0]);
  return [=](const Memory& memory) {
    if (bytes > 0) std::memcpy(memory[out], memory[in], bytes);
  };
}

Kernel prepareConcat(const Network& network, const Layer& layer) {
  const Tensor& y = network.out(layer);
  const int64_t axis = axisOf(layer, y);
  const int64_t rows = y.elements / std::max<int64_t>(run(y, axis), 1);
  std::vector<int64_t> sizes;
  for (size_t i = 0; i < layer.inputs.size(); ++i) sizes.push_back(run(network.in(layer, i), axis));
  const std::vector<int> inputs = layer.inputs;
  const auto out = static_cast<size_t>(layer.outputs[0]);
  return [=](const Memory& memory) {
    auto* dst = static_cast<int8_t*>(memory[out]);
    for (int64_t row = 0; row < rows; ++row) {
      for (size_t i = 0; i < inputs.size(); ++i) {
        const auto size = static_cast<size_t>(sizes[i]);
        if (size == 0) continue;
        std::memcpy(dst, static_cast<const int8_t*>(memory[static_cast<size_t>(inputs[i])]) + row * sizes[i], size);
        dst += size;
      }
    }
  };
}

Kernel prepareSplit(const Network& network, const Layer& layer) {
  const Tensor& x = network.in(layer, 0);
  const int64_t axis = axisOf(layer, x), whole = run(x, axis);
  const int64_t rows = x.elements / std::max<int64_t>(whole, 1);
  struct Piece {
    size_t out;
    int64_t size;
  };
  std::vector<Piece> pieces;
  for (size_t i = 0; i < layer.outputs.size(); ++i) {
    pieces.push_back({static_cast<size_t>(layer.outputs[i]), run(network.out(layer, i), axis)});
  }
  const auto in = static_cast<size_t>(layer.inputs[0]);
  return [=](const Memory& memory) {
    const auto* src = static_cast<const int8_t*>(memory[in]);
    for (int64_t row = 0; row < rows; ++row) {
      for (const Piece& piece : pieces) {
        if (piece.size == 0) continue;
        std::memcpy(static_cast<int8_t*>(memory[piece.out]) + row * piece.size, src, static_cast<size_t>(piece.size));
        src += piece.size;
      }
    }
  };
}

Kernel prepareTranspose(const Network& network, const Layer& layer) {
  const Tensor& x = network.in(layer, 0);
  const std::vector<int64_t> strides = denseStrides(x.dims);
  std::vector<int64_t> perm = layer.attribute("perm").ints;
  for (size_t d = x.dims.size(); perm.size() < x.dims.size();) perm.push_back(static_cast<int64_t>(--d));
  std::vector<int64_t> steps;  // in x, by dimension of the output
  for (const int64_t d : perm) steps.push_back(strides[static_cast<size_t>(d)]);
  return pick(layer, sources(network.out(layer), [&](const std::vector<int64_t>& at) {
                return std::inner_product(at.begin(), at.end(), steps.begin(), int64_t{0});
              }));
}

std::string refusePad(const Network& network, const Layer& layer) {
  if (layer.attribute("mode").text != "constant") return "mode " + layer.attribute("mode").text + ", wanted constant";
  const bool known =
      network.in(layer, 1).constant != nullptr && (!layer.has(2) || network.in(layer, 2).constant != nullptr);
  return known ? "" : "pads or value are not constant";
}

Kernel preparePad(const Network& network, const Layer& layer) {
  const Tensor& x = network.in(layer, 0);
  const std::vector<int64_t> strides = denseStrides(x.dims), pads = integers(network.in(layer, 1));
  const int8_t value = layer.has(2) ? network.in(layer, 2).values<int8_t>()[0] : int8_t{0};
  return pick(layer, sources(network.out(layer), [&](const std::vector<int64_t>& at) -> int64_t {
                int64_t from = 0;
                for (size_t d = 0; d < at.size(); ++d) {
                  const int64_t i = at[d] - pads[d];
                  if (i < 0 || i >= x.dims[d]) return -1;
                  from += i * strides[d];
                }
                return from;
              }),
              value);
}

std::string refuseResize(const Network& network, const Layer& layer) {
  const std::string& mode = layer.attribute("mode").text;
  if (layer.attribute("coordinates").text == "tf_half_pixel_for_nn") return "coordinates tf_half_pixel_for_nn";
  if (layer.has(1) && network.in(layer, 1).constant == nullptr) return "scales are not constant";
  if (mode == "nearest") return "";
  if (mode != "linear") return "mode " + mode + ", wanted nearest or linear";
  if (network.in(layer, 0).dims.size() != 4) return "linear, wanted four dimensions";
  const bool outer = !resizeAxis(network, layer, 0).identity || !resizeAxis(network, layer, 3).identity;
  return outer ? "linear, wanted batch and channels to stay" : "";
}

Kernel prepareResize(const Network& network, const Layer& layer) {
  if (layer.attribute("mode").text == "linear") return linear(network, layer);
  const std::vector<int64_t> strides = denseStrides(network.in(layer, 0).dims);
  const std::string rounding = layer.attribute("rounding").text;
  std::vector<ResizeAxis> axes;
  for (size_t d = 0; d < strides.size(); ++d) axes.push_back(resizeAxis(network, layer, d));
  return pick(layer, sources(network.out(layer), [&](const std::vector<int64_t>& at) {
                int64_t from = 0;
                for (size_t d = 0; d < at.size(); ++d) from += nearest(rounding, axes[d], at[d]) * strides[d];
                return from;
              }));
}

}  // namespace npu_sim
