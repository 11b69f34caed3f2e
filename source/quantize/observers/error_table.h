// Σ (x − x̂)² of a histogram for any scale and zero point, in time that does not depend on its bins.
//
// All values that round to the same integer form a run of the sorted bins, and
//   Σ n·(x − x̂)² = Σ n·x² − 2·x̂·Σ n·x + x̂²·Σ n
// over a run is the difference of two running sums.
#pragma once

#include <span>
#include <vector>

#include "quantize/histogram.h"
#include "quantize/observers/observer.h"

namespace qrt {

class ErrorTable {
 public:
  /// Bins sorted by value.
  explicit ErrorTable(std::span<const HistogramBin> bins);
  /// The squared error of integers of `params.numBits` bits, clipped values included.
  double squaredError(const QuantParams& quant, const ActivationQuantParams& params) const;
  /// The same for the scale and zero point that a range gets.
  double squaredError(ClipRange range, const ActivationQuantParams& params) const {
    return squaredError(paramsForRange(range, params), params);
  }

 private:
  struct Sums {
    double count = 0;   ///< Σ n of the bins before
    double first = 0;   ///< Σ n·x
    double second = 0;  ///< Σ n·x²
  };
  std::vector<double> values_;
  std::vector<Sums> sums_;  // one more than values_
};

/// The range with the least squared error among `lows` × `highs`, of equal ones the first; without
/// `asymmetric` among [−h, h] of `highs`.
ClipRange leastSquaredError(const ErrorTable& table, std::span<const double> lows,
                            std::span<const double> highs, const ActivationQuantParams& params);

}  // namespace qrt
