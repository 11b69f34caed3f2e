// Conversions between element types that are defined for every value.
#pragma once

#include <bit>
#include <cmath>
#include <limits>

#include "graph/ops/dtypes.h"

namespace qrt {

/// A double as a float whose last bit is set if it is not exact, so that rounding it once more, to
/// 16 bits, gives what rounding the double would.
inline float roundToOdd(double value) {
  const float near = static_cast<float>(value);
  if (std::isnan(value) || near == value || (std::bit_cast<uint32_t>(near) & 1u) != 0) return near;
  return std::nextafter(near, near < value ? std::numeric_limits<float>::infinity()
                                           : -std::numeric_limits<float>::infinity());
}

/// The T nearest to `value`, for integers towards zero; out of range gives the end of the range,
/// NaN 0.
template <class T>
T saturate(double value) {
  if constexpr (std::is_same_v<T, bool>) {
    return value != 0;
  } else if constexpr (kIsFloat<T> && sizeof(T) == 2) {
    return T(roundToOdd(value));
  } else if constexpr (kIsFloat<T>) {
    return static_cast<T>(value);
  } else {
    using Limits = std::numeric_limits<T>;
    if (std::isnan(value)) return 0;
    // The upper limit of a 64-bit type rounds up to 2⁶³ or 2⁶⁴, which is out of range itself.
    if (value <= static_cast<double>(Limits::min())) return Limits::min();
    if (value >= static_cast<double>(Limits::max())) return Limits::max();
    return static_cast<T>(value);
  }
}

}  // namespace qrt
