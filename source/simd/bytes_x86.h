// The block types of bytes_s8.h for x86. Included by it only.
//
// Dot products: data are bytes + 128, so unsigned. With VNNI a sum takes four bytes of weights per dword
// at once; without, the even and the odd bytes as pairs of s16, their weights in two registers of s16.
#pragma once

#include <immintrin.h>

#include <cstdint>

namespace qrt::QRT_ISA_NAMESPACE {
namespace {

#if defined(__AVX512VNNI__) || defined(__AVXVNNI__)
inline constexpr int kWeightBytes = 1;
#else
inline constexpr int kWeightBytes = 2;
#endif
/// What is added to a byte before it is data of a dot product.
inline constexpr int kDataOffset = 128;
/// Quarters of sums that leave registers for what is added to them.
#if defined(__AVX512F__)
inline constexpr int kSumsInRegisters = 16;
#else
inline constexpr int kSumsInRegisters = 8;
#endif

struct Block16 {
  static constexpr int kBytes = 16;
  using Bytes = __m128i;
  using Ints = __m128i;
  using Floats = __m128;
  using Sum = __m128i;

  static Bytes load(const void* p) { return _mm_loadu_si128(static_cast<const __m128i*>(p)); }
  static void store(void* p, Bytes x) { _mm_storeu_si128(static_cast<__m128i*>(p), x); }
  static Bytes bytes(int8_t x) { return _mm_set1_epi8(x); }
  static Ints ints(int32_t x) { return _mm_set1_epi32(x); }
  static Floats floats(float x) { return _mm_set1_ps(x); }
  static Ints loadInts(const void* p) { return load(p); }
  static Floats loadFloats(const float* p) { return _mm_loadu_ps(p); }
  static Ints add(Ints a, Ints b) { return _mm_add_epi32(a, b); }
  static Ints sub(Ints a, Ints b) { return _mm_sub_epi32(a, b); }
  static Ints mul(Ints a, Ints b) { return _mm_mullo_epi32(a, b); }
  static Ints shiftRight(Ints x, int n) { return _mm_sra_epi32(x, _mm_cvtsi32_si128(n)); }
  static Bytes max(Bytes a, Bytes b) { return _mm_max_epi8(a, b); }
  static Bytes min(Bytes a, Bytes b) { return _mm_min_epi8(a, b); }
  static Floats min(Floats a, Floats b) { return _mm_min_ps(a, b); }
  static Floats toFloats(Ints x) { return _mm_cvtepi32_ps(x); }
  static Ints toInts(Floats x) { return _mm_cvtps_epi32(x); }
  template <int Quarter>
  static Ints widen(Bytes x) {
    const __m128i pairs = Quarter < 2 ? _mm_unpacklo_epi8(x, x) : _mm_unpackhi_epi8(x, x);
    return _mm_srai_epi32(
        Quarter % 2 == 0 ? _mm_unpacklo_epi16(pairs, pairs) : _mm_unpackhi_epi16(pairs, pairs), 24);
  }
  static Bytes narrow(const Ints (&x)[4], int32_t zero) {
    const __m128i offset = _mm_set1_epi16(static_cast<int16_t>(zero));
    return _mm_packs_epi16(_mm_adds_epi16(_mm_packs_epi32(x[0], x[1]), offset),
                           _mm_adds_epi16(_mm_packs_epi32(x[2], x[3]), offset));
  }
  static void interleave(const Bytes (&r)[4], Ints (&q)[4]) {
    const __m128i low01 = _mm_unpacklo_epi8(r[0], r[1]), low23 = _mm_unpacklo_epi8(r[2], r[3]);
    const __m128i high01 = _mm_unpackhi_epi8(r[0], r[1]), high23 = _mm_unpackhi_epi8(r[2], r[3]);
    q[0] = _mm_unpacklo_epi16(low01, low23);
    q[1] = _mm_unpackhi_epi16(low01, low23);
    q[2] = _mm_unpacklo_epi16(high01, high23);
    q[3] = _mm_unpackhi_epi16(high01, high23);
  }
#if defined(__AVX512F__)
  static Bytes loadPartial(const void* p, int n) {
    return _mm_maskz_loadu_epi8(static_cast<__mmask16>((1u << n) - 1), p);
  }
  static void storePartial(void* p, Bytes x, int n) {
    _mm_mask_storeu_epi8(p, static_cast<__mmask16>((1u << n) - 1), x);
  }
#else
  static Bytes loadPartial(const void* p, int n) {
    int8_t copy[kBytes] = {};
    copyFirst<kBytes>(copy, p, n);
    return load(copy);
  }
  static void storePartial(void* p, Bytes x, int n) {
    int8_t copy[kBytes];
    store(copy, x);
    copyFirst<kBytes>(p, copy, n);
  }
#endif
  static Bytes toData(Bytes x) { return _mm_xor_si128(x, bytes(-128)); }
#if defined(__AVX512VNNI__)
  using Data = __m128i;
  using Weights = __m128i;
  static Weights weights(const int8_t* p) { return load(p); }
  static Data data(Ints x) { return x; }
  static Sum dot(Sum sum, Data x, Weights w) { return _mm_dpbusd_epi32(sum, x, w); }
#elif defined(__AVXVNNI__)
  using Data = __m128i;
  using Weights = __m128i;
  static Weights weights(const int8_t* p) { return load(p); }
  static Data data(Ints x) { return x; }
  static Sum dot(Sum sum, Data x, Weights w) { return _mm_dpbusd_avx_epi32(sum, x, w); }
#else
  struct Data {
    __m128i even, odd;
  };
  using Weights = Data;
  static Weights weights(const int8_t* p) { return {load(p), load(p + kBytes)}; }
  static Data data(Ints x) {
    return {_mm_and_si128(x, _mm_set1_epi16(255)), _mm_srli_epi16(x, 8)};
  }
  static Sum dot(Sum sum, Data x, Weights w) {
    return add(add(sum, _mm_madd_epi16(x.even, w.even)), _mm_madd_epi16(x.odd, w.odd));
  }
#endif
  static Sum sum(Ints start) { return start; }
  static Ints total(Sum sum) { return sum; }
};

#if defined(__AVX2__)
struct Block32 {
  static constexpr int kBytes = 32;
  using Bytes = __m256i;
  using Ints = __m256i;
  using Floats = __m256;
  using Sum = __m256i;

