// Conv and FullyConnected on s8. oneDNN only makes the sums, as s32; they are rounded here by the rule of
// schema/model.fbs, since oneDNN's own requantization does it otherwise. Layers are refused where sums are not exact:
// - without VNNI it adds pairs of products in 16 bits that may saturate;
// - results pass through f32 on their way to s32, so that they must stay below 2^24;
// - its GEMM-based kernel, which is left for groups of odd sizes, is sometimes wrong (2.6.3; the conformance suite with
//   60 rounds finds it).
#include <algorithm>
#include <cmath>

#include "onednn/sums.h"

namespace onednn_plugin {
namespace {

constexpr int64_t kExactInFloat = int64_t{1} << 24;

bool hasVnni() {
  const dnnl::cpu_isa isa = dnnl::get_effective_cpu_isa();
  return isa == dnnl::cpu_isa::avx2_vnni || isa == dnnl::cpu_isa::avx512_core_vnni ||
         isa == dnnl::cpu_isa::avx512_core_bf16 || isa == dnnl::cpu_isa::avx512_core_amx;
}

// Σ |w| of each output channel.
int64_t largestSum(const QrtTensor& weights) {
  const auto* w = static_cast<const int8_t*>(weights.constant);
  const int64_t channels = weights.dims[0], depth = elementsOf(weights) / channels;
  int64_t largest = 0;
  for (int64_t c = 0; c < channels; ++c) {
    int64_t sum = 0;
    for (int64_t i = 0; i < depth; ++i) sum += std::abs(int64_t{w[c * depth + i]});
    largest = std::max(largest, sum);
  }
  return largest;
}

std::string refuse(const LayerView& layer) {
  if (!isInt8(layer.in(0)) || !isInt8(layer.out()) || (layer.has(3) && !isInt8(layer.in(3)))) {
    return "wanted s8 with one scale";
  }
  const QrtTensor& weights = layer.in(1);
  if (weights.dtype != QRT_S8 || weights.constant == nullptr || weights.quantization == nullptr) {
    return "wanted constant s8 weights";
  }
  if (weights.quantization->zeroPoints[0] != 0) return "the weights have a zero point";
  if (layer.has(2) && layer.in(2).constant == nullptr) return "the bias is not constant";
  if (elementsOf(layer.out()) == 0) return "nothing to compute";
  const std::string kind = layer.attribute("activation").text;
  if (kind != "none" && kind != "relu" && kind != "clip") return "activation " + kind;
  if (!hasVnni()) return "oneDNN's s8 sums may saturate on this processor, wanted one with VNNI";
  if (largestSum(weights) * 128 >= kExactInFloat) return "sums may reach 2^24, beyond which oneDNN's are not exact";
  const std::string kernel = sumKernel(layer, dnnl::memory::data_type::s8, true);
  return kernel.find("gemm") == std::string::npos
             ? ""
             : "oneDNN takes its kernel " + kernel + ", whose sums are not exact";
}

struct Range {
  int32_t zeroPoint, low, high;
};

int32_t requantize(float v, const Range& range) {
  const auto low = static_cast<float>(range.low - range.zeroPoint);
  const auto high = static_cast<float>(range.high - range.zeroPoint);
  return static_cast<int32_t>(std::nearbyint(std::min(high, std::max(low, v)))) + range.zeroPoint;
}

Range rangeOf(const LayerView& layer) {
  const QrtQuantization& y = *layer.out().quantization;
  const Range whole{y.zeroPoints[0], -128, 127};
  const QrtAttribute& activation = layer.attribute("activation");
  const auto steps = [&](float bound) { return requantize(bound / y.scales[0], whole); };
  if (std::strcmp(activation.text, "relu") == 0) return {whole.zeroPoint, steps(0), whole.high};
  if (std::strcmp(activation.text, "clip") == 0) {
    return {whole.zeroPoint, steps(activation.floats[0]), steps(activation.floats[1])};
  }
  return whole;
}

struct Int8Program final : QrtProgram {
  Int8Program(const LayerView& layer)
      : shape(layer), sum(layer, dnnl::memory::data_type::s8, true, {}, false), range(rangeOf(layer)),
        zeroX(layer.in(0).quantization->zeroPoints[0]), residual(layer.has(3) ? layer.argument(3) : -1) {
    const QrtQuantization& w = *layer.in(1).quantization;
    const float scaleX = layer.in(0).quantization->scales[0], scaleY = layer.out().quantization->scales[0];
    const auto* weights = static_cast<const int8_t*>(layer.in(1).constant);
    const auto* bias = layer.has(2) ? static_cast<const int32_t*>(layer.in(2).constant) : nullptr;
    const int64_t depth = elementsOf(layer.in(1)) / shape.oc;
    for (int64_t c = 0; c < shape.oc; ++c) {
      const float product = scaleX * w.scales[w.count == 1 ? 0 : c];
      multipliers.push_back(product / scaleY);
      // Σ (x − z)·w = Σ x·w − z·Σ w
      int32_t sumW = 0;
      for (int64_t i = 0; i < depth; ++i) sumW += weights[c * depth + i];
      offsets.push_back((bias == nullptr ? 0 : bias[c]) - zeroX * sumW);
    }
    if (layer.has(3)) {
      zeroR = layer.in(3).quantization->zeroPoints[0];
      scaleR = static_cast<float>(double{layer.in(3).quantization->scales[0]} / double{scaleY});
    }
    sums.resize(static_cast<size_t>(elementsOf(layer.out())));
    if (shape.hasPads()) {
      padded.resize(static_cast<size_t>(shape.n * (shape.ih + shape.pads[0] + shape.pads[2]) *
                                        (shape.iw + shape.pads[1] + shape.pads[3]) * shape.ic));
    }
  }

