// Runs a convolution by Winograd's algorithm in guarded memory, and compares it with sums in
// double.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <random>
#include <vector>

#include "kernels/run_layer.h"
#include "kernels/winograd/conv_winograd_f32.h"

namespace qrt::test {

/// Calls fn(m, r) for all tile sizes that exist.
template <class Fn>
void forEachTileSize(Fn fn) {
  for (int r = 2; r <= 7; ++r) {
    for (int m = 2; m <= 7; ++m) {
      if (winogradExists(m, r)) fn(m, r);
    }
  }
}

struct ErrorOf {
  double rms;   ///< over that of the sums before residual and activation
  double most;  ///< of any output
};

/// A convolution with inputs and weights at random.
class WinogradCase {
 public:
  WinogradCase(const ConvShape& shape, const Activation& activation, bool bias, bool residual,
               unsigned seed = 3)
      : shape_(shape), activation_(activation) {
    std::mt19937 random(seed);
    std::uniform_real_distribution<float> uniform(-1, 1);
    const auto fill = [&](std::vector<float>& values, int64_t count) {
      values.resize(static_cast<size_t>(count));
      for (float& value : values) value = uniform(random);
    };
    const int64_t outputs = shape.n * shape.oh * shape.ow * shape.o;
    fill(x_, shape.n * shape.h * shape.w * shape.c);
    fill(weights_, shape.o * shape.kh * shape.kw * shape.c);
    if (bias) fill(bias_, shape.o);
    if (residual) fill(residual_, outputs);
    wanted_.resize(static_cast<size_t>(outputs));
    for (int64_t i = 0; i < outputs; ++i) wanted_[static_cast<size_t>(i)] = sum(i);
  }

  /// The outputs; every buffer ends at an inaccessible page, and the scratch holds garbage.
  std::vector<float> run(int m, IsaLevel level, int threads) const {
    const ConvWinogradF32 conv(shape_, m, activation_, gemmKernelF32(level),
                               winogradKernelF32(level), threads);
    const GuardedBuffer x = guarded(x_), weights = guarded(weights_), bias = guarded(bias_),
                        residual = guarded(residual_);
    const GuardedBuffer panels(static_cast<size_t>(conv.packedFloats()) * sizeof(float));
    for (int64_t i = 0; i < conv.packTasks(); ++i)
      conv.pack(weights.as<float>(), panels.as<float>(), i);
    const GuardedBuffer y(wanted_.size() * sizeof(float)), scratch(alignUp(conv.scratchBytes()));
    const ConvArgsF32 args = {x.as<float>(),
                              panels.as<float>(),
                              bias_.empty() ? nullptr : bias.as<float>(),
                              residual_.empty() ? nullptr : residual.as<float>(),
                              y.as<float>(),
                              scratch.data()};
    for (int64_t task = 0; task < conv.tasks(); ++task)
      conv.run(args, task, static_cast<int>(task % threads));
    EXPECT_TRUE(y.frontIntact() && scratch.frontIntact() && panels.frontIntact())
        << "wrote in front of a buffer";
    const auto values = y.span<float>();
    return {values.begin(), values.end()};
  }

  ErrorOf errorOf(const std::vector<float>& got) const {
    double squares = 0, errors = 0, most = 0;
    for (size_t i = 0; i < got.size(); ++i) {
      const double want = finish(wanted_[i], i);
      squares += wanted_[i] * wanted_[i];
      const double error = std::isfinite(got[i]) ? std::abs(got[i] - want) : INFINITY;
      errors += error * error;
      most = std::max(most, error);
    }
    return {std::sqrt(errors / squares), most};
  }

  const ConvShape& shape() const { return shape_; }

 private:
  static GuardedBuffer guarded(const std::vector<float>& values) {
    GuardedBuffer buffer(values.size() * sizeof(float));
    if (!values.empty()) std::memcpy(buffer.data(), values.data(), values.size() * sizeof(float));
    return buffer;
  }

  double sum(int64_t index) const {
    const ConvShape& s = shape_;
    const int64_t o = index % s.o, ow = index / s.o % s.ow, oh = index / s.o / s.ow % s.oh,
                  n = index / s.o / s.ow / s.oh;
    double total = 0;
    for (int64_t h = 0; h < s.kh; ++h) {
      for (int64_t w = 0; w < s.kw; ++w) {
        const int64_t ih = oh + h - s.padTop, iw = ow + w - s.padLeft;
        if (ih < 0 || ih >= s.h || iw < 0 || iw >= s.w) continue;
        const float* pixel = x_.data() + ((n * s.h + ih) * s.w + iw) * s.c;
        const float* weight = weights_.data() + ((o * s.kh + h) * s.kw + w) * s.c;
        for (int64_t c = 0; c < s.c; ++c) total += static_cast<double>(pixel[c]) * weight[c];
      }
    }
    return total;
  }

  double finish(double value, size_t index) const {
    if (!bias_.empty()) value += bias_[index % static_cast<size_t>(shape_.o)];
    if (!residual_.empty()) value += residual_[index];
    switch (activation_.kind) {
      case ActivationKind::relu:
        return std::max(value, 0.0);
      case ActivationKind::clip:
        return std::min<double>(std::max<double>(value, activation_.a), activation_.b);
      case ActivationKind::tanh:
        return std::tanh(value);
      default:
        return value;
    }
  }

  ConvShape shape_;
  Activation activation_;
  std::vector<float> x_, weights_, bias_, residual_;
  std::vector<double> wanted_;
};

}  // namespace qrt::test
