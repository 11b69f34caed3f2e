// Add, Sub, Mul with broadcasting; functions of one value as tables; Requantize; Softmax.
#include <algorithm>
#include <cmath>
#include <memory>

#include "npu_sim/kernels.h"

namespace npu_sim {
namespace {

// Strides that read `tensor` as if it were broadcast to `dims`.
std::vector<int64_t> broadcastStrides(const Tensor& tensor, const std::vector<int64_t>& dims) {
  std::vector<int64_t> strides(dims.size());
  int64_t stride = 1;
  const size_t lead = dims.size() - tensor.dims.size();
  for (size_t i = tensor.dims.size(); i-- > 0; stride *= tensor.dims[i]) {
    strides[lead + i] = tensor.dims[i] == 1 ? 0 : stride;
  }
  return strides;
}

// For each output element, which element of `tensor` it reads.
std::vector<int32_t> broadcastIndex(const Tensor& tensor, const Tensor& out) {
  const std::vector<int64_t> strides = broadcastStrides(tensor, out.dims);
  std::vector<int32_t> index(static_cast<size_t>(out.elements));
  for (int64_t i = 0; i < out.elements; ++i) {
    int64_t rest = i, at = 0;
    for (size_t d = out.dims.size(); d-- > 0; rest /= out.dims[d]) at += rest % out.dims[d] * strides[d];
    index[static_cast<size_t>(i)] = static_cast<int32_t>(at);
  }
  return index;
}

// Steps of two scales as whole numbers of a third, 2^-shift of its steps.
struct SumScales {
  int32_t a, b, shift;

  SumScales(float scaleA, float scaleB, float scaleOut) {
    const double realA = double{scaleA / scaleOut}, realB = double{scaleB / scaleOut};
    shift = std::clamp(20 - std::ilogb(std::max({realA, realB, 0x1p-30})), 1, 30);
    const auto whole = [&](double real) {
      return static_cast<int32_t>(std::rint(std::min(std::ldexp(real, shift), 0x1p21)));
    };
    a = whole(realA), b = whole(realB);
  }
};

struct Binary {
  int32_t zeroA, zeroB;
  SumScales scales;  // of Add and Sub
  float scale;       // of Mul
  Range range;