  static Bytes load(const void* p) { return _mm256_loadu_si256(static_cast<const __m256i*>(p)); }
  static void store(void* p, Bytes x) { _mm256_storeu_si256(static_cast<__m256i*>(p), x); }
  static Bytes bytes(int8_t x) { return _mm256_set1_epi8(x); }
  static Ints ints(int32_t x) { return _mm256_set1_epi32(x); }
  static Floats floats(float x) { return _mm256_set1_ps(x); }
  static Ints loadInts(const void* p) { return load(p); }
  static Floats loadFloats(const float* p) { return _mm256_loadu_ps(p); }
  static Ints add(Ints a, Ints b) { return _mm256_add_epi32(a, b); }
  static Ints sub(Ints a, Ints b) { return _mm256_sub_epi32(a, b); }
  static Ints mul(Ints a, Ints b) { return _mm256_mullo_epi32(a, b); }
  static Ints shiftRight(Ints x, int n) { return _mm256_sra_epi32(x, _mm_cvtsi32_si128(n)); }
  static Bytes max(Bytes a, Bytes b) { return _mm256_max_epi8(a, b); }
  static Bytes min(Bytes a, Bytes b) { return _mm256_min_epi8(a, b); }
  static Floats min(Floats a, Floats b) { return _mm256_min_ps(a, b); }
  static Floats toFloats(Ints x) { return _mm256_cvtepi32_ps(x); }
  static Ints toInts(Floats x) { return _mm256_cvtps_epi32(x); }
  template <int Quarter>
  static Ints widen(Bytes x) {
    const __m256i pairs = Quarter < 2 ? _mm256_unpacklo_epi8(x, x) : _mm256_unpackhi_epi8(x, x);
    return _mm256_srai_epi32(Quarter % 2 == 0 ? _mm256_unpacklo_epi16(pairs, pairs)
                                              : _mm256_unpackhi_epi16(pairs, pairs), 24);
  }
  static Bytes narrow(const Ints (&x)[4], int32_t zero) {
    const __m256i offset = _mm256_set1_epi16(static_cast<int16_t>(zero));
    return _mm256_packs_epi16(_mm256_adds_epi16(_mm256_packs_epi32(x[0], x[1]), offset),
                              _mm256_adds_epi16(_mm256_packs_epi32(x[2], x[3]), offset));
  }
  static void interleave(const Bytes (&r)[4], Ints (&q)[4]) {
    const __m256i low01 = _mm256_unpacklo_epi8(r[0], r[1]);
    const __m256i low23 = _mm256_unpacklo_epi8(r[2], r[3]);
    const __m256i high01 = _mm256_unpackhi_epi8(r[0], r[1]);
    const __m256i high23 = _mm256_unpackhi_epi8(r[2], r[3]);
    q[0] = _mm256_unpacklo_epi16(low01, low23);
    q[1] = _mm256_unpackhi_epi16(low01, low23);
    q[2] = _mm256_unpacklo_epi16(high01, high23);
    q[3] = _mm256_unpackhi_epi16(high01, high23);
  }
#if defined(__AVX512F__)
  static __mmask32 first(int n) { return static_cast<__mmask32>((1ull << n) - 1); }
  static Bytes loadPartial(const void* p, int n) { return _mm256_maskz_loadu_epi8(first(n), p); }
  static void storePartial(void* p, Bytes x, int n) { _mm256_mask_storeu_epi8(p, first(n), x); }
#else
  static Bytes loadPartial(const void* p, int n) {
    int8_t copy[kBytes] = {};
    copyFirst<kBytes>(copy, p, n);
    return load(copy);
  }
  static void storePartial(void* p, Bytes x, int n) {
    int8_t copy[kBytes];
    store(copy, x);
    copyFirst<kBytes>(p, copy, n);
  }
#endif
  static Bytes toData(Bytes x) { return _mm256_xor_si256(x, bytes(-128)); }
#if defined(__AVX512VNNI__)
  using Data = __m256i;
  using Weights = __m256i;
  static Weights weights(const int8_t* p) { return load(p); }
  static Data data(Ints x) { return x; }
  static Sum dot(Sum sum, Data x, Weights w) { return _mm256_dpbusd_epi32(sum, x, w); }
#elif defined(__AVXVNNI__)
  using Data = __m256i;
  using Weights = __m256i;
  static Weights weights(const int8_t* p) { return load(p); }
  static Data data(Ints x) { return x; }
  static Sum dot(Sum sum, Data x, Weights w) {
    return _mm256_dpbusd_avx_epi32(sum, x, w);
  }
#else
  struct Data {
    __m256i even, odd;
  };
  using Weights = Data;
  static Weights weights(const int8_t* p) { return {load(p), load(p + kBytes)}; }
  static Data data(Ints x) {
    return {_mm256_and_si256(x, _mm256_set1_epi16(255)), _mm256_srli_epi16(x, 8)};
  }
  static Sum dot(Sum sum, Data x, Weights w) {
    return add(add(sum, _mm256_madd_epi16(x.even, w.even)),
               _mm256_madd_epi16(x.odd, w.odd));
  }
#endif
  static Sum sum(Ints start) { return start; }
  static Ints total(Sum sum) { return sum; }
};
#endif

#if defined(__AVX512F__)
struct Block64 {
  static constexpr int kBytes = 64;
  using Bytes = __m512i;
  using Ints = __m512i;
  using Floats = __m512;
  using Sum = __m512i;

