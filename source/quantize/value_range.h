// The least and largest value of a tensor, and whether all are finite.
#pragma once

#include <optional>
#include <span>

namespace qrt {

struct ValueRange {
  float min = 0;
  float max = 0;
};

/// nullopt if a value is NaN or infinite. `values` is not empty.
std::optional<ValueRange> finiteRange(std::span<const float> values);

}  // namespace qrt
