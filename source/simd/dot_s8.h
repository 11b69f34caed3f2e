// The int8 dot primitives, where instruction sets truly differ: acc[lane] += Σ a[k]·b[lane][k] over
// kDot consecutive k, exact at every level.
//
//   level                 kDot  A in memory  how
//   scalar                 1    s8           a·b
//   sse41, avx2, avx512    2    s16          pmaddwd of widened pairs: 2·128·128 fits its s32
//   avxvnni, avx512vnni    4    u8 = a+128   vpdpbusd, whose first factor is unsigned
//   neon                   4    s8           smull, smlal of pairs, sadalp
//   neondot                4    s8           sdot by lane
//
// A row of A is read kStep elements at a time. Columns of B stand in groups of kr consecutive k:
// [k/kr][columns][kr]. pmaddubsw on |a| and b·sign(a) would be exact too, but costs the same four
// instructions per 32 products, as its 16-bit sums have no room to accumulate in.
//
// Only neon minds a B of -128: two products of -128·-128 do not fit s16. There kWideDiffers, and dot<·,
// Wide> is for such B.
//
// For *_s8.isa.cpp files only.
#pragma once

#include "simd/vec_s8.h"

namespace qrt::QRT_ISA_NAMESPACE {
namespace {

#if defined(QRT_VECTOR) && defined(__ARM_NEON) && !defined(__ARM_FEATURE_DOTPROD)
inline constexpr bool kWideDiffers = true;
#else
inline constexpr bool kWideDiffers = false;
#endif

#if !defined(QRT_VECTOR)
using ElementA = int8_t;
inline constexpr int kOffsetA = 0, kGroup = 1, kDot = 1, kStep = 1;
struct RowA { int32_t value; };
struct ColumnsB { int32_t value; };
inline RowA loadRow(const ElementA* p) { return {*p}; }
inline ColumnsB loadColumns(const int8_t* p, int) { return {*p}; }
template <int, bool>
inline Ints dot(Ints acc, RowA a, ColumnsB b) { return acc + a.value * b.value; }

#elif defined(__AVX512VNNI__) || defined(__AVXVNNI__)
using ElementA = uint8_t;
inline constexpr int kOffsetA = 128, kGroup = 4, kDot = 4, kStep = 4;
#if defined(__AVX512VNNI__)
struct RowA { __m512i four; };
struct ColumnsB { __m512i fours; };
inline RowA loadRow(const ElementA* p) {
  int32_t four;
  __builtin_memcpy(&four, p, 4);
  return {_mm512_set1_epi32(four)};
}
inline ColumnsB loadColumns(const int8_t* p, int) { return {_mm512_loadu_si512(p)}; }
template <int, bool>
inline Ints dot(Ints acc, RowA a, ColumnsB b) { return _mm512_dpbusd_epi32(acc, a.four, b.fours); }
#else
struct RowA { __m256i four; };
struct ColumnsB { __m256i fours; };
inline RowA loadRow(const ElementA* p) {
  int32_t four;
  __builtin_memcpy(&four, p, 4);
  return {_mm256_set1_epi32(four)};
}
inline ColumnsB loadColumns(const int8_t* p, int) {
  return {_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p))};
}
template <int, bool>
inline Ints dot(Ints acc, RowA a, ColumnsB b) {
  return _mm256_dpbusd_avx_epi32(acc, a.four, b.fours);
}
#endif

#elif defined(__SSE4_1__)
using ElementA = int16_t;
inline constexpr int kOffsetA = 0, kGroup = 2, kDot = 2;
#if defined(__AVX512F__)
inline constexpr int kStep = 2;
struct RowA { __m512i pair; };
struct ColumnsB { __m512i pairs; };
inline RowA loadRow(const ElementA* p) {
  int32_t pair;
  __builtin_memcpy(&pair, p, 4);
  return {_mm512_set1_epi32(pair)};
}
inline ColumnsB loadColumns(const int8_t* p, int) {
  return {_mm512_cvtepi8_epi16(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)))};
}
template <int, bool>
inline Ints dot(Ints acc, RowA a, ColumnsB b) {
  return _mm512_add_epi32(acc, _mm512_madd_epi16(a.pair, b.pairs));
}
#elif defined(__AVX2__)
inline constexpr int kStep = 2;
struct RowA { __m256i pair; };
struct ColumnsB { __m256i pairs; };
inline RowA loadRow(const ElementA* p) {
  int32_t pair;
  __builtin_memcpy(&pair, p, 4);
  return {_mm256_set1_epi32(pair)};
}
inline ColumnsB loadColumns(const int8_t* p, int) {
  return {_mm256_cvtepi8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)))};
}
template <int, bool>
inline Ints dot(Ints acc, RowA a, ColumnsB b) {
  return _mm256_add_epi32(acc, _mm256_madd_epi16(a.pair, b.pairs));
}
#else
inline constexpr int kStep = 8;
struct RowA { __m128i pairs; };
struct ColumnsB { __m128i pairs; };
inline RowA loadRow(const ElementA* p) {
  return {_mm_loadu_si128(reinterpret_cast<const __m128i*>(p))};
}
inline ColumnsB loadColumns(const int8_t* p, int) {
  return {_mm_cvtepi8_epi16(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(p)))};
}
template <int Index, bool>
inline Ints dot(Ints acc, RowA a, ColumnsB b) {
  const __m128i pair = _mm_shuffle_epi32(a.pairs, Index * 0x55);
  return _mm_add_epi32(acc, _mm_madd_epi16(pair, b.pairs));
}
#endif

#elif defined(__ARM_FEATURE_DOTPROD)
using ElementA = int8_t;
inline constexpr int kOffsetA = 0, kGroup = 4, kDot = 4, kStep = 16;
struct RowA { int8x16_t fours; };
struct ColumnsB { int8x16_t fours; };
inline RowA loadRow(const ElementA* p) { return {vld1q_s8(p)}; }
inline ColumnsB loadColumns(const int8_t* p, int) { return {vld1q_s8(p)}; }
template <int Index, bool>
inline Ints dot(Ints acc, RowA a, ColumnsB b) {
  return Ints(vdotq_laneq_s32(acc, b.fours, a.fours, Index));
}

#else
using ElementA = int8_t;
inline constexpr int kOffsetA = 0, kGroup = 2, kDot = 4, kStep = 4;
struct RowA { int8x8_t first, second; };
struct ColumnsB { int8x8_t first, second; };
inline RowA loadRow(const ElementA* p) {
  int16_t pairs[2];
  __builtin_memcpy(pairs, p, 4);
  return {vreinterpret_s8_s16(vdup_n_s16(pairs[0])), vreinterpret_s8_s16(vdup_n_s16(pairs[1]))};
}
inline ColumnsB loadColumns(const int8_t* p, int columns) {
  return {vld1_s8(p), vld1_s8(p + columns * kGroup)};
}
template <int, bool Wide>
inline Ints dot(Ints acc, RowA a, ColumnsB b) {
  const int16x8_t first = vmull_s8(b.first, a.first);
  if constexpr (Wide) {
    return Ints(vpadalq_s16(vpadalq_s16(acc, first), vmull_s8(b.second, a.second)));
  } else {
    return Ints(vpadalq_s16(acc, vmlal_s8(first, b.second, a.second)));
  }
}
#endif

}  // namespace
}  // namespace qrt::QRT_ISA_NAMESPACE
