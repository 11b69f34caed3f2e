// Which tile size, if any, is expected to be fastest.
#include <algorithm>

#include "kernels/winograd/conv_winograd_f32.h"

namespace qrt {
namespace {

constexpr double ceilDiv(int64_t a, int64_t b) { return static_cast<double>((a + b - 1) / b); }

// Costs are in vector FMAs. The constants were fitted to layers of nets as they run at avx512 and avx2.

// A byte of weights, which come from a far cache or memory while the products before them run: the
// slower of both counts.
constexpr double kWeightByte = 0.5;
// A vector in or out of a tile, per α²: the transforms grow, and fewer tiles share the cache.
constexpr double kTransform = 0.45;

double weightCost(double positions, const ConvShape& s) {
  return kWeightByte * positions * static_cast<double>(s.c * s.o * int64_t{sizeof(float)});
}

double directCost(const ConvShape& s, const GemmKernelF32& gemm) {
  const auto window = static_cast<double>(s.kh * s.kw);
  const double vectors = static_cast<double>(s.n * s.oh * s.ow) * ceilDiv(s.o, gemm.lanes);
  return std::max(vectors * window * static_cast<double>(s.c), weightCost(window, s));
}

double winogradCost(const ConvShape& s, const GemmKernelF32& gemm, const Winograd& w) {
  const double positions = w.alpha() * w.alpha();
  const double all = positions * static_cast<double>(s.n) * ceilDiv(s.oh, w.m) * ceilDiv(s.ow, w.m);
  const double in = ceilDiv(s.c, gemm.lanes), out = ceilDiv(s.o, gemm.lanes);
  return std::max(all * (out * static_cast<double>(s.c) + (in + out) * kTransform * positions),
                  weightCost(positions, s));
}

}  // namespace

int chooseWinograd(const ConvShape& s, const GemmKernelF32& gemm, double mostError) {
  const bool applies = !s.transposed && s.kh == s.kw && s.kh >= 2 && s.kh <= 7 && s.groups == 1 &&
                       s.strideH == 1 && s.strideW == 1 && s.dilationH == 1 && s.dilationW == 1;
  if (!applies) return 0;
  int best = 0;
  double least = directCost(s, gemm);
  for (int m = 2; m < Winograd::kMaxAlpha; ++m) {
    if (!winogradExists(m, static_cast<int>(s.kh))) continue;
    const Winograd w = winograd(m, static_cast<int>(s.kh));
    if (w.error(s.c) > mostError) continue;
    const double cost = winogradCost(s, gemm, w);
    if (cost < least) {
      least = cost;
      best = m;
    }
  }
  return best;
}

}  // namespace qrt
