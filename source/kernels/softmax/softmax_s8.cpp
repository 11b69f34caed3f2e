#include "kernels/softmax/softmax_s8.h"

#include <algorithm>

namespace qrt {

void softmaxS8(const int8_t* x, int8_t* y, int64_t rows, int64_t n, const SoftmaxQuantS8& quant) {
  for (; rows > 0; --rows, x += n, y += n) {
    const int max = *std::max_element(x, x + n);
    const auto distance = [&](int64_t i) { return static_cast<size_t>(max - x[i]); };
    uint64_t sum = 0;
    for (int64_t i = 0; i < n; ++i) sum += quant.exponentials[distance(i)];
    const float scale = requantizeScale(1, static_cast<double>(sum) * quant.scaleY);
    const auto result = [&](size_t d) {
      const float v = static_cast<float>(quant.exponentials[d]) * scale;
      return static_cast<int8_t>(requantize(v, quant.range));
    };
    if (n <= 256) {
      for (int64_t i = 0; i < n; ++i) y[i] = result(distance(i));
      continue;
    }
    std::array<int8_t, 256> results;
    for (size_t d = 0; d < 256; ++d) results[d] = result(d);
    for (int64_t i = 0; i < n; ++i) y[i] = results[distance(i)];
  }
}

}  // namespace qrt