  template <class IndexA, class IndexB>
  void add(const int8_t* a, const int8_t* b, int64_t count, int8_t* __restrict y, IndexA ia, IndexB ib) const {
    for (int64_t i = 0; i < count; ++i) {
      const int32_t sum = (a[ia(i)] - zeroA) * scales.a + (b[ib(i)] - zeroB) * scales.b + (1 << (scales.shift - 1));
      const int32_t q = (sum >> scales.shift) + range.zeroPoint;
      y[i] = static_cast<int8_t>(std::max(range.low, std::min(range.high, q)));
    }
  }
  template <class IndexA, class IndexB>
  void mul(const int8_t* a, const int8_t* b, int64_t count, int8_t* __restrict y, IndexA ia, IndexB ib) const {
    for (int64_t i = 0; i < count; ++i) {
      const int32_t product = (a[ia(i)] - zeroA) * (b[ib(i)] - zeroB);
      y[i] = requantize(static_cast<float>(product) * scale, range);
    }
  }
};

double function(const Layer& layer, double x) {
  const auto parameter = [&](const char* name) { return static_cast<double>(layer.attribute(name).floats.at(0)); };
  const auto clamp = [](double v, double low, double high) { return std::min(std::max(v, low), high); };
  if (layer.op == "Relu") return x < 0 ? 0 : x;
  if (layer.op == "Clip") return std::min(std::max(x, parameter("min")), parameter("max"));
  if (layer.op == "Sigmoid") return 1 / (1 + std::exp(-x));
  if (layer.op == "Tanh") return std::tanh(x);
  if (layer.op == "HardSigmoid") return clamp(parameter("alpha") * x + parameter("beta"), 0, 1);
  if (layer.op == "HardSwish") return x * clamp(x / 6 + 0.5, 0, 1);
  if (layer.op == "LeakyRelu") return x < 0 ? parameter("alpha") * x : x;
  return x < 0 ? parameter("alpha") * std::expm1(x) : x;  // Elu
}

Kernel lookUp(const Network& network, const Layer& layer, const std::array<int8_t, 256>& table) {
  const int64_t count = network.out(layer).elements;
  const auto in = static_cast<size_t>(layer.inputs[0]), out = static_cast<size_t>(layer.outputs[0]);
  return [=](const Memory& memory) {
    const auto* x = static_cast<const uint8_t*>(memory[in]);
    auto* y = static_cast<int8_t*>(memory[out]);
    for (int64_t i = 0; i < count; ++i) y[i] = table[x[i]];
  };
}

}  // namespace

Kernel prepareBinary(const Network& network, const Layer& layer) {
  const Tensor& a = network.in(layer, 0);
  const Tensor& b = network.in(layer, 1);
  const Tensor& y = network.out(layer);
  const bool product = layer.op == "Mul";
  Binary binary{a.zeroPoint(), b.zeroPoint(), {a.scale(), b.scale(), y.scale()},
                productMultiplier(a.scale(), b.scale(), y.scale()), rangeOf(y, &layer)};
  if (layer.op == "Sub") binary.scales.b = -binary.scales.b;
  const bool plain = a.elements == y.elements && b.elements == y.elements;
  const auto indexA =
      std::make_shared<const std::vector<int32_t>>(plain ? std::vector<int32_t>() : broadcastIndex(a, y));
  const auto indexB =
      std::make_shared<const std::vector<int32_t>>(plain ? std::vector<int32_t>() : broadcastIndex(b, y));
  const auto inA = static_cast<size_t>(layer.inputs[0]), inB = static_cast<size_t>(layer.inputs[1]);
  const auto out = static_cast<size_t>(layer.outputs[0]);
  const int64_t count = y.elements;
  return [=](const Memory& memory) {
    const auto* pa = static_cast<const int8_t*>(memory[inA]);
    const auto* pb = static_cast<const int8_t*>(memory[inB]);
    auto* py = static_cast<int8_t*>(memory[out]);
    const auto each = [&](const auto& ia, const auto& ib) {
      product ? binary.mul(pa, pb, count, py, ia, ib) : binary.add(pa, pb, count, py, ia, ib);
    };
    if (plain) {
      const auto same = [](int64_t i) { return i; };
      each(same, same);
    } else {
      each([at = indexA->data()](int64_t i) { return at[i]; }, [at = indexB->data()](int64_t i) { return at[i]; });
    }
  };
}

Kernel prepareTable(const Network& network, const Layer& layer) {
  const Tensor& x = network.in(layer, 0);
  const Tensor& y = network.out(layer);
  std::array<int8_t, 256> table{};
  for (int q = -128; q < 128; ++q) {
    const double value = function(layer, static_cast<double>(q - x.zeroPoint()) * x.scale());
    table[static_cast<uint8_t>(q)] = requantize(static_cast<float>(value) / y.scale(), rangeOf(y));
  }
  return lookUp(network, layer, table);
}

Kernel prepareRequantize(const Network& network, const Layer& layer) {
  const Tensor& x = network.in(layer, 0);
  const Tensor& y = network.out(layer);
  const float scale = multiplier(x.scale(), y.scale());
  std::array<int8_t, 256> table{};
  for (int q = -128; q < 128; ++q) {
    table[static_cast<uint8_t>(q)] = requantize(static_cast<float>(q - x.zeroPoint()) * scale, rangeOf(y));
  }
  return lookUp(network, layer, table);
}

Kernel prepareSoftmax(const Network& network, const Layer& layer) {
  const Tensor& x = network.in(layer, 0);
  const Tensor& y = network.out(layer);
  std::array<uint32_t, 256> e{};
  for (size_t d = 0; d < 256; ++d) {
    e[d] = static_cast<uint32_t>(std::nearbyint(std::exp(-static_cast<double>(d) * double{x.scale()}) * 0x1p23));
  }
  const int64_t size = x.dims.back(), count = x.elements;
  const float scaleOut = y.scale();
  const Range range = rangeOf(y);
  const auto in = static_cast<size_t>(layer.inputs[0]), out = static_cast<size_t>(layer.outputs[0]);
  return [=](const Memory& memory) {
    for (int64_t first = 0; first < count; first += size) {
      const int8_t* src = static_cast<const int8_t*>(memory[in]) + first;
      int8_t* dst = static_cast<int8_t*>(memory[out]) + first;
      const int most = *std::max_element(src, src + size);
      uint64_t sum = 0;
      for (int64_t i = 0; i < size; ++i) sum += e[static_cast<size_t>(most - src[i])];
      const float scale = multiplier(1, static_cast<double>(sum) * scaleOut);
      for (int64_t i = 0; i < size; ++i) {
        dst[i] = requantize(static_cast<float>(e[static_cast<size_t>(most - src[i])]) * scale, range);
      }
    }
  };
}

}  // namespace npu_sim
