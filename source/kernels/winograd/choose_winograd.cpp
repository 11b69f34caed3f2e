// Which tile size, if any, is expected to be fastest.
#include <algorithm>

#include "kernels/winograd/conv_winograd_f32.h"

namespace qrt {
namespace {

constexpr double ceilDiv(int64_t a, int64_t b) { return static_cast<double>((a + b - 1) / b); }

// All in vector FMAs.
double directCost(const ConvShape& s, const GemmKernelF32& gemm) {
  const double vectors = ceilDiv(s.o, gemm.lanes);
  return static_cast<double>(s.n * s.oh * s.ow) * vectors * static_cast<double>(s.kh * s.kw * s.c);
}

double winogradCost(const ConvShape& s, const GemmKernelF32& gemm, const Winograd& w) {
  const double tiles = static_cast<double>(s.n) * ceilDiv(s.oh, w.m) * ceilDiv(s.ow, w.m);
  const double alpha = w.alpha(), positions = alpha * alpha;
  const double in = ceilDiv(s.c, gemm.lanes), out = ceilDiv(s.o, gemm.lanes);
  const double products = tiles * positions * out * static_cast<double>(s.c + 8);
  const double transforms = tiles * positions * (in + out) * 6;
  const double weights = positions * static_cast<double>(s.c * s.o) * 4;
  return products + transforms + weights;
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
