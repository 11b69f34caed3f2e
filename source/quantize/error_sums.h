// How far values are from those that were wanted, over any number of tensors.
#pragma once

#include <cstdint>
#include <span>

#include "qrt/tensor.h"

namespace qrt {

/// What Quantize makes of the values.
void quantizeValues(std::span<const float> values, const QuantParams& quant,
                    std::span<int8_t> integers);

/// Sums in double, so that no cosine exceeds 1 by more than its last bits.
class ErrorSums {
 public:
  /// Both have equally many values.
  void add(std::span<const float> wanted, std::span<const float> found);
  /// `found` are integers of one scale.
  void add(std::span<const float> wanted, std::span<const int8_t> found, const QuantParams& quant);

  /// 10·log10(Σx² / Σ(x − x̂)²); infinite if all are equal.
  double sqnrDb() const;
  /// 1 if both are all zeros, 0 if one is; never above 1.
  double cosine() const;
  /// Share of the values wanted that no integer is within half a step of: clipped ones.
  double saturation() const;
  /// Σ(x − x̂)².
  double noise() const { return noise_; }

 private:
  template <class Found>
  void addAll(std::span<const float> wanted, Found found);

  double wanted2_ = 0, found2_ = 0, product_ = 0, noise_ = 0;
  int64_t saturated_ = 0, integers_ = 0;
};

}  // namespace qrt
