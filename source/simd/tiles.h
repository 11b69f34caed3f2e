// AMX: eight registers of 16 rows × 64 bytes and the products of two of them, all at full size. With
// QRT_EMULATE_TILES the same in plain C++, so that a test of the code above runs anywhere.
//
// For *_s8.isa.cpp files only.
#pragma once

#include <cstdint>

namespace qrt::QRT_ISA_NAMESPACE {
namespace {

#ifdef QRT_EMULATE_TILES
struct EmulatedTile {
  int8_t bytes[16][64];
};
thread_local EmulatedTile emulatedTiles[8];

inline void configureTiles() {}
inline void releaseTiles() {}
template <int Tile>
void loadTile(const void* p, int64_t stride) {
  for (int i = 0; i < 16; ++i) {
    __builtin_memcpy(emulatedTiles[Tile].bytes[i], static_cast<const char*>(p) + i * stride, 64);
  }
}
template <int Tile>
void storeTile(void* p, int64_t stride) {
  for (int i = 0; i < 16; ++i) {
    __builtin_memcpy(static_cast<char*>(p) + i * stride, emulatedTiles[Tile].bytes[i], 64);
  }
}
template <int C, int A, int B>
void dotTiles() {
  for (int m = 0; m < 16; ++m) {
    for (int n = 0; n < 16; ++n) {
      int32_t sum;
      __builtin_memcpy(&sum, emulatedTiles[C].bytes[m] + 4 * n, 4);
      for (int k = 0; k < 64; ++k) {
        sum += emulatedTiles[A].bytes[m][k] * emulatedTiles[B].bytes[k / 4][4 * n + k % 4];
      }
      __builtin_memcpy(emulatedTiles[C].bytes[m] + 4 * n, &sum, 4);
    }
  }
}
#else
// Not the intrinsics of immintrin.h: those of GCC 12 do not say that they read memory, so that stores
// which only a tile sees were dropped.

/// Before any other on a thread, for tiles of full size; release when done, so that the system need
/// not save them any longer. The process must have asked for tiles (base/isa.h).
inline void configureTiles() {
  struct {  // Intel SDM vol. 1 §18.3: palette 1
    uint8_t palette = 1, startRow = 0, reserved[14] = {};
    uint16_t rowBytes[16] = {64, 64, 64, 64, 64, 64, 64, 64};
    uint8_t rows[16] = {16, 16, 16, 16, 16, 16, 16, 16};
  } const config;
  static_assert(sizeof config == 64);
  __asm__ volatile("ldtilecfg %0" ::"m"(config));
}
inline void releaseTiles() { __asm__ volatile("tilerelease"); }
template <int Tile>
inline void loadTile(const void* p, int64_t stride) {
  __asm__ volatile("tileloadd (%1,%2,1), %%tmm%c0" ::"i"(Tile), "r"(p), "r"(stride) : "memory");
}
template <int Tile>
inline void storeTile(void* p, int64_t stride) {
  __asm__ volatile("tilestored %%tmm%c0, (%1,%2,1)" ::"i"(Tile), "r"(p), "r"(stride) : "memory");
}
/// C[m][n] += Σ A[m][k]·B[k/4][n][k%4], s8 by s8 to s32.
template <int C, int A, int B>
inline void dotTiles() {
  __asm__ volatile("tdpbssd %%tmm%c2, %%tmm%c1, %%tmm%c0" ::"i"(C), "i"(A), "i"(B));
}
#endif

}  // namespace
}  // namespace qrt::QRT_ISA_NAMESPACE
