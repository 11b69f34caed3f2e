// VecF: a vector of floats as wide as the level this file is compiled for, over xsimd; one lane at level
// scalar. The vocabulary of all float kernels, which are written once for any width.
//
// For *.isa.cpp files only. Everything here has internal linkage inside qrt::<level>, so that the linker
// cannot give another level's code to this one; for the same reason ISA files keep away from templates
// and inline functions of std::.
#pragma once

#include <cstdint>

#include "simd/level.h"
#ifdef QRT_VECTOR
#include <xsimd/xsimd.hpp>
#endif

namespace qrt::QRT_ISA_NAMESPACE {
namespace {

// What differs between levels: Reg, Mask, Ints and the functions that xsimd 8.1 lacks, does through a
// lower level (fma and reductions of AVX-512) or approximates (division and more of NEON).
#ifdef QRT_VECTOR
#if defined(__AVX512F__)
using Arch = xsimd::avx512bw;
#elif defined(__AVX2__)
using Arch = xsimd::fma3<xsimd::avx2>;
#elif defined(__SSE4_1__)
using Arch = xsimd::sse4_1;
#else
using Arch = xsimd::neon64;
#endif
using Reg = xsimd::batch<float, Arch>;
using Mask = xsimd::batch_bool<float, Arch>;
inline constexpr int kLanes = static_cast<int>(Reg::size);
#else
using Reg = float;
using Mask = bool;
inline constexpr int kLanes = 1;
#endif

/// Brings the line at `address`, which need not be valid, into L2.
inline void fetch(uintptr_t address) { __builtin_prefetch(reinterpret_cast<const void*>(address), 0, 2); }

/// kLanes floats. Functions below work lane by lane.
struct VecF {
  Reg reg;
};

#ifdef QRT_VECTOR
inline VecF load(const float* p) { return {Reg::load_unaligned(p)}; }
inline void store(float* p, VecF x) { x.reg.store_unaligned(p); }
inline VecF broadcast(float x) { return {Reg(x)}; }
/// mask ? a : b
inline VecF select(Mask mask, VecF a, VecF b) { return {xsimd::select(mask, a.reg, b.reg)}; }
#if defined(__ARM_NEON)
inline VecF operator/(VecF a, VecF b) { return {Reg(vdivq_f32(a.reg, b.reg))}; }
inline VecF sqrt(VecF x) { return {Reg(vsqrtq_f32(x.reg))}; }
inline VecF abs(VecF x) { return {Reg(vabsq_f32(x.reg))}; }
inline VecF floor(VecF x) { return {Reg(vrndmq_f32(x.reg))}; }
inline VecF ceil(VecF x) { return {Reg(vrndpq_f32(x.reg))}; }
#else
inline VecF operator/(VecF a, VecF b) { return {a.reg / b.reg}; }
inline VecF sqrt(VecF x) { return {xsimd::sqrt(x.reg)}; }
inline VecF abs(VecF x) { return {xsimd::fabs(x.reg)}; }
inline VecF floor(VecF x) { return {xsimd::floor(x.reg)}; }
inline VecF ceil(VecF x) { return {xsimd::ceil(x.reg)}; }
#endif
#else
inline VecF load(const float* p) { return {*p}; }
inline void store(float* p, VecF x) { *p = x.reg; }
inline VecF broadcast(float x) { return {x}; }
inline VecF operator/(VecF a, VecF b) { return {a.reg / b.reg}; }
inline VecF sqrt(VecF x) { return {__builtin_sqrtf(x.reg)}; }
inline VecF abs(VecF x) { return {__builtin_fabsf(x.reg)}; }
inline VecF floor(VecF x) { return {__builtin_floorf(x.reg)}; }
inline VecF ceil(VecF x) { return {__builtin_ceilf(x.reg)}; }
inline VecF select(Mask mask, VecF a, VecF b) { return mask ? a : b; }
#endif

inline VecF operator+(VecF a, VecF b) { return {a.reg + b.reg}; }
inline VecF operator-(VecF a, VecF b) { return {a.reg - b.reg}; }
inline VecF operator*(VecF a, VecF b) { return {a.reg * b.reg}; }
inline VecF operator-(VecF a) { return {-a.reg}; }
inline Mask operator<(VecF a, VecF b) { return a.reg < b.reg; }
inline Mask operator<=(VecF a, VecF b) { return a.reg <= b.reg; }
inline Mask operator>(VecF a, VecF b) { return a.reg > b.reg; }
inline Mask operator>=(VecF a, VecF b) { return a.reg >= b.reg; }
inline Mask operator==(VecF a, VecF b) { return a.reg == b.reg; }
inline VecF zero() { return broadcast(0.0f); }
/// NaN lanes. (xsimd's != is false for NaN at some levels.)
inline Mask isNan(VecF x) { return !(x.reg == x.reg); }

/// a > b ? a : b at every level, so b where either is NaN: max(limit, x) keeps the NaNs of x.
inline VecF max(VecF a, VecF b) {
#if defined(QRT_VECTOR) && !defined(__ARM_NEON)
  return {xsimd::max(a.reg, b.reg)};
#else
  return select(a > b, a, b);
#endif
}
/// a < b ? a : b at every level, so b where either is NaN.
inline VecF min(VecF a, VecF b) {
#if defined(QRT_VECTOR) && !defined(__ARM_NEON)
  return {xsimd::min(a.reg, b.reg)};
#else
  return select(a < b, a, b);
#endif
}
/// x held within [low, high]; a NaN stays.
inline VecF clamp(VecF x, VecF low, VecF high) { return min(high, max(low, x)); }

/// a·b + c, rounded once where the level has FMA (avx2, avx512, neon), else twice.
inline VecF fma(VecF a, VecF b, VecF c) {
#if defined(QRT_VECTOR) && defined(__AVX512F__)
  return {Reg(_mm512_fmadd_ps(a.reg, b.reg, c.reg))};
#elif defined(QRT_VECTOR) && (defined(__AVX2__) || defined(__ARM_NEON))
  return {xsimd::fma(a.reg, b.reg, c.reg)};
#else
  return a * b + c;
#endif
}

/// Nearest whole number, halves to even.
inline VecF roundEven(VecF x) {
#if defined(QRT_VECTOR) && defined(__ARM_NEON)
  return {Reg(vrndnq_f32(x.reg))};
#elif defined(QRT_VECTOR)
  return {xsimd::nearbyint(x.reg)};
#else
  return {__builtin_rintf(x.reg)};
#endif
}

/// The first n lanes from p, zero in the others; touches p[0] … p[n − 1] only. 0 ≤ n ≤ kLanes.
inline VecF loadPartial(const float* p, int n) {
#if defined(QRT_VECTOR) && defined(__AVX512F__)
  return {Reg(_mm512_maskz_loadu_ps(static_cast<__mmask16>((1u << n) - 1), p))};
#elif defined(QRT_VECTOR) && defined(__AVX2__)
  const __m256i lanes = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
  return {Reg(_mm256_maskload_ps(p, _mm256_cmpgt_epi32(_mm256_set1_epi32(n), lanes)))};
#else
  float lanes[kLanes] = {};
  for (int i = 0; i < n; ++i) lanes[i] = p[i];
  return load(lanes);
#endif
}

/// The first n lanes to p; touches p[0] … p[n − 1] only.
inline void storePartial(float* p, VecF x, int n) {
#if defined(QRT_VECTOR) && defined(__AVX512F__)
  _mm512_mask_storeu_ps(p, static_cast<__mmask16>((1u << n) - 1), x.reg);
#elif defined(QRT_VECTOR) && defined(__AVX2__)
  const __m256i lanes = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
  _mm256_maskstore_ps(p, _mm256_cmpgt_epi32(_mm256_set1_epi32(n), lanes), x.reg);
#else
  float lanes[kLanes];
  store(lanes, x);
  for (int i = 0; i < n; ++i) p[i] = lanes[i];
#endif
}

/// All lanes folded by op in a fixed order: halves onto halves.
template <class Op>
inline float reduce(VecF x, Op op) {
  float lanes[kLanes];
  store(lanes, x);
  for (int width = kLanes / 2; width > 0; width /= 2) {
    for (int i = 0; i < width; ++i) lanes[i] = op(lanes[i], lanes[i + width]);
  }
  return lanes[0];
}
inline float reduceAdd(VecF x) {
  return reduce(x, [](float a, float b) { return a + b; });
}
/// Largest lane; with NaN lanes the result is one of the lanes.
inline float reduceMax(VecF x) {
  return reduce(x, [](float a, float b) { return a > b ? a : b; });
}
/// Smallest lane; with NaN lanes the result is one of the lanes.
inline float reduceMin(VecF x) {
  return reduce(x, [](float a, float b) { return a < b ? a : b; });
}

#ifdef QRT_VECTOR
using Ints = xsimd::batch<int32_t, Arch>;
inline VecF bitsToFloat(Ints x) { return {xsimd::bitwise_cast<Reg>(x)}; }
inline Ints floatToBits(VecF x) { return xsimd::bitwise_cast<Ints>(x.reg); }
inline Ints toInts(VecF x) { return xsimd::to_int(x.reg); }
inline VecF toFloats(Ints x) { return {xsimd::to_float(x)}; }
inline Ints broadcastInts(int32_t x) { return Ints(x); }
#else
using Ints = int32_t;
inline VecF bitsToFloat(Ints x) { return {__builtin_bit_cast(float, x)}; }
inline Ints floatToBits(VecF x) { return __builtin_bit_cast(int32_t, x.reg); }
/// Truncated; anything where x does not fit.
inline Ints toInts(VecF x) { return x.reg > -2e9f && x.reg < 2e9f ? static_cast<int32_t>(x.reg) : 0; }
inline VecF toFloats(Ints x) { return {static_cast<float>(x)}; }
inline Ints broadcastInts(int32_t x) { return x; }
#endif

}  // namespace
}  // namespace qrt::QRT_ISA_NAMESPACE
