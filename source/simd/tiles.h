// AMX: eight registers of 16 rows × 64 bytes and the products of two of them, all at full size. With
// QRT_EMULATE_TILES the same in plain C++, so that a test of the code above runs anywhere.
//
// For *_s8.isa.cpp files only.
#pragma once

#include <cstdint>

#ifndef QRT_EMULATE_TILES
#include <immintrin.h>
#endif

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
/// Before any other on a thread, for tiles of full size; release when done, so that the system need
/// not save them any longer. The process must have asked for tiles (base/isa.h).
inline void configureTiles() {
  struct {  // Intel SDM vol. 1 §18.3: palette 1
    uint8_t palette = 1, startRow = 0, reserved[14] = {};
    uint16_t rowBytes[16] = {64, 64, 64, 64, 64, 64, 64, 64};
    uint8_t rows[16] = {16, 16, 16, 16, 16, 16, 16, 16};
  } const config;
  static_assert(sizeof config == 64);
  _tile_loadconfig(&config);
}
inline void releaseTiles() { _tile_release(); }
// The intrinsics of GCC 12 are macros that paste the number into the name of a register.
#define QRT_TILE_CASES(X) X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7)
template <int Tile>
inline void loadTile(const void* p, int64_t stride) {
#define QRT_TILE(n) \
  if constexpr (Tile == n) _tile_loadd(n, p, stride);
  QRT_TILE_CASES(QRT_TILE)
#undef QRT_TILE
}
template <int Tile>
inline void storeTile(void* p, int64_t stride) {
#define QRT_TILE(n) \
  if constexpr (Tile == n) _tile_stored(n, p, stride);
  QRT_TILE_CASES(QRT_TILE)
#undef QRT_TILE
}
/// C[m][n] += Σ A[m][k]·B[k/4][n][k%4], s8 by s8 to s32; for the one arrangement that a 2 × 2 block of
/// tiles needs: C in 0 … 3, A in 4 and 5, B in 6 and 7.
template <int C, int A, int B>
inline void dotTiles() {
  static_assert(A == 4 + C / 2 && B == 6 + C % 2);
  if constexpr (C == 0) _tile_dpbssd(0, 4, 6);
  if constexpr (C == 1) _tile_dpbssd(1, 4, 7);
  if constexpr (C == 2) _tile_dpbssd(2, 5, 6);
  if constexpr (C == 3) _tile_dpbssd(3, 5, 7);
}
#endif

}  // namespace
}  // namespace qrt::QRT_ISA_NAMESPACE
