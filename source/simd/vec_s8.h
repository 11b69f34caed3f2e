// s8 in memory, s32 and f32 in registers: how int8 kernels load bytes, and the requantizing end that
// they all share (base/requantize.h has the rule). Widths are those of vec.h.
//
// For *_s8.isa.cpp files only.
#pragma once

#include "simd/vec.h"

namespace qrt::QRT_ISA_NAMESPACE {
namespace {

inline Ints loadInts(const int32_t* p) {
#ifdef QRT_VECTOR
  return Ints::load_unaligned(p);
#else
  return *p;
#endif
}

/// kLanes bytes, sign-extended.
inline Ints loadS8(const int8_t* p) {
#if !defined(QRT_VECTOR)
  return *p;
#elif defined(__AVX512F__)
  return _mm512_cvtepi8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)));
#elif defined(__AVX2__)
  return _mm256_cvtepi8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(p)));
#elif defined(__SSE4_1__)
  int32_t four;
  __builtin_memcpy(&four, p, 4);
  return _mm_cvtepi8_epi32(_mm_cvtsi32_si128(four));
#else
  int32_t four;
  __builtin_memcpy(&four, p, 4);
  const int8x8_t bytes = vreinterpret_s8_s32(vdup_n_s32(four));
  return vmovl_s16(vget_low_s16(vmovl_s8(bytes)));
#endif
}

/// The low byte of each lane to p[0] … p[kLanes − 1].
inline void storeS8(int8_t* p, Ints x) {
#if !defined(QRT_VECTOR)
  *p = static_cast<int8_t>(x);
#elif defined(__AVX512F__)
  _mm_storeu_si128(reinterpret_cast<__m128i*>(p), _mm512_cvtepi32_epi8(x));
#elif defined(__AVX2__)
  const __m256i pairs = _mm256_packs_epi32(x, x);
  const __m128i words = _mm_unpacklo_epi64(_mm256_castsi256_si128(pairs),
                                           _mm256_extracti128_si256(pairs, 1));
  _mm_storel_epi64(reinterpret_cast<__m128i*>(p), _mm_packs_epi16(words, words));
#elif defined(__SSE4_1__)
  const __m128i words = _mm_packs_epi32(x, x);
  const int32_t four = _mm_cvtsi128_si32(_mm_packs_epi16(words, words));
  __builtin_memcpy(p, &four, 4);
#else
  const int16x4_t words = vmovn_s32(x);
  const int8x8_t bytes = vmovn_s16(vcombine_s16(words, words));
  const int32_t four = vget_lane_s32(vreinterpret_s32_s8(bytes), 0);
  __builtin_memcpy(p, &four, 4);
#endif
}

/// The first n lanes only, zero in the others; touches p[0] … p[n − 1] only.
inline Ints loadS8Partial(const int8_t* p, int n) {
#if defined(__AVX512F__)
  return _mm512_cvtepi8_epi32(_mm_maskz_loadu_epi8(static_cast<__mmask16>((1u << n) - 1), p));
#else
  int8_t lanes[kLanes] = {};
  for (int i = 0; i < n; ++i) lanes[i] = p[i];
  return loadS8(lanes);
#endif
}
inline void storeS8Partial(int8_t* p, Ints x, int n) {
#if defined(__AVX512F__)
  _mm512_mask_cvtepi32_storeu_epi8(p, static_cast<__mmask16>((1u << n) - 1), x);
#else
  int8_t lanes[kLanes];
  storeS8(lanes, x);
  for (int i = 0; i < n; ++i) p[i] = lanes[i];
#endif
}

/// Nearest whole numbers, halves to even, of floats that fit.
inline Ints toIntsEven(VecF x) {
#if !defined(QRT_VECTOR)
  return static_cast<int32_t>(__builtin_rintf(x.reg));
#elif defined(__AVX512F__)
  return _mm512_cvtps_epi32(x.reg);
#elif defined(__AVX2__)
  return _mm256_cvtps_epi32(x.reg);
#elif defined(__SSE4_1__)
  return _mm_cvtps_epi32(x.reg);
#else
  return vcvtnq_s32_f32(x.reg);
#endif
}

/// The end of every int8 kernel: clamp in float, so that no conversion overflows (NaN gives
/// low), round, shift.
struct RequantizeS8 {
  VecF low, high;  ///< the range of the output − its zero point
  Ints zeroPoint;

  Ints operator()(VecF v) const { return toIntsEven(min(high, max(v, low))) + zeroPoint; }
};

}  // namespace
}  // namespace qrt::QRT_ISA_NAMESPACE
