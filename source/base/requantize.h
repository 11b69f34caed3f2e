// How an exact integer result becomes a quantized value: the rounding rule of schema/model.fbs in scalar
// code, which every other kernel repeats to the byte.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace qrt {

/// The multiplier from steps of `scaleIn` to steps of `scaleOut`, rounded to f32 once.
inline float requantizeScale(double scaleIn, double scaleOut) {
  return static_cast<float>(scaleIn / scaleOut);
}

/// The same from products of steps of `scaleX` and of `scaleW`: f32 all the way, as TensorFlow Lite computes it.
inline float productScale(float scaleX, float scaleW, float scaleOut) {
  const float product = scaleX * scaleW;
  return product / scaleOut;
}

/// Sums of steps of two scales in whole numbers: (a·A + b·B + 2^(shift − 1)) >> shift. The larger of A and B has 21 bits,
/// unless both are below 2^-10 or one is so large that every step saturates; so no sum of 8-bit steps leaves s32.
struct SumScales {
  int32_t a = 0, b = 0, shift = 1;

  SumScales() = default;
  SumScales(float scaleA, float scaleB, float scaleOut) {
    const double realA = double{scaleA / scaleOut}, realB = double{scaleB / scaleOut};
    shift = std::clamp(20 - std::ilogb(std::max({realA, realB, 0x1p-30})), 1, 30);
    const auto whole = [&](double real) {
      return static_cast<int32_t>(std::rint(std::min(std::ldexp(real, shift), 0x1p21)));
    };
    a = whole(realA);
    b = whole(realB);
  }
};

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
