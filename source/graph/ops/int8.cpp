#include "graph/ops/int8.h"

#include <cmath>

namespace qrt {

Result<QuantizedRange> int8Range(const KernelContext& ctx, const Activation& activation) {
  const TensorView& out = ctx.outputs[0];
  const bool wanted = out.dtype == DType::s8 && out.quant != nullptr;
  const auto range = wanted ? fusedRange(activation, DType::s8, *out.quant) : std::nullopt;
  if (!range) return internalError("the kernel was given no quantized s8 output");
  return *range;
}

Result<Int8Sums> Int8Sums::create(const KernelContext& ctx, const Activation& activation) {
  Int8Sums sums;
  QRT_ASSIGN_OR_RETURN(sums.range_, int8Range(ctx, activation));
  const QuantParams& x = *ctx.inputs[0].quant;
  const QuantParams& w = *ctx.inputs[1].quant;
  const QuantParams& y = *ctx.outputs[0].quant;
  sums.x_ = ctx.in<int8_t>(0);
  sums.w_ = ctx.in<int8_t>(1);
  sums.out_ = ctx.out<int8_t>(0);
  sums.zeroX_ = x.zeroPoints[0];
  sums.zeroW_ = w.zeroPoints[0];
  sums.multipliers_ = int8Multipliers(x, w, y);
  if (ctx.has(2)) sums.bias_ = ctx.in<int32_t>(2);
  if (ctx.has(3)) {
    sums.residual_ = ctx.in<int8_t>(3);
    sums.zeroResidual_ = ctx.inputs[3].quant->zeroPoints[0];
    sums.residualMultiplier_ = requantizeScale(ctx.inputs[3].quant->scales[0], y.scales[0]);
  }
  return sums;
}

int32_t Int8Sums::dot(int64_t xAt, int64_t wAt, int64_t count, int64_t stride) const {
  int32_t sum = 0;
  for (int64_t i = 0; i < count; ++i) {
    sum += (x_[xAt + i] - zeroX_) * (w_[wAt + i * stride] - zeroW_);
  }
  return sum;
}

void Int8Sums::store(int64_t at, int64_t c, int32_t sum) const {
  if (bias_ != nullptr) sum += bias_[c];
  float v = static_cast<float>(sum) * multipliers_[multipliers_.size() == 1 ? 0 : static_cast<size_t>(c)];
  if (residual_ != nullptr) {
    v += static_cast<float>(residual_[at] - zeroResidual_) * residualMultiplier_;
  }
  out_[at] = static_cast<int8_t>(requantize(v, range_));
}

Result<Int8Mean> Int8Mean::create(const KernelContext& ctx) {
  Int8Mean mean;
  QRT_ASSIGN_OR_RETURN(mean.range_, int8Range(ctx, {}));
  mean.zeroX_ = ctx.inputs[0].quant->zeroPoints[0];
  mean.scaleX_ = ctx.inputs[0].quant->scales[0];
  mean.scaleY_ = ctx.outputs[0].quant->scales[0];
  return mean;
}

int8_t Int8Mean::operator()(int64_t sum, int64_t taps, int64_t count) const {
  const float scale = requantizeScale(scaleX_, scaleY_ * static_cast<double>(count));
  const auto steps = static_cast<float>(static_cast<int32_t>(sum - taps * zeroX_));
  return static_cast<int8_t>(requantize(steps * scale, range_));
}

std::array<int8_t, 256> int8Table(const Layer& layer, const QuantParams& in,
                                  const QuantParams& out) {
  std::array<double, 256> x{};
  std::array<double, 256> y{};
  for (int q = -128; q < 128; ++q) {
    x[static_cast<uint8_t>(q)] = static_cast<double>(q - in.zeroPoints[0]) * in.scales[0];
  }
  // The op's own kernel in f64, so that there is one formula.
  const ConstTensorView input(DType::f64, {256}, x.data());
  const TensorView output{DType::f64, {256}, y.data()};
  [[maybe_unused]] const Status status = runReference(layer, {&input, 1}, {&output, 1});
  QRT_CHECK(status.ok());
  std::array<int8_t, 256> table{};
  for (size_t i = 0; i < 256; ++i) {
    const float v = static_cast<float>(y[i]) / out.scales[0];
    table[i] = static_cast<int8_t>(requantize(v, {out.zeroPoints[0]}));
  }
  return table;
}

Status runInt8Table(const KernelContext& ctx) {
  const auto table = int8Table(ctx.layer, *ctx.inputs[0].quant, *ctx.outputs[0].quant);
  for (int64_t i = 0; i < ctx.outputs[0].shape.elements(); ++i) {
    ctx.out<int8_t>(0)[i] = table[static_cast<uint8_t>(ctx.in<int8_t>(0)[i])];
  }
  return {};
}

std::array<uint32_t, 256> int8ExpTable(float scale) {
  std::array<uint32_t, 256> table{};
  for (size_t d = 0; d < 256; ++d) {
    table[d] = static_cast<uint32_t>(
        std::nearbyint(std::exp(-static_cast<double>(d) * double{scale}) * 0x1p23));
  }
  return table;
}

std::vector<float> int8Multipliers(const QuantParams& x, const QuantParams& w, const QuantParams& y) {
  std::vector<float> multipliers;
  for (const float scale : w.scales) {
    multipliers.push_back(productScale(x.scales[0], scale, y.scales[0]));
  }
  return multipliers;
}

}  // namespace qrt
