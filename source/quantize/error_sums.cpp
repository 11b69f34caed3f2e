#include "quantize/error_sums.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/requantize.h"

namespace qrt {

void quantizeValues(std::span<const float> values, const QuantParams& quant,
                    std::span<int8_t> integers) {
  const QuantizedRange range{quant.zeroPoints[0]};
  for (size_t i = 0; i < values.size(); ++i) {
    integers[i] = static_cast<int8_t>(requantize(values[i] / quant.scales[0], range));
  }
}

template <class Found>
void ErrorSums::addAll(std::span<const float> wanted, Found found) {
  double wanted2 = 0, found2 = 0, product = 0, noise = 0;
  for (size_t i = 0; i < wanted.size(); ++i) {
    const double x = wanted[i];
    const double y = found(i);
    wanted2 += x * x;
    found2 += y * y;
    product += x * y;
    noise += (x - y) * (x - y);
  }
  wanted2_ += wanted2;
  found2_ += found2;
  product_ += product;
  noise_ += noise;
}

void ErrorSums::add(std::span<const float> wanted, std::span<const float> found) {
  addAll(wanted, [&](size_t i) { return double{found[i]}; });
}

void ErrorSums::add(std::span<const float> wanted, std::span<const int8_t> found,
                    const QuantParams& quant) {
  const float scale = quant.scales[0];
  const int32_t zeroPoint = quant.zeroPoints[0];
  addAll(wanted, [&](size_t i) { return double{static_cast<float>(found[i] - zeroPoint) * scale}; });
  const float low = (-128.5f - static_cast<float>(zeroPoint)) * scale;
  const float high = (127.5f - static_cast<float>(zeroPoint)) * scale;
  saturated_ += std::count_if(wanted.begin(), wanted.end(), [&](float x) { return x < low || x > high; });
  integers_ += static_cast<int64_t>(found.size());
}

double ErrorSums::sqnrDb() const {
  if (noise_ == 0) return std::numeric_limits<double>::infinity();
  return 10 * std::log10(wanted2_ / noise_);
}

double ErrorSums::cosine() const {
  if (wanted2_ == 0 || found2_ == 0) return wanted2_ == found2_ ? 1 : 0;
  return std::min(product_ / std::sqrt(wanted2_) / std::sqrt(found2_), 1.0);
}

double ErrorSums::saturation() const {
  return integers_ == 0 ? 0 : static_cast<double>(saturated_) / static_cast<double>(integers_);
}

}  // namespace qrt
