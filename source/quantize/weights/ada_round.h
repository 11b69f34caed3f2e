// AdaRound (Nagel et al. 2020, "Up or down? Adaptive rounding for post-training quantization"): learns for
// each weight whether to round up or down, so that what the layer sums changes least on real inputs.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <vector>

namespace qrt {

/// What one output channel is learned from. Sums are Σ w[k]·x[k][p] + bias at position p.
struct RoundingProblem {
  std::span<const float> weights;           ///< K
  float scale = 1;
  int32_t largest = 127;
  std::span<const float* const> inputs;     ///< K rows of `positions` values, in random order
  std::span<const float> wanted;            ///< by position: what the float model sums, bias included
  float bias = 0;                           ///< of the int8 layer
  float low = -std::numeric_limits<float>::infinity();  ///< a fused relu or clip of the sums
  float high = std::numeric_limits<float>::infinity();
};

/// Rounds `integers`, which hold the nearest, anew: h(V) = clamp(1.2·sigmoid(V) − 0.1, 0, 1) is how far each
/// weight is above the integer below it; Adam minimizes the mean squared error of clamped sums plus
/// λ·Σ(1 − |2h − 1|^β), β from 20 to 2, whose gradients are in closed form. The last quarter of the positions
/// is held back: if the error there is not less than with the nearest integers, or not over all, these stay.
/// True if some changed.
bool adaRound(const RoundingProblem& problem, std::span<int8_t> integers);

}  // namespace qrt
