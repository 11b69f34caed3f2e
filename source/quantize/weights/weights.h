// How a layer's weights become integers: w ≈ scale · q, q in [−Q, Q], Q = 2^(bits − 1) − 1. Each
// algorithm chooses the scales and has a file of its own; start reading at choose_scales.cpp.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "qrt/quantize.h"

namespace qrt {

/// Weights whose dim 0 is the output channel: `channels` rows of equally many.
struct WeightRows {
  std::span<const float> values;  ///< finite
  size_t channels = 1;

  size_t perChannel() const { return channels == 0 ? 0 : values.size() / channels; }
  std::span<const float> row(size_t c) const {
    return values.subspan(c * perChannel(), perChannel());
  }
};

/// Q: 127 for 8 bits.
inline int32_t largestInteger(int bits) { return (1 << (bits - 1)) - 1; }

/// The nearest integer, halves to even, within [−largest, largest]; the scale is normal and > 0.
int8_t roundWeight(float weight, float scale, int32_t largest);

/// Σ (w − scale · q)² with q the nearest integers.
double squaredError(std::span<const float> weights, float scale, int32_t largest);

/// The largest absolute value becomes the largest integer. 0 for zeros and what is next to them
/// (AMCT's "arq_quantize").
float arqScale(std::span<const float> weights, int32_t largest);
/// The scale of the least squared error among arqScale() and fractions of it.
float mseScale(std::span<const float> weights, int32_t largest);
/// Scale and integers in turns, each the best for the other, until nothing changes (MNN's "ADMM").
float alsScale(std::span<const float> weights, int32_t largest);

/// A scale per channel, or one for all, none of them 0: a channel of zeros gets the largest scale of
/// the others, 1 if there are none. For adaRound the scales of mse, as its rounding starts from there.
std::vector<float> chooseScales(const WeightRows& weights, const WeightQuantParams& params);

/// Integers to scales of chooseScales().
std::vector<int8_t> roundWeights(const WeightRows& weights, std::span<const float> scales,
                                 int32_t largest);

}  // namespace qrt
