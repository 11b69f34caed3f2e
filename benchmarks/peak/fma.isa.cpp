// A loop of multiply-accumulates that touches no memory.
#include "simd/vec.h"

namespace qrt::QRT_ISA_NAMESPACE {

// Returns the multiply-accumulates done.
long fmaLoop(long rounds, float* sink);
long fmaLoop(long rounds, float* sink) {
  constexpr int kChains = 10;  // more than latency × units, fewer than registers
  VecF sums[kChains];
#pragma GCC unroll 10
  for (int i = 0; i < kChains; ++i) sums[i] = broadcast(static_cast<float>(i));
  const VecF a = broadcast(sink[0]), b = broadcast(sink[1]);
  for (long r = 0; r < rounds; ++r) {
#pragma GCC unroll 10
    for (int i = 0; i < kChains; ++i) sums[i] = fma(sums[i], a, b);
  }
#pragma GCC unroll 10
  for (int i = 0; i < kChains; ++i) sink[0] += reduceAdd(sums[i]);
  return rounds * kChains * kLanes;
}

}  // namespace qrt::QRT_ISA_NAMESPACE
