// Unknowns from noisy sums of them: weighted least squares with a Gaussian prior.
#pragma once

#include <cstddef>
#include <vector>

namespace qrt {

class LeastSquares {
 public:
  /// Every unknown is expected at `mean`, give or take `deviation` (> 0).
  LeastSquares(const std::vector<double>& mean, const std::vector<double>& deviation);
  /// weights · unknowns was seen to be `value`, give or take `deviation` (> 0).
  void observe(const std::vector<double>& weights, double value, double deviation);
  /// To be called after the last observe().
  void solve();

  /// Expected value of weights · unknowns.
  double mean(const std::vector<double>& weights) const;
  /// Covariance of two sums of unknowns.
  double covariance(const std::vector<double>& a, const std::vector<double>& b) const;

 private:
  size_t size_;
  std::vector<double> information_;  // size × size, then its inverse
  std::vector<double> right_;        // then the unknowns
};

}  // namespace qrt
