// Softmax of s8 along contiguous rows, exact at every level: exponentials are integers from a table.
//   d = max − x   y = requantize(f32(e[d]) · f32(1 / (Σ e[d] · scaleY)))
#pragma once

#include <array>
#include <cstdint>

#include "base/requantize.h"

namespace qrt {

struct SoftmaxQuantS8 {
  std::array<uint32_t, 256> exponentials;  ///< e[d] ≤ 2²³
  double scaleY;
  QuantizedRange range;
};

/// `rows` rows of n > 0. y may be x.
void softmaxS8(const int8_t* x, int8_t* y, int64_t rows, int64_t n, const SoftmaxQuantS8& quant);

}  // namespace qrt
