// copyRow(): bytes of a tensor into elements of A, which are those of the tile that was included
// before: ElementA of 1 or 2 bytes, each kOffsetA above the s8.
//
// For *_s8.isa.cpp files only.
#pragma once

#include "simd/vec_s8.h"

namespace qrt::QRT_ISA_NAMESPACE {
namespace {

#if defined(QRT_VECTOR) && defined(__SSE4_1__)
#if defined(__AVX512VNNI__)
#define QRT_SHORT_ROWS 1
inline void copyShort(ElementA* dst, const int8_t* src, bool half) {
  const __m256i flip = _mm256_set1_epi8(static_cast<char>(kOffsetA));
  if (half) {
    const __m128i x = _mm_loadu_si128(reinterpret_cast<const __m128i*>(src));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(dst),
                     _mm_xor_si128(x, _mm256_castsi256_si128(flip)));
  } else {
    const __m256i x = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(src));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(dst), _mm256_xor_si256(x, flip));
  }
}
using Bytes = __m512i;
inline Bytes loadBytes(const int8_t* p) { return _mm512_loadu_si512(p); }
inline Bytes loadBytes(const int8_t* p, int64_t n) {
  return _mm512_maskz_loadu_epi8((__mmask64{1} << n) - 1, p);
}
inline void storeRow(ElementA* p, Bytes x) {
  _mm512_storeu_si512(p, _mm512_xor_si512(x, _mm512_set1_epi8(static_cast<char>(kOffsetA))));
}
#elif defined(__AVX512F__)
using Bytes = __m256i;
inline Bytes loadBytes(const int8_t* p) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
}
inline Bytes loadBytes(const int8_t* p, int64_t n) {
  return _mm256_maskz_loadu_epi8((__mmask32{1} << n) - 1, p);
}
inline void storeRow(ElementA* p, Bytes x) { _mm512_storeu_si512(p, _mm512_cvtepi8_epi16(x)); }
#else
using Bytes = __m128i;
inline Bytes loadBytes(const int8_t* p) {
  return _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
}
// The first n < 16: two pieces of one size that may overlap.
template <int Size>
inline void copyPiece(int8_t* dst, const int8_t* src, int64_t n) {
  __builtin_memcpy(dst, src, Size);
  __builtin_memcpy(dst + n - Size, src + n - Size, Size);
}
inline Bytes loadBytes(const int8_t* p, int64_t n) {
  int8_t buffer[16] = {};
  if (n >= 8) {
    copyPiece<8>(buffer, p, n);
  } else if (n >= 4) {
    copyPiece<4>(buffer, p, n);
  } else if (n >= 2) {
    copyPiece<2>(buffer, p, n);
  } else if (n == 1) {
    buffer[0] = *p;
  }
  return loadBytes(buffer);
}
inline void storeRow(ElementA* p, Bytes x) {
  [[maybe_unused]] auto* out = reinterpret_cast<__m128i*>(p);
#if defined(__AVXVNNI__)
  _mm_storeu_si128(out, _mm_xor_si128(x, _mm_set1_epi8(-128)));
#elif defined(__AVX2__)
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), _mm256_cvtepi8_epi16(x));
#else
  _mm_storeu_si128(out, _mm_cvtepi8_epi16(x));
  _mm_storeu_si128(out + 1, _mm_cvtepi8_epi16(_mm_srli_si128(x, 8)));
#endif
}
#endif

#else
struct Bytes { int64_t words[2]; };
inline Bytes loadBytes(const int8_t* p) {
  Bytes bytes;
  __builtin_memcpy(&bytes, p, sizeof bytes);
  return bytes;
}
inline Bytes loadBytes(const int8_t* p, int64_t n) {
  Bytes bytes{};
  __builtin_memcpy(&bytes, p, static_cast<size_t>(n));
  return bytes;
}
inline void storeRow(ElementA* p, Bytes x) { __builtin_memcpy(p, &x, sizeof x); }
#endif

/// `count` bytes at src as elements of A. May write a vector too many; reads beyond only where that
/// stays below `end`.
inline void copyRow(ElementA* dst, const int8_t* src, int64_t count, const int8_t* end) {
  constexpr int64_t kSize = sizeof(Bytes);
#ifdef QRT_SHORT_ROWS
  // Stores of whole vectors at any place, as first layers have them, mostly cross cache lines.
  if (count <= 32 && end - src > 32) return copyShort(dst, src, count <= 16);
#endif
  for (; count >= kSize; count -= kSize, src += kSize, dst += kSize) storeRow(dst, loadBytes(src));
  if (count > 0) storeRow(dst, end - src > kSize ? loadBytes(src) : loadBytes(src, count));
}

}  // namespace
}  // namespace qrt::QRT_ISA_NAMESPACE
