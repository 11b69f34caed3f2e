#include "kernels/winograd/winograd.h"

#include <cmath>
#include <vector>

#include "base/error.h"

namespace qrt {
namespace {

// By pairs. Of all sets of simple numbers these amplify least; reciprocal points keep powers small
// on both ends, and √½ and √2 lead to exact coefficients of Bᵀ: 0.79e-6 against 1.7e-6 for ±1, ±2
// in F(4×4, 3×3).
const std::vector<double> kPoints[] = {{1.0}, {std::sqrt(0.5), std::sqrt(2.0)}, {0.5, 1.0, 2.0}};

// Coefficients of Π (x − root), constant term first.
std::vector<double> polynomial(const std::vector<double>& roots) {
  std::vector<double> c = {1};
  for (const double root : roots) {
    c.insert(c.begin(), 0.0);
    for (size_t i = 0; i + 1 < c.size(); ++i) c[i] -= root * c[i + 1];
  }
  return c;
}

std::vector<double> without(std::vector<double> points, size_t j) {
  points.erase(points.begin() + static_cast<std::ptrdiff_t>(j));
  return points;
}

double squares(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value * value;
  return sum;
}

// In one direction: by how much the variance of an error in products is amplified, the mean over
// outputs.
double amplificationOf(const Winograd& w, const std::vector<double>& finite) {
  double sum = 0;
  for (int j = 0; j < w.alpha(); ++j) {
    const bool infinite = j == w.alpha() - 1;
    const auto at = static_cast<size_t>(j);
    const double b = squares(polynomial(infinite ? finite : without(finite, at)));
    double a = infinite ? 1 : 0, g = 0;
    for (int i = 0; i < w.m && !infinite; ++i) a += std::pow(finite[at], 2 * i);
    for (int i = 0; i < w.r; ++i) g += w.g[j][i] * w.g[j][i];
    sum += a * b * g;
  }
  return sum / (w.m * w.r);
}

}  // namespace

double Winograd::error(int64_t c) const {
  return amplification * std::sqrt(static_cast<double>(c)) * 0x1p-25;
}

bool winogradExists(int m, int r) {
  const int alpha = m + r - 1;
  return m >= 2 && r >= 2 && r <= 7 && alpha % 2 == 0 && alpha <= Winograd::kMaxAlpha;
}

Winograd winograd(int m, int r) {
  QRT_CHECK(winogradExists(m, r));
  Winograd w;
  w.m = m;
  w.r = r;
  w.pairs = (m + r - 3) / 2;
  const auto pairs = static_cast<size_t>(w.pairs);
  std::vector<double> squared, finite = {0};
  for (size_t p = 0; p < pairs; ++p) {
    w.point[p] = static_cast<float>(kPoints[pairs - 1][p]);
    const double point = w.point[p];  // what the transforms multiply by is what G must fit
    finite.insert(finite.end(), {point, -point});
    squared.push_back(point * point);
    for (int i = 0; i < Winograd::kMaxAlpha - 1; ++i)
      w.power[i][p] = static_cast<float>(std::pow(point, i));
  }
  const std::vector<double> q = polynomial(squared);
  for (size_t i = 0; i < pairs; ++i) w.q[i] = static_cast<float>(q[i]);
  for (size_t p = 0; p < pairs; ++p) {
    const std::vector<double> e = polynomial(without(squared, p));
    for (size_t i = 0; i + 1 < pairs; ++i) w.e[p][i] = static_cast<float>(e[i]);
  }
  for (size_t j = 0; j < finite.size(); ++j) {
    double product = 1;
    for (const double other : without(finite, j)) product *= finite[j] - other;
    for (int i = 0; i < r; ++i) w.g[j][i] = std::pow(finite[j], i) / product;
  }
  w.g[finite.size()][r - 1] = 1;
  w.amplification = amplificationOf(w, finite);  // √ of it in each of two directions
  return w;
}

}  // namespace qrt
