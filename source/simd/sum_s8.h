// ByteSum: the sum of many s8. x86 sums 8 bytes at a time, unsigned: those of x + 128, whose surplus is
// taken off in the end.
//
// For *_s8.isa.cpp files only, behind copy_s8.h, whose loads it shares.
#pragma once

#include "simd/copy_s8.h"

namespace qrt::QRT_ISA_NAMESPACE {
namespace {

#if defined(QRT_VECTOR) && defined(__SSE4_1__)
#if defined(__AVX512VNNI__)
inline Bytes noBytes() { return _mm512_setzero_si512(); }
inline Bytes addBytes(Bytes sums, Bytes x) {
  const __m512i shifted = _mm512_xor_si512(x, _mm512_set1_epi8(-128));
  return _mm512_add_epi64(sums, _mm512_sad_epu8(shifted, noBytes()));
}
inline int64_t totalOf(Bytes sums) { return _mm512_reduce_add_epi64(sums); }
#else
inline int64_t totalOf(__m128i sums) {
  return _mm_cvtsi128_si64(sums) + _mm_extract_epi64(sums, 1);
}
#if defined(__AVX512F__)
inline Bytes noBytes() { return _mm256_setzero_si256(); }
inline Bytes addBytes(Bytes sums, Bytes x) {
  const __m256i shifted = _mm256_xor_si256(x, _mm256_set1_epi8(-128));
  return _mm256_add_epi64(sums, _mm256_sad_epu8(shifted, noBytes()));
}
inline int64_t totalOf(Bytes sums) {
  return totalOf(_mm_add_epi64(_mm256_castsi256_si128(sums), _mm256_extracti128_si256(sums, 1)));
}
#else
inline Bytes noBytes() { return _mm_setzero_si128(); }
inline Bytes addBytes(Bytes sums, Bytes x) {
  const __m128i shifted = _mm_xor_si128(x, _mm_set1_epi8(-128));
  return _mm_add_epi64(sums, _mm_sad_epu8(shifted, noBytes()));
}
#endif
#endif

class ByteSum {
 public:
  void add(const int8_t* p, int64_t n) {
    constexpr int64_t kSize = sizeof(Bytes);
    vectors_ += (n + kSize - 1) / kSize;
    for (; n >= kSize; n -= kSize, p += kSize) sums_ = addBytes(sums_, loadBytes(p));
    if (n > 0) sums_ = addBytes(sums_, loadBytes(p, n));
  }
  int32_t total() const {
    return static_cast<int32_t>(totalOf(sums_) - vectors_ * 128 * static_cast<int64_t>(sizeof(Bytes)));
  }

 private:
  Bytes sums_ = noBytes();
  int64_t vectors_ = 0;
};

#else
class ByteSum {
 public:
  void add(const int8_t* p, int64_t n) {
#if defined(QRT_VECTOR)
    for (; n >= 16; n -= 16, p += 16) sums_ = vpadalq_s16(sums_, vpaddlq_s8(vld1q_s8(p)));
#endif
    for (; n > 0; --n) rest_ += *p++;  // less than a vector, or no vectors
  }
#if defined(QRT_VECTOR)
  int32_t total() const { return vaddvq_s32(sums_) + rest_; }
#else
  int32_t total() const { return rest_; }
#endif

 private:
#if defined(QRT_VECTOR)
  int32x4_t sums_ = vdupq_n_s32(0);
#endif
  int32_t rest_ = 0;
};
#endif

}  // namespace
}  // namespace qrt::QRT_ISA_NAMESPACE
