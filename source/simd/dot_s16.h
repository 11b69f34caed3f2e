// s16 values that s8 kernels compute with, and the dot primitive of s16: acc[lane] += Σ a[k]·b[lane][k]
// over kDot consecutive k. Sums of s32 wrap: what is exact modulo 2³² stays so.
//
//   level                  kDot  how
//   scalar                  1    a·b
//   sse41, avx2, avx512     2    pmaddwd, whose pair wraps for -32768·-32768 twice only
//   avxvnni, avx512vnni     2    vpdpwssd
//   neon                    1    smlal by lane
//
// Columns of B stand in groups of kGroup consecutive k: [k/kGroup][columns][kGroup].
//
// For *_s8.isa.cpp files only.
#pragma once

#include "simd/vec_s8.h"

namespace qrt::QRT_ISA_NAMESPACE {
namespace {

/// kWords values of s16, which must fit.
#ifdef QRT_VECTOR
using Words = xsimd::batch<int16_t, Arch>;
inline constexpr int kWords = static_cast<int>(Words::size);
inline void store(int16_t* p, Words x) { x.store_unaligned(p); }
inline Words broadcastWords(int16_t x) { return Words(x); }
#else
using Words = int32_t;
inline constexpr int kWords = 1;
inline void store(int16_t* p, Words x) { *p = static_cast<int16_t>(x); }
inline Words broadcastWords(int16_t x) { return x; }
#endif

/// kWords bytes, sign-extended.
inline Words loadWords(const int8_t* p) {
#if !defined(QRT_VECTOR)
  return *p;
#elif defined(__AVX512F__)
  return _mm512_cvtepi8_epi16(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)));
#elif defined(__AVX2__)
  return _mm256_cvtepi8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)));
#elif defined(__SSE4_1__)
  return _mm_cvtepi8_epi16(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(p)));
#else
  return vmovl_s8(vld1_s8(p));
#endif
}

/// The first n ≤ 8 bytes at p as a number, zeros above.
inline uint64_t loadFew(const int8_t* p, int n) {
  const auto both = [&]<class T>(T low) {
    T high;
    __builtin_memcpy(&low, p, sizeof low);
    __builtin_memcpy(&high, p + n - sizeof high, sizeof high);
    return uint64_t{low} | uint64_t{high} << (8 * (n - static_cast<int>(sizeof high)));
  };
  if (n >= 4) return both(uint32_t{});
  if (n >= 2) return both(uint16_t{});
  return n == 1 ? static_cast<uint8_t>(*p) : 0;
}

/// The first n < kWords, zero in the others; touches p[0] … p[n − 1] only.
inline Words loadWordsPartial(const int8_t* p, int n) {
#if !defined(QRT_VECTOR)
  return n == 0 ? 0 : *p;
#elif defined(__AVX512F__)
  return _mm512_cvtepi8_epi16(_mm256_maskz_loadu_epi8(static_cast<__mmask32>((1u << n) - 1), p));
#elif defined(__AVX2__)
  const uint64_t low = loadFew(p, n < 8 ? n : 8), high = n > 8 ? loadFew(p + 8, n - 8) : 0;
  return _mm256_cvtepi8_epi16(
      _mm_set_epi64x(static_cast<int64_t>(high), static_cast<int64_t>(low)));
#elif defined(__SSE4_1__)
  return _mm_cvtepi8_epi16(_mm_cvtsi64_si128(static_cast<int64_t>(loadFew(p, n))));
#else
  return vmovl_s8(vcreate_s8(loadFew(p, n)));
#endif
}

/// kLanes values of s32 whose sums wrap.
#ifdef QRT_VECTOR
using Sums = Ints;
inline Sums loadSums(const int32_t* p) { return loadInts(p); }
inline void storeSums(int32_t* p, Sums x) { storeInts(p, x); }
inline Sums halve(Sums x, int times) { return x >> times; }
#else
using Sums = uint32_t;
inline Sums loadSums(const int32_t* p) { return static_cast<uint32_t>(*p); }
inline void storeSums(int32_t* p, Sums x) { *p = static_cast<int32_t>(x); }
/// Rounded down, of the signed value.
inline Sums halve(Sums x, int times) {
  return static_cast<uint32_t>(static_cast<int32_t>(x) >> times);
}
#endif

struct DotS16 {
#if !defined(QRT_VECTOR)
  static constexpr int kGroup = 1, kDot = 1, kStep = 1;
  using Row = int32_t;
  using Columns = int32_t;
  static Row loadRow(const int16_t* p) { return *p; }
  static Columns loadColumns(const int16_t* p, int) { return *p; }
  template <int>
  static Sums dot(Sums acc, Row a, Columns b) {
    return acc + static_cast<uint32_t>(a * b);
  }

#elif defined(__AVX512F__)
  static constexpr int kGroup = 2, kDot = 2, kStep = 2;
  using Row = __m512i;
  using Columns = __m512i;
  static Row loadRow(const int16_t* p) {
    int32_t pair;
    __builtin_memcpy(&pair, p, 4);
    return _mm512_set1_epi32(pair);
  }
  static Columns loadColumns(const int16_t* p, int) { return _mm512_loadu_si512(p); }
  template <int>
  static Sums dot(Sums acc, Row a, Columns b) {
#if defined(__AVX512VNNI__)
    return _mm512_dpwssd_epi32(acc, a, b);
#else
    return _mm512_add_epi32(acc, _mm512_madd_epi16(a, b));
#endif
  }

#elif defined(__AVX2__)
  static constexpr int kGroup = 2, kDot = 2, kStep = 2;
  using Row = __m256i;
  using Columns = __m256i;
  static Row loadRow(const int16_t* p) {
    int32_t pair;
    __builtin_memcpy(&pair, p, 4);
    return _mm256_set1_epi32(pair);
  }
  static Columns loadColumns(const int16_t* p, int) {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
  }
  template <int>
  static Sums dot(Sums acc, Row a, Columns b) {
#if defined(__AVXVNNI__)
    return _mm256_dpwssd_avx_epi32(acc, a, b);
#else
    return _mm256_add_epi32(acc, _mm256_madd_epi16(a, b));
#endif
  }

#elif defined(__SSE4_1__)
  static constexpr int kGroup = 2, kDot = 2, kStep = 8;
  using Row = __m128i;
  using Columns = __m128i;
  static Row loadRow(const int16_t* p) {
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
  }
  static Columns loadColumns(const int16_t* p, int) {
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
  }
  template <int Index>
  static Sums dot(Sums acc, Row a, Columns b) {
    return _mm_add_epi32(acc, _mm_madd_epi16(_mm_shuffle_epi32(a, Index * 0x55), b));
  }

#else
  static constexpr int kGroup = 1, kDot = 1, kStep = 8;
  using Row = int16x8_t;
  using Columns = int16x4_t;
  static Row loadRow(const int16_t* p) { return vld1q_s16(p); }
  static Columns loadColumns(const int16_t* p, int) { return vld1_s16(p); }
  template <int Index>
  static Sums dot(Sums acc, Row a, Columns b) {
    return vmlal_laneq_s16(acc, b, a, Index);
  }
#endif
};

}  // namespace
}  // namespace qrt::QRT_ISA_NAMESPACE
