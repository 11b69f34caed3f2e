// A table of 256 bytes is 16 registers of 16. Where shuffles are as wide as the vectors they beat one
// load per element; elsewhere they do not.
#include "kernels/elementwise/table_s8.h"

#include "kernels/isa_table.h"
#include "simd/bytes_s8.h"

namespace qrt::QRT_ISA_NAMESPACE {
namespace {

#if defined(QRT_VECTOR) && defined(__AVX2__)
#if defined(__AVX512F__)
using Vector = __m512i;
inline Vector repeat(__m128i x) { return _mm512_broadcast_i32x4(x); }
inline Vector shuffle(Vector table, Vector index) { return _mm512_shuffle_epi8(table, index); }
inline Vector minus(Vector a, Vector b) { return _mm512_sub_epi8(a, b); }
inline Vector minusSaturating(Vector a, Vector b) { return _mm512_subs_epi8(a, b); }
inline Vector exclusiveOr(Vector a, Vector b) { return _mm512_xor_si512(a, b); }
#else
using Vector = __m256i;
inline Vector repeat(__m128i x) { return _mm256_broadcastsi128_si256(x); }
inline Vector shuffle(Vector table, Vector index) { return _mm256_shuffle_epi8(table, index); }
inline Vector minus(Vector a, Vector b) { return _mm256_sub_epi8(a, b); }
inline Vector minusSaturating(Vector a, Vector b) { return _mm256_subs_epi8(a, b); }
inline Vector exclusiveOr(Vector a, Vector b) { return _mm256_xor_si256(a, b); }
#endif

// A shuffle gives 0 where the index is negative, and index − 16·k is not for k up to the index's own
// sixteen s (and, of indices over 127, from s − 7 on). So the parts hold what the next one adds, by
// exclusive or, to those before it: part[k] = t[k] ^ t[k − 1] ^ part[k − 8].
struct Lookup {
  Vector parts[16];

  explicit Lookup(const int8_t* table) {
    __m128i whole[16];
    __m128i part[16];
    for (int k = 0; k < 16; ++k) {
      whole[k] = _mm_loadu_si128(reinterpret_cast<const __m128i*>(table + 16 * k));
      part[k] = k == 0 ? whole[0] : _mm_xor_si128(whole[k], whole[k - 1]);
      if (k >= 8) part[k] = _mm_xor_si128(part[k], part[k - 8]);
      parts[k] = repeat(part[k]);
    }
  }
  Vector operator()(Vector x) const {
    const Vector sixteen = repeat(_mm_set1_epi8(16));
    Vector y = shuffle(parts[0], x);
#pragma GCC unroll 16
    for (int k = 1; k < 16; ++k) {
      x = k <= 8 ? minus(x, sixteen) : minusSaturating(x, sixteen);
      y = exclusiveOr(y, shuffle(parts[k], x));
    }
    return y;
  }
};
#elif defined(QRT_VECTOR) && defined(__ARM_NEON)
struct Lookup {
  uint8x16x4_t parts[4];

  explicit Lookup(const int8_t* table) {
    for (int k = 0; k < 4; ++k) parts[k] = vld1q_u8_x4(reinterpret_cast<const uint8_t*>(table) + 64 * k);
  }
  int8x16_t operator()(int8x16_t x) const {
    const uint8x16_t step = vdupq_n_u8(64);
    uint8x16_t index = vreinterpretq_u8_s8(x);
    uint8x16_t y = vqtbl4q_u8(parts[0], index);
    for (int k = 1; k < 4; ++k) {
      index = vsubq_u8(index, step);
      y = vqtbx4q_u8(y, parts[k], index);
    }
    return vreinterpretq_s8_u8(y);
  }
};
#endif

void map(const int8_t* x, int8_t* y, int64_t n, const int8_t* table) {
  int64_t i = 0;
#if defined(QRT_VECTOR) && (defined(__AVX2__) || defined(__ARM_NEON))
  constexpr int kBytes = BlockS8::kBytes;
  if (n >= kBytes) {
    const Lookup lookup(table);
    for (; i + kBytes <= n; i += kBytes) BlockS8::store(y + i, lookup(BlockS8::load(x + i)));
  }
#endif
  for (; i < n; ++i) y[i] = table[static_cast<uint8_t>(x[i])];
}

}  // namespace

extern const TableKernelS8 kTableKernelS8;
const TableKernelS8 kTableKernelS8 = {QRT_THIS_ISA, map};

}  // namespace qrt::QRT_ISA_NAMESPACE
