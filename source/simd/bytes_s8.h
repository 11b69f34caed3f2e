// Blocks of bytes: 16, 32 or 64 neighbouring s8 values in one register, and the same values as four
// registers of s32 or f32. Int8 kernels whose lanes do not see each other are written once for any
// block type.
//
// A block is split in four without crossing the 128-bit lanes of its register: quarter q of a block
// holds the values 16·L + 4·q + i, for all lanes L and i < 4, and narrow() puts them back. Tables that
// are read beside a quarter are stored in that order (quarterOrder() in kernels/quarters.h).
//
// Each level defines its block types and kBlockS8, the widest:
//   kBytes                     values in a block
//   Bytes, Ints, Floats        a block; a quarter of it as s32 and as f32
//   load, store, …Partial      all, or n < kBytes; loadPartial gives zeros in the rest
//   widen<q>(Bytes)            quarter q, sign-extended
//   narrow(Ints[4], zero)      (clamp to s16, + zero, clamp to s8), all saturating
//   min(a, b)                  of floats: b where either is NaN
//   toFloats, toInts           rounding to nearest even; toInts gives ≤ −2³¹ or 0 below −2³¹ and for NaN
//   interleave(r[4], q[4])     quarter q: dwords of four bytes, one of each r
//   Data, Sum, data, dot, total     Σ over four bytes of a dword; see "dot products" below
//
// For *_s8.isa.cpp files only.
#pragma once

#include <cstdint>

#include "simd/level.h"

namespace qrt::QRT_ISA_NAMESPACE {
namespace {

/// memcpy of n < Limit ≤ 32 bytes without a call: two pieces of one size, which may overlap.
template <int Size>
inline void copyTwice(char* dst, const char* src, int n) {
  char pieces[2][Size];
  __builtin_memcpy(pieces[0], src, Size);
  __builtin_memcpy(pieces[1], src + n - Size, Size);
  __builtin_memcpy(dst, pieces[0], Size);
  __builtin_memcpy(dst + n - Size, pieces[1], Size);
}
template <int Limit>
inline void copyFirst(void* to, const void* from, int n) {
  auto* dst = static_cast<char*>(to);
  const auto* src = static_cast<const char*>(from);
  if constexpr (Limit > 16) {
    if (n >= 16) return copyTwice<16>(dst, src, n);
  }
  if (n >= 8) return copyTwice<8>(dst, src, n);
  if (n >= 4) return copyTwice<4>(dst, src, n);
  if (n >= 2) return copyTwice<2>(dst, src, n);
  if (n == 1) *dst = *src;
}

}  // namespace
}  // namespace qrt::QRT_ISA_NAMESPACE

#if defined(QRT_VECTOR) && defined(__SSE4_1__)
#include "simd/bytes_x86.h"
#elif defined(QRT_VECTOR)
#include "simd/bytes_neon.h"
#else
#include "simd/bytes_scalar.h"
#endif

namespace qrt::QRT_ISA_NAMESPACE {
namespace {

/// The end of every int8 kernel (base/requantize.h has the rule): clamp(rint(v) + zeroPoint). Since the
/// bounds are whole numbers, clamping after rounding gives the same as before it.
template <class Block>
struct RequantizeBlock {
  typename Block::Floats high;
  typename Block::Bytes low;
  int32_t zeroPoint;

  RequantizeBlock(int32_t zero, int32_t lowest, int32_t highest)
      : high(Block::floats(static_cast<float>(highest - zero))),
        low(Block::bytes(static_cast<int8_t>(lowest))),
        zeroPoint(zero) {}

  typename Block::Bytes operator()(const typename Block::Floats (&v)[4]) const {
    const typename Block::Ints steps[4] = {
        Block::toInts(Block::min(high, v[0])), Block::toInts(Block::min(high, v[1])),
        Block::toInts(Block::min(high, v[2])), Block::toInts(Block::min(high, v[3]))};
    return Block::max(Block::narrow(steps, zeroPoint), low);
  }
};

}  // namespace
}  // namespace qrt::QRT_ISA_NAMESPACE
