// Largest absolute value: nothing is clipped.
#include <cmath>
#include <limits>

#include "quantize/weights/weights.h"

namespace qrt {

float arqScale(std::span<const float> weights, int32_t largest) {
  float most = 0;
  for (const float weight : weights) most = std::max(most, std::fabs(weight));
  const float scale = most / static_cast<float>(largest);
  // Below that, 1 / scale overflows.
  return scale < std::numeric_limits<float>::min() ? 0 : scale;
}

}  // namespace qrt
