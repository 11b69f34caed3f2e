#include "quantize/value_range.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <limits>

namespace qrt {
namespace {

// Integers in the order of the floats, NaN beyond the infinities; its own inverse. Unlike those of floats,
// their minima and maxima vectorize.
int32_t ordered(int32_t bits) { return bits ^ ((bits >> 31) & 0x7fffffff); }

}  // namespace

std::optional<ValueRange> finiteRange(std::span<const float> values) {
  int32_t least = std::numeric_limits<int32_t>::max();
  int32_t largest = std::numeric_limits<int32_t>::min();
  for (const float value : values) {
    const int32_t key = ordered(std::bit_cast<int32_t>(value));
    least = std::min(least, key);
    largest = std::max(largest, key);
  }
  constexpr int32_t kInfinity = 0x7f800000;
  if (largest >= kInfinity || least < -kInfinity) return std::nullopt;
  return ValueRange{std::bit_cast<float>(ordered(least)), std::bit_cast<float>(ordered(largest))};
}

}  // namespace qrt