  void run(const QrtBuffer* const* inputs, void* output) override {
    const auto* x = static_cast<const int8_t*>(inputs[0]->data);
    sum.run(shape.hasPads() ? pad(x) : x, sums.data());
    const auto* r = residual < 0 ? nullptr : static_cast<const int8_t*>(inputs[residual]->data);
    auto* y = static_cast<int8_t*>(output);
    size_t at = 0;
    for (int64_t pixel = 0; pixel < shape.n * shape.oh * shape.ow; ++pixel) {
      for (size_t c = 0; c < multipliers.size(); ++c, ++at) {
        float v = static_cast<float>(sums[at] + offsets[c]) * multipliers[c];
        if (r != nullptr) v += static_cast<float>(r[at] - zeroR) * scaleR;
        y[at] = static_cast<int8_t>(requantize(v, range));
      }
    }
  }

 private:
  // Padding is the zero point, which oneDNN would take for 0.
  const int8_t* pad(const int8_t* x) {
    std::fill(padded.begin(), padded.end(), static_cast<int8_t>(zeroX));
    const int64_t rows = shape.ih + shape.pads[0] + shape.pads[2];
    const int64_t row = (shape.iw + shape.pads[1] + shape.pads[3]) * shape.ic;
    for (int64_t n = 0; n < shape.n; ++n) {
      for (int64_t h = 0; h < shape.ih; ++h) {
        std::memcpy(padded.data() + (n * rows + h + shape.pads[0]) * row + shape.pads[1] * shape.ic,
                    x + (n * shape.ih + h) * shape.iw * shape.ic, static_cast<size_t>(shape.iw * shape.ic));
      }
    }
    return padded.data();
  }

  SumShape shape;
  SumPrimitive sum;
  Range range;
  int32_t zeroX, zeroR = 0;
  int residual;
  float scaleR = 0;
  std::vector<float> multipliers;
  std::vector<int32_t> offsets, sums;
  std::vector<int8_t> padded;
};

std::unique_ptr<QrtProgram> compile(const LayerView& layer) {
  auto program = std::make_unique<Int8Program>(layer);
  program->name = "onednn_conv_s8s32";
  return program;
}

}  // namespace

const Family kInt8Sums = {{"Conv", "FullyConnected"}, refuse, compile};

}  // namespace onednn_plugin
