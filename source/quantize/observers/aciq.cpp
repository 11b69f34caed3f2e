// Analytical clipping (Banner et al. 2019, "Post training 4-bit quantization of convolutional networks for
// rapid-deployment", arXiv 1810.05723): for normal or Laplace values the clip α with the least sum of what
// is cut off and what is rounded, 2·∫_α^∞ f(x)·(x − α)² dx + α² / (3·4^bits). Sigma and b are measured, the
// likelier distribution counts. One-sided data are the half of such a distribution: they have all levels to
// themselves, as if there were one bit more.
#include "quantize/observers/aciq.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "quantize/observers/observer.h"

namespace qrt {
namespace {

// The root of a function that falls from positive to negative.
template <class F>
double bisect(F&& f, double low, double high) {
  for (int i = 0; i < 60; ++i) {
    const double middle = (low + high) / 2;
    (f(middle) > 0 ? low : high) = middle;
  }
  return (low + high) / 2;
}

struct Moments {
  double center = 0;
  double sigma = 0;  ///< square root of the mean of (x − center)²
  double b = 0;      ///< mean of |x − center|
};

// Of one-sided data the zeros say nothing: behind a ReLU they are the other half.
Moments measure(std::span<const HistogramBin> bins, bool oneSided) {
  double count = 0, sum = 0;
  for (const HistogramBin& bin : bins) {
    if (oneSided && bin.value == 0) continue;
    count += bin.count;
    sum += bin.count * bin.value;
  }
  Moments moments;
  moments.center = oneSided ? 0 : sum / count;
  double squares = 0, magnitudes = 0;
  for (const HistogramBin& bin : bins) {
    if (oneSided && bin.value == 0) continue;
    const double x = bin.value - moments.center;
    squares += bin.count * x * x;
    magnitudes += bin.count * std::abs(x);
  }
  moments.sigma = std::sqrt(squares / count);
  moments.b = magnitudes / count;
  return moments;
}

}  // namespace

double aciqGaussClip(int bits) {
  const double rounding = 2 / (3 * std::pow(4.0, bits));
  return bisect(
      [&](double a) {
        const double density = std::exp(-a * a / 2) / std::sqrt(2 * std::numbers::pi);
        const double tail = std::erfc(a / std::numbers::sqrt2) / 2;
        return 4 * (density - a * tail) - rounding * a;
      },
      0, 20);
}

double aciqLaplaceClip(int bits) {
  const double rounding = 2 / (3 * std::pow(4.0, bits));
  return bisect([&](double a) { return 2 * std::exp(-a) - rounding * a; }, 0, 40);
}

ClipRange aciqRange(const TensorHistogram& histogram, const ActivationQuantParams& params) {
  const double least = histogram.min();
  const double largest = histogram.max();
  const bool oneSided = least >= 0 || largest <= 0;
  const Moments moments = measure(histogram.bins(), oneSided);
  const int bits = params.numBits + (oneSided && params.asymmetric ? 1 : 0);
  // Mean log-likelihoods: −log σ − log(2π)/2 − 1/2 and −log 2b − 1.
  const double gauss = -std::log(moments.sigma) - std::log(2 * std::numbers::pi) / 2 - 0.5;
  const double laplace = -std::log(2 * moments.b) - 1;
  const double clip = gauss >= laplace ? moments.sigma * aciqGaussClip(bits)
                                       : moments.b * aciqLaplaceClip(bits);
  return {std::max(least, moments.center - clip), std::min(largest, moments.center + clip)};
}

}  // namespace qrt
