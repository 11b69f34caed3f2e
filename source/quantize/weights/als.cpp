// Alternating least squares. Given the integers q the best scale is Σwq / Σq²; given the scale the best
// integers are the nearest. No step makes the error larger, so it ends, in a local optimum that depends
// on the start: hence two starts.
#include <algorithm>
#include <cmath>

#include "quantize/weights/weights.h"

namespace qrt {
namespace {

float descend(std::span<const float> weights, float scale, int32_t largest) {
  constexpr int kMostRounds = 100;  // a handful is usual
  const auto most = static_cast<float>(largest);
  for (int round = 0; round < kMostRounds; ++round) {
    double wq = 0, qq = 0;
    for (const float weight : weights) {
      const float q = std::rint(std::clamp(weight / scale, -most, most));
      wq += double{weight} * q;
      qq += double{q} * q;
    }
    const auto next = static_cast<float>(wq / qq);  // some |q| ≥ 1 as the scale is below the largest
    if (!(next > 0) || next == scale) break;
    scale = next;
  }
  return scale;
}

}  // namespace

float alsScale(std::span<const float> weights, int32_t largest) {
  constexpr float kClippedStart = 1 / 1.25f;  // MNN's start
  const float first = arqScale(weights, largest);
  if (first == 0) return 0;
  float best = first;
  double least = squaredError(weights, first, largest);
  for (const float start : {first, first * kClippedStart}) {
    const float scale = descend(weights, start, largest);
    const double error = squaredError(weights, scale, largest);
    if (error < least) {
      least = error;
      best = scale;
    }
  }
  return best;
}

}  // namespace qrt
