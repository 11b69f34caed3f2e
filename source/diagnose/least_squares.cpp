#include "diagnose/least_squares.h"

#include <cmath>

namespace qrt {

LeastSquares::LeastSquares(const std::vector<double>& mean, const std::vector<double>& deviation)
    : size_(mean.size()), information_(size_ * size_), right_(size_) {
  for (size_t i = 0; i < size_; ++i) {
    const double precision = 1 / (deviation[i] * deviation[i]);
    information_[i * size_ + i] = precision;
    right_[i] = precision * mean[i];
  }
}

void LeastSquares::observe(const std::vector<double>& weights, double value, double deviation) {
  const double precision = 1 / (deviation * deviation);
  for (size_t i = 0; i < size_; ++i) {
    if (weights[i] == 0) continue;
    right_[i] += precision * weights[i] * value;
    for (size_t j = 0; j < size_; ++j) information_[i * size_ + j] += precision * weights[i] * weights[j];
  }
}

// Inverts the information in place by Gauss and Jordan: it is positive definite, so no pivoting is needed.
void LeastSquares::solve() {
  std::vector<double>& m = information_;
  for (size_t p = 0; p < size_; ++p) {
    const double pivot = 1 / m[p * size_ + p];
    m[p * size_ + p] = 1;
    for (size_t j = 0; j < size_; ++j) m[p * size_ + j] *= pivot;
    for (size_t i = 0; i < size_; ++i) {
      if (i == p) continue;
      const double factor = m[i * size_ + p];
      m[i * size_ + p] = 0;
      for (size_t j = 0; j < size_; ++j) m[i * size_ + j] -= factor * m[p * size_ + j];
    }
  }
  std::vector<double> unknowns(size_);
  for (size_t i = 0; i < size_; ++i) {
    for (size_t j = 0; j < size_; ++j) unknowns[i] += m[i * size_ + j] * right_[j];
  }
  right_ = std::move(unknowns);
}

double LeastSquares::mean(const std::vector<double>& weights) const {
  double sum = 0;
  for (size_t i = 0; i < size_; ++i) sum += weights[i] * right_[i];
  return sum;
}

double LeastSquares::covariance(const std::vector<double>& a, const std::vector<double>& b) const {
  double sum = 0;
  for (size_t i = 0; i < size_; ++i) {
    if (a[i] == 0) continue;
    for (size_t j = 0; j < size_; ++j) sum += a[i] * information_[i * size_ + j] * b[j];
  }
  return sum;
}

}  // namespace qrt
