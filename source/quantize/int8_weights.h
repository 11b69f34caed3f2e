// The constants of an int8 layer with weights: s8 weights and an s32 bias, checked so that no sum of
// them can overflow.
#pragma once

#include <span>
#include <vector>

#include "qrt/quantize.h"
#include "quantize/weights/weights.h"

namespace qrt {

struct Int8Weights {
  std::vector<int8_t> values;
  std::vector<float> scales;   ///< one per channel, or one for all
  std::vector<int32_t> bias;   ///< in steps of input scale · weight scale; empty if there is none
};

/// `bias` is empty or has one value per channel. Where a bias is so large that it would not fit 32 bits the
/// channel's weights get a coarser scale. Errors: invalidArgument (NaN or infinite values; sums of so many
/// products that they could overflow).
Result<Int8Weights> makeInt8Weights(const WeightRows& weights, std::span<const float> bias,
                                    float inputScale, const WeightQuantParams& params);

/// Whether sums of `products` products of at most `mostLeft` · `mostRight` leave room in 32 bits.
bool sumFits(int64_t products, int64_t mostLeft, int64_t mostRight);

/// invalidArgument, saying which value of `what` it is, if one is NaN or infinite.
Status checkFinite(std::span<const float> values, const char* what);

}  // namespace qrt