  static Bytes load(const void* p) { return _mm512_loadu_si512(p); }
  static void store(void* p, Bytes x) { _mm512_storeu_si512(p, x); }
  static __mmask64 first(int n) { return n == 64 ? ~0ull : (1ull << n) - 1; }
  static Bytes loadPartial(const void* p, int n) { return _mm512_maskz_loadu_epi8(first(n), p); }
  static void storePartial(void* p, Bytes x, int n) { _mm512_mask_storeu_epi8(p, first(n), x); }
  static Bytes bytes(int8_t x) { return _mm512_set1_epi8(x); }
  static Ints ints(int32_t x) { return _mm512_set1_epi32(x); }
  static Floats floats(float x) { return _mm512_set1_ps(x); }
  static Ints loadInts(const void* p) { return load(p); }
  static Floats loadFloats(const float* p) { return _mm512_loadu_ps(p); }
  static Ints add(Ints a, Ints b) { return _mm512_add_epi32(a, b); }
  static Ints sub(Ints a, Ints b) { return _mm512_sub_epi32(a, b); }
  static Ints mul(Ints a, Ints b) { return _mm512_mullo_epi32(a, b); }
  static Ints shiftRight(Ints x, int n) { return _mm512_sra_epi32(x, _mm_cvtsi32_si128(n)); }
  static Bytes max(Bytes a, Bytes b) { return _mm512_max_epi8(a, b); }
  static Bytes min(Bytes a, Bytes b) { return _mm512_min_epi8(a, b); }
  static Floats min(Floats a, Floats b) { return _mm512_min_ps(a, b); }
  static Floats toFloats(Ints x) { return _mm512_cvtepi32_ps(x); }
  static Ints toInts(Floats x) { return _mm512_cvtps_epi32(x); }
  template <int Quarter>
  static Ints widen(Bytes x) {
    const __m512i pairs = Quarter < 2 ? _mm512_unpacklo_epi8(x, x) : _mm512_unpackhi_epi8(x, x);
    return _mm512_srai_epi32(Quarter % 2 == 0 ? _mm512_unpacklo_epi16(pairs, pairs)
                                              : _mm512_unpackhi_epi16(pairs, pairs), 24);
  }
  static Bytes narrow(const Ints (&x)[4], int32_t zero) {
    const __m512i offset = _mm512_set1_epi16(static_cast<int16_t>(zero));
    return _mm512_packs_epi16(_mm512_adds_epi16(_mm512_packs_epi32(x[0], x[1]), offset),
                              _mm512_adds_epi16(_mm512_packs_epi32(x[2], x[3]), offset));
  }
  static void interleave(const Bytes (&r)[4], Ints (&q)[4]) {
    const __m512i low01 = _mm512_unpacklo_epi8(r[0], r[1]);
    const __m512i low23 = _mm512_unpacklo_epi8(r[2], r[3]);
    const __m512i high01 = _mm512_unpackhi_epi8(r[0], r[1]);
    const __m512i high23 = _mm512_unpackhi_epi8(r[2], r[3]);
    q[0] = _mm512_unpacklo_epi16(low01, low23);
    q[1] = _mm512_unpackhi_epi16(low01, low23);
    q[2] = _mm512_unpacklo_epi16(high01, high23);
    q[3] = _mm512_unpackhi_epi16(high01, high23);
  }
  static Bytes toData(Bytes x) { return _mm512_xor_si512(x, bytes(-128)); }
#if defined(__AVX512VNNI__)
  using Data = __m512i;
  using Weights = __m512i;
  static Weights weights(const int8_t* p) { return load(p); }
  static Data data(Ints x) { return x; }
  static Sum dot(Sum sum, Data x, Weights w) { return _mm512_dpbusd_epi32(sum, x, w); }
#else
  struct Data {
    __m512i even, odd;
  };
  using Weights = Data;
  static Weights weights(const int8_t* p) { return {load(p), load(p + kBytes)}; }
  static Data data(Ints x) {
    return {_mm512_and_si512(x, _mm512_set1_epi16(255)), _mm512_srli_epi16(x, 8)};
  }
  static Sum dot(Sum sum, Data x, Weights w) {
    return add(add(sum, _mm512_madd_epi16(x.even, w.even)),
               _mm512_madd_epi16(x.odd, w.odd));
  }
#endif
  static Sum sum(Ints start) { return start; }
  static Ints total(Sum sum) { return sum; }
};
using BlockS8 = Block64;
#elif defined(__AVX2__)
using BlockS8 = Block32;
#else
using BlockS8 = Block16;
#endif

}  // namespace
}  // namespace qrt::QRT_ISA_NAMESPACE
