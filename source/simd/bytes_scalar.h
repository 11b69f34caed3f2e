// The block type of bytes_s8.h without vectors: four bytes, each quarter one value. Included by it only.
#pragma once

#include <cstdint>

namespace qrt::QRT_ISA_NAMESPACE {
namespace {

inline constexpr int kWeightBytes = 1;
inline constexpr int kDataOffset = 0;
inline constexpr int kSumsInRegisters = 8;

struct Block4 {
  static constexpr int kBytes = 4;
  struct Bytes {
    int8_t at[4];
  };
  using Ints = int32_t;
  using Floats = float;
  using Sum = int32_t;

  static Bytes load(const void* p) { return loadPartial(p, 4); }
  static void store(void* p, Bytes x) { storePartial(p, x, 4); }
  static void store(void* p, Ints x) { __builtin_memcpy(p, &x, 4); }
  static Bytes loadPartial(const void* p, int n) {
    Bytes x{};
    for (int i = 0; i < n; ++i) x.at[i] = static_cast<const int8_t*>(p)[i];
    return x;
  }
  static void storePartial(void* p, Bytes x, int n) {
    for (int i = 0; i < n; ++i) static_cast<int8_t*>(p)[i] = x.at[i];
  }
  static Bytes bytes(int8_t x) { return {{x, x, x, x}}; }
  static Ints ints(int32_t x) { return x; }
  static Floats floats(float x) { return x; }
  static Ints loadInts(const void* p) {
    Ints x;
    __builtin_memcpy(&x, p, 4);
    return x;
  }
  static Floats loadFloats(const float* p) { return *p; }
  // Sums wrap as those of vectors do.
  static Ints add(Ints a, Ints b) {
    return static_cast<int32_t>(static_cast<uint32_t>(a) + static_cast<uint32_t>(b));
  }
  static Ints sub(Ints a, Ints b) {
    return static_cast<int32_t>(static_cast<uint32_t>(a) - static_cast<uint32_t>(b));
  }
  static Ints mul(Ints a, Ints b) { return a * b; }
  static Ints shiftRight(Ints x, int n) { return x >> n; }
  static Bytes max(Bytes a, Bytes b) {
    for (int i = 0; i < 4; ++i) a.at[i] = a.at[i] > b.at[i] ? a.at[i] : b.at[i];
    return a;
  }
  static Bytes min(Bytes a, Bytes b) {
    for (int i = 0; i < 4; ++i) a.at[i] = a.at[i] < b.at[i] ? a.at[i] : b.at[i];
    return a;
  }
  static Floats min(Floats a, Floats b) { return a < b ? a : b; }
  static Floats toFloats(Ints x) { return static_cast<float>(x); }
  static Ints toInts(Floats x) {
    return x >= -0x1p31f ? static_cast<int32_t>(__builtin_rintf(x)) : -0x7fffffff - 1;
  }
  template <int Quarter>
  static Ints widen(Bytes x) {
    return x.at[Quarter];
  }
  static Bytes narrow(const Ints (&x)[4], int32_t zero) {
    Bytes y;
    for (int i = 0; i < 4; ++i) {
      const int32_t word = x[i] < -32768 ? -32768 : x[i] > 32767 ? 32767 : x[i];
      const int32_t sum = word + zero;
      y.at[i] = static_cast<int8_t>(sum < -128 ? -128 : sum > 127 ? 127 : sum);
    }
    return y;
  }
  static void interleave(const Bytes (&r)[4], Ints (&q)[4]) {
    for (int i = 0; i < 4; ++i) {
      const int8_t column[4] = {r[0].at[i], r[1].at[i], r[2].at[i], r[3].at[i]};
      __builtin_memcpy(&q[i], column, 4);
    }
  }
  static Bytes toData(Bytes x) { return x; }
  using Data = Bytes;
  using Weights = Bytes;
  static Weights weights(const int8_t* p) { return load(p); }
  static Data data(Ints x) { return load(&x); }
  static Sum sum(Ints start) { return start; }
  static Sum dot(Sum sum, Data x, Weights w) {
    for (int i = 0; i < 4; ++i) sum = add(sum, x.at[i] * w.at[i]);
    return sum;
  }
  static Ints total(Sum sum) { return sum; }
};
using BlockS8 = Block4;

}  // namespace
}  // namespace qrt::QRT_ISA_NAMESPACE
