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

inline void storeInts(int32_t* p, Ints x) {
#ifdef QRT_VECTOR
  x.store_unaligned(p);
#else
  *p = x;
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
  // Loads near a masked store wait for it: those of a residual that the output overwrites.
  if (n == kLanes / 2) {
    _mm_storel_epi64(reinterpret_cast<__m128i*>(p), _mm512_cvtepi32_epi8(x));
  } else {
    _mm512_mask_cvtepi32_storeu_epi8(p, static_cast<__mmask16>((1u << n) - 1), x);
  }
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

/// Four vectors of bytes in order.
#if !defined(QRT_VECTOR)
struct Bytes4 { int8_t lanes[4]; };
inline void store(int8_t* p, Bytes4 x) { __builtin_memcpy(p, x.lanes, 4); }
/// The first two vectors to p, the others to q.
inline void storeHalves(int8_t* p, int8_t* q, Bytes4 x) {
  __builtin_memcpy(p, x.lanes, 2);
  __builtin_memcpy(q, x.lanes + 2, 2);
}
#elif defined(__AVX512F__)
struct Bytes4 { __m512i reg; };
inline void store(int8_t* p, Bytes4 x) { _mm512_storeu_si512(p, x.reg); }
inline void storeHalves(int8_t* p, int8_t* q, Bytes4 x) {
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), _mm512_castsi512_si256(x.reg));
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(q), _mm512_extracti64x4_epi64(x.reg, 1));
}
#elif defined(__AVX2__)
struct Bytes4 { __m256i reg; };
inline void store(int8_t* p, Bytes4 x) {
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), x.reg);
}
inline void storeHalves(int8_t* p, int8_t* q, Bytes4 x) {
  _mm_storeu_si128(reinterpret_cast<__m128i*>(p), _mm256_castsi256_si128(x.reg));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(q), _mm256_extracti128_si256(x.reg, 1));
}
#elif defined(__SSE4_1__)
struct Bytes4 { __m128i reg; };
inline void store(int8_t* p, Bytes4 x) { _mm_storeu_si128(reinterpret_cast<__m128i*>(p), x.reg); }
inline void storeHalves(int8_t* p, int8_t* q, Bytes4 x) {
  _mm_storel_epi64(reinterpret_cast<__m128i*>(p), x.reg);
  _mm_storel_epi64(reinterpret_cast<__m128i*>(q), _mm_unpackhi_epi64(x.reg, x.reg));
}
#else
struct Bytes4 { int8x16_t reg; };
inline void store(int8_t* p, Bytes4 x) { vst1q_s8(p, x.reg); }
inline void storeHalves(int8_t* p, int8_t* q, Bytes4 x) {
  vst1_s8(p, vget_low_s8(x.reg));
  vst1_s8(q, vget_high_s8(x.reg));
}
#endif

/// The end of every int8 kernel: clamp, round, shift. The clamp is in float, so that no conversion
/// overflows; NaN gives low. Four vectors at once only need the upper bound there: x86 converts what
/// is too small, and NaN, to the smallest number, which packing saturates.
class RequantizeS8 {
 public:
  RequantizeS8(float low, float high, int32_t zeroPoint)
      : low_(broadcast(low)),
        high_(broadcast(high)),
        zeroPoint_(broadcastInts(zeroPoint)),
        zero_(zeroPoint),
        lowest_(static_cast<int32_t>(low) + zeroPoint) {}

  Ints operator()(VecF v) const { return toIntsEven(min(high_, max(v, low_))) + zeroPoint_; }

  Bytes4 operator()(VecF a, VecF b, VecF c, VecF d) const {
#if !defined(QRT_VECTOR)
    return {{byte(a), byte(b), byte(c), byte(d)}};
#elif defined(__AVX512F__)
    const __m512i zero = _mm512_set1_epi16(static_cast<int16_t>(zero_));
    const __m512i ab = _mm512_adds_epi16(_mm512_packs_epi32(bound(a), bound(b)), zero);
    const __m512i cd = _mm512_adds_epi16(_mm512_packs_epi32(bound(c), bound(d)), zero);
    const __m512i order =
        _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
    const __m512i bytes =
        _mm512_max_epi8(_mm512_packs_epi16(ab, cd), _mm512_set1_epi8(static_cast<int8_t>(lowest_)));
    return {_mm512_permutexvar_epi32(order, bytes)};
#elif defined(__AVX2__)
    const __m256i zero = _mm256_set1_epi16(static_cast<int16_t>(zero_));
    const __m256i ab = _mm256_adds_epi16(_mm256_packs_epi32(bound(a), bound(b)), zero);
    const __m256i cd = _mm256_adds_epi16(_mm256_packs_epi32(bound(c), bound(d)), zero);
    const __m256i order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
    const __m256i bytes =
        _mm256_max_epi8(_mm256_packs_epi16(ab, cd), _mm256_set1_epi8(static_cast<int8_t>(lowest_)));
    return {_mm256_permutevar8x32_epi32(bytes, order)};
#elif defined(__SSE4_1__)
    const __m128i zero = _mm_set1_epi16(static_cast<int16_t>(zero_));
    const __m128i ab = _mm_adds_epi16(_mm_packs_epi32(bound(a), bound(b)), zero);
    const __m128i cd = _mm_adds_epi16(_mm_packs_epi32(bound(c), bound(d)), zero);
    return {_mm_max_epi8(_mm_packs_epi16(ab, cd), _mm_set1_epi8(static_cast<int8_t>(lowest_)))};
#else
    const auto words = [&](VecF x, VecF y) {
      const int16x8_t both = vcombine_s16(vqmovn_s32(bound(x)), vqmovn_s32(bound(y)));
      return vqmovn_s16(vaddq_s16(both, vdupq_n_s16(static_cast<int16_t>(zero_))));
    };
    return {vcombine_s8(words(a, b), words(c, d))};
#endif
  }

 private:
#if !defined(QRT_VECTOR)
  int8_t byte(VecF x) const { return static_cast<int8_t>((*this)(x)); }
#elif defined(__SSE4_1__)
  Ints bound(VecF x) const { return toIntsEven(min(high_, x)); }
#else
  Ints bound(VecF x) const {
    return toIntsEven({Reg(vminq_f32(vmaxnmq_f32(x.reg, low_.reg), high_.reg))});
  }
#endif

  VecF low_, high_;  ///< the range of the output − its zero point
  Ints zeroPoint_;
  [[maybe_unused]] int32_t zero_, lowest_;
};

}  // namespace
}  // namespace qrt::QRT_ISA_NAMESPACE
