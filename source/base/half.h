// The two 16-bit float types as C++ types: storage only, arithmetic goes through float.
#pragma once

#include <bit>
#include <cstdint>

#include "qrt/tensor.h"

namespace qrt {

/// IEEE binary16. Conversion from float rounds to nearest even, overflow gives infinity.
struct Half {
  uint16_t bits = 0;

  Half() = default;
  Half(float value) : bits(encode(value)) {}
  operator float() const {
    const uint32_t magnitude = bits & 0x7fffu;
    const uint32_t sign = (bits & 0x8000u) << 16;
    if (magnitude < 0x400u) {  // subnormal: a multiple of 2⁻²⁴
      const float value = static_cast<float>(magnitude) * 0x1p-24f;
      return sign != 0 ? -value : value;
    }
    const uint32_t exponentShift = magnitude >= 0x7c00u ? 0x70000000u : 0x38000000u;
    return std::bit_cast<float>(sign | ((magnitude << 13) + exponentShift));
  }

 private:
  static uint16_t encode(float value) {
    const uint32_t x = std::bit_cast<uint32_t>(value);
    const uint32_t sign = (x >> 16) & 0x8000u;
    const uint32_t magnitude = x & 0x7fffffffu;
    uint32_t result;
    if (magnitude > 0x7f800000u) {
      result = 0x7e00u;                    // NaN
    } else if (magnitude >= 0x477ff000u) {
      result = 0x7c00u;                    // 65520 and more round to infinity
    } else if (magnitude < 0x38800000u) {  // below 2⁻¹⁴: 0.5f has its last bit at 2⁻²⁴ too
      result = std::bit_cast<uint32_t>(std::bit_cast<float>(magnitude) + 0.5f) - 0x3f000000u;
    } else {
      result = (magnitude - 0x38000000u + 0xfffu + ((magnitude >> 13) & 1u)) >> 13;
    }
    return static_cast<uint16_t>(sign | result);
  }
};

/// The upper half of an f32. Conversion from float rounds to nearest even.
struct BFloat16 {
  uint16_t bits = 0;

  BFloat16() = default;
  BFloat16(float value) : bits(encode(value)) {}
  operator float() const { return std::bit_cast<float>(uint32_t{bits} << 16); }

 private:
  static uint16_t encode(float value) {
    const uint32_t x = std::bit_cast<uint32_t>(value);
    if ((x & 0x7fffffffu) > 0x7f800000u) return static_cast<uint16_t>((x >> 16) | 0x40u);  // NaN
    return static_cast<uint16_t>((x + 0x7fffu + ((x >> 16) & 1u)) >> 16);
  }
};

template <>
inline constexpr DType dtypeOf<Half> = DType::f16;
template <>
inline constexpr DType dtypeOf<BFloat16> = DType::bf16;

}  // namespace qrt
