// How an exact integer result becomes a quantized value: the rounding rule of schema/model.fbs in scalar
// code, which every other kernel repeats to the byte.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace qrt {

/// The multiplier from steps of `scaleIn` to steps of `scaleOut`, rounded to f32 once. For a product of two
/// quantized values `scaleIn` is double(scaleX) · scaleW.
inline float requantizeScale(double scaleIn, double scaleOut) {
  return static_cast<float>(scaleIn / scaleOut);
}

/// Where a result goes: q = clamp(rint(v) + zeroPoint) to [low, high].
struct QuantizedRange {
  int32_t zeroPoint = 0;
  int32_t low = -128;  ///< the dtype's range, or what a fused relu or clip leaves of it
  int32_t high = 127;
};

/// v is clamped before it is rounded, so that the conversion cannot overflow; NaN gives `low`. Halves go
/// to even.
inline int32_t requantize(float v, const QuantizedRange& range) {
  const auto low = static_cast<float>(range.low - range.zeroPoint);
  const auto high = static_cast<float>(range.high - range.zeroPoint);
  const float clamped = std::min(high, std::max(low, v));
  return static_cast<int32_t>(std::rint(clamped)) + range.zeroPoint;
}

}  // namespace qrt
