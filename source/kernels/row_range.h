// Rows of an image.
#pragma once

#include <cstdint>

namespace qrt {

/// Rows first … last − 1.
struct RowRange {
  int64_t first = 0, last = 0;
};

}  // namespace qrt
