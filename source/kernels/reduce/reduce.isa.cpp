#include "kernels/reduce/reduce.h"

#include "kernels/isa_table.h"
#include "simd/vec.h"

namespace qrt::QRT_ISA_NAMESPACE {
namespace {

constexpr int kBlock = 4;  // vectors in flight, to hide the latency of an addition

struct Sum {
  static constexpr float kStart = 0;
  static VecF fold(VecF acc, VecF x) { return acc + x; }
  static float fold(float acc, float x) { return acc + x; }
};
// max() keeps acc where either is NaN, so only a NaN of x needs care.
struct Max {
  static constexpr float kStart = -__builtin_inff();
  static VecF fold(VecF acc, VecF x) { return select(isNan(x), x, max(x, acc)); }
  static float fold(float acc, float x) { return x > acc || x != x ? x : acc; }
};
struct Min {
  static constexpr float kStart = __builtin_inff();
  static VecF fold(VecF acc, VecF x) { return select(isNan(x), x, min(x, acc)); }
  static float fold(float acc, float x) { return x < acc || x != x ? x : acc; }
};

template <class Fn>
float row(const float* x, int64_t n) {
  VecF acc[kBlock];
  for (VecF& a : acc) a = broadcast(Fn::kStart);
  int64_t i = 0;
  for (; i + kBlock * kLanes <= n; i += kBlock * kLanes) {
    for (int v = 0; v < kBlock; ++v) acc[v] = Fn::fold(acc[v], load(x + i + v * kLanes));
  }
  for (; i + kLanes <= n; i += kLanes) acc[0] = Fn::fold(acc[0], load(x + i));
  const VecF all = Fn::fold(Fn::fold(acc[0], acc[1]), Fn::fold(acc[2], acc[3]));
  float result = reduce(all, [](float a, float b) { return Fn::fold(a, b); });
  for (; i < n; ++i) result = Fn::fold(result, x[i]);
  return result;
}

template <class Fn>
void columns(const float* x, int64_t rows, int64_t stride, float* y, int64_t n) {
  int64_t i = 0;
  for (; i + kBlock * kLanes <= n; i += kBlock * kLanes) {
    VecF acc[kBlock];
    for (VecF& a : acc) a = broadcast(Fn::kStart);
    for (int64_t r = 0; r < rows; ++r) {
      const float* p = x + r * stride + i;
      for (int v = 0; v < kBlock; ++v) acc[v] = Fn::fold(acc[v], load(p + v * kLanes));
    }
    for (int v = 0; v < kBlock; ++v) store(y + i + v * kLanes, acc[v]);
  }
  for (; i < n; i += kLanes) {
    const int part = static_cast<int>(n - i < kLanes ? n - i : kLanes);
    VecF acc = broadcast(Fn::kStart);
    for (int64_t r = 0; r < rows; ++r) {
      const float* p = x + r * stride + i;
      acc = Fn::fold(acc, part == kLanes ? load(p) : loadPartial(p, part));
    }
    storePartial(y + i, acc, part);
  }
}

}  // namespace

extern const ReduceKernels kReduceKernels;
const ReduceKernels kReduceKernels = {QRT_THIS_ISA,
                                      {row<Sum>, row<Max>, row<Min>},
                                      {columns<Sum>, columns<Max>, columns<Min>}};

}  // namespace qrt::QRT_ISA_NAMESPACE
