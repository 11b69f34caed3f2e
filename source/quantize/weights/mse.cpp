// Least squares by search. With few bits, clipping the rare large weights pays for the many small ones.
#include "quantize/weights/weights.h"

namespace qrt {

float mseScale(std::span<const float> weights, int32_t largest) {
  constexpr int kSteps = 100;  // of 1% of the first scale, down to 25%: 2 bits clip at half the range
  constexpr int kLast = 25;
  const float first = arqScale(weights, largest);
  if (first == 0) return 0;
  float best = first;
  double least = squaredError(weights, first, largest);
  for (int step = kSteps - 1; step >= kLast; --step) {
    const float scale = first * static_cast<float>(step) / kSteps;
    const double error = squaredError(weights, scale, largest);
    if (error < least) {
      least = error;
      best = scale;
    }
  }
  return best;
}

}  // namespace qrt
