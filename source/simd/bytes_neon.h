// The block type of bytes_s8.h for Arm. Included by it only.
//
// Dot products: sdot where there is one; else products of bytes as s16, their pairs added to s32, so that
// a sum is two registers with two parts of each dword.
#pragma once

#include <arm_neon.h>

#include <cstdint>

namespace qrt::QRT_ISA_NAMESPACE {
namespace {

inline constexpr int kWeightBytes = 1;
inline constexpr int kDataOffset = 0;
#if defined(__ARM_FEATURE_DOTPROD)
inline constexpr int kSumsInRegisters = 16;
#else
inline constexpr int kSumsInRegisters = 8;
#endif

struct Block16 {
  static constexpr int kBytes = 16;
  using Bytes = int8x16_t;
  using Ints = int32x4_t;
  using Floats = float32x4_t;

  static Bytes load(const void* p) { return vld1q_s8(static_cast<const int8_t*>(p)); }
  static void store(void* p, Bytes x) { vst1q_s8(static_cast<int8_t*>(p), x); }
  static void store(void* p, Ints x) { vst1q_s32(static_cast<int32_t*>(p), x); }
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
  static Bytes bytes(int8_t x) { return vdupq_n_s8(x); }
  static Ints ints(int32_t x) { return vdupq_n_s32(x); }
  static Floats floats(float x) { return vdupq_n_f32(x); }
  static Ints loadInts(const void* p) { return vld1q_s32(static_cast<const int32_t*>(p)); }
  static Floats loadFloats(const float* p) { return vld1q_f32(p); }
  static Ints add(Ints a, Ints b) { return vaddq_s32(a, b); }
  static Ints sub(Ints a, Ints b) { return vsubq_s32(a, b); }
  static Ints mul(Ints a, Ints b) { return vmulq_s32(a, b); }
  static Ints shiftRight(Ints x, int n) { return vshlq_s32(x, vdupq_n_s32(-n)); }
  static Bytes max(Bytes a, Bytes b) { return vmaxq_s8(a, b); }
  static Bytes min(Bytes a, Bytes b) { return vminq_s8(a, b); }
  static Floats min(Floats a, Floats b) { return vbslq_f32(vcltq_f32(a, b), a, b); }
  static Floats toFloats(Ints x) { return vcvtq_f32_s32(x); }
  /// The conversion saturates, but makes NaN 0: it becomes the lowest first.
  static Ints toInts(Floats x) { return vcvtnq_s32_f32(vmaxnmq_f32(x, vdupq_n_f32(-0x1p31f))); }
  template <int Quarter>
  static Ints widen(Bytes x) {
    const int16x8_t words = Quarter < 2 ? vmovl_s8(vget_low_s8(x)) : vmovl_high_s8(x);
    return Quarter % 2 == 0 ? vmovl_s16(vget_low_s16(words)) : vmovl_high_s16(words);
  }
  static Bytes narrow(const Ints (&x)[4], int32_t zero) {
    const int16x8_t offset = vdupq_n_s16(static_cast<int16_t>(zero));
    const int16x8_t low = vqaddq_s16(vqmovn_high_s32(vqmovn_s32(x[0]), x[1]), offset);
    const int16x8_t high = vqaddq_s16(vqmovn_high_s32(vqmovn_s32(x[2]), x[3]), offset);
    return vqmovn_high_s16(vqmovn_s16(low), high);
  }
  static void interleave(const Bytes (&r)[4], Ints (&q)[4]) {
    const int16x8_t low01 = vreinterpretq_s16_s8(vzip1q_s8(r[0], r[1]));
    const int16x8_t low23 = vreinterpretq_s16_s8(vzip1q_s8(r[2], r[3]));
    const int16x8_t high01 = vreinterpretq_s16_s8(vzip2q_s8(r[0], r[1]));
    const int16x8_t high23 = vreinterpretq_s16_s8(vzip2q_s8(r[2], r[3]));
    q[0] = vreinterpretq_s32_s16(vzip1q_s16(low01, low23));
    q[1] = vreinterpretq_s32_s16(vzip2q_s16(low01, low23));
    q[2] = vreinterpretq_s32_s16(vzip1q_s16(high01, high23));
    q[3] = vreinterpretq_s32_s16(vzip2q_s16(high01, high23));
  }
  static Bytes toData(Bytes x) { return x; }
  using Data = int8x16_t;
  using Weights = int8x16_t;
  static Weights weights(const int8_t* p) { return vld1q_s8(p); }
  static Data data(Ints x) { return vreinterpretq_s8_s32(x); }
#if defined(__ARM_FEATURE_DOTPROD)
  using Sum = int32x4_t;
  static Sum sum(Ints start) { return start; }
  static Sum dot(Sum sum, Data x, Weights w) { return vdotq_s32(sum, x, w); }
  static Ints total(Sum sum) { return sum; }
#else
  struct Sum {
    int32x4_t low, high;
  };
  static Sum sum(Ints start) {
    const int32x4_t none = vdupq_n_s32(0);
    return {vzip1q_s32(start, none), vzip2q_s32(start, none)};
  }
  static Sum dot(Sum sum, Data x, Weights w) {
    return {vpadalq_s16(sum.low, vmull_s8(vget_low_s8(x), vget_low_s8(w))),
            vpadalq_s16(sum.high, vmull_high_s8(x, w))};
  }
  static Ints total(Sum sum) { return vpaddq_s32(sum.low, sum.high); }
#endif
};
using BlockS8 = Block16;

}  // namespace
}  // namespace qrt::QRT_ISA_NAMESPACE
