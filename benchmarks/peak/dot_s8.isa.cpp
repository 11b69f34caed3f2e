// A loop of int8 dot products that touches hardly any memory.
#include "simd/level.h"

#if defined(QRT_VECTOR) && defined(__AMX_INT8__)
#include "simd/tiles.h"
#elif defined(QRT_VECTOR) && defined(__ARM_FEATURE_MATMUL_INT8)
#include <arm_neon.h>
#else
#include "simd/dot_s8.h"
#endif

namespace qrt::QRT_ISA_NAMESPACE {

// Returns the multiply-accumulates done.
long dotLoop(long rounds, int32_t* sink);

#if defined(QRT_VECTOR) && defined(__AMX_INT8__)
long dotLoop(long rounds, int32_t* sink) {
  alignas(64) int32_t zeros[256] = {};
  configureTiles();
  loadTile<0>(zeros, 64);
  loadTile<1>(zeros, 64);
  loadTile<2>(zeros, 64);
  loadTile<3>(zeros, 64);
  loadTile<4>(zeros, 64);
  loadTile<5>(zeros, 64);
  loadTile<6>(zeros, 64);
  loadTile<7>(zeros, 64);
  rounds /= 64;
  for (long r = 0; r < rounds; ++r) {
    dotTiles<0, 4, 6>();
    dotTiles<1, 4, 7>();
    dotTiles<2, 5, 6>();
    dotTiles<3, 5, 7>();
  }
  storeTile<0>(zeros, 64);
  releaseTiles();
  sink[0] += zeros[0];
  return rounds * 4 * 16 * 16 * 64;
}
#elif defined(QRT_VECTOR) && defined(__ARM_FEATURE_MATMUL_INT8)
long dotLoop(long rounds, int32_t* sink) {
  constexpr int kChains = 16;
  int32x4_t sums[kChains];
#pragma GCC unroll 16
  for (int i = 0; i < kChains; ++i) sums[i] = vdupq_n_s32(i);
  const int8x16_t a = vdupq_n_s8(static_cast<int8_t>(sink[0]));
  for (long r = 0; r < rounds; ++r) {
#pragma GCC unroll 16
    for (int i = 0; i < kChains; ++i) sums[i] = vmmlaq_s32(sums[i], a, a);
  }
#pragma GCC unroll 16
  for (int i = 0; i < kChains; ++i) sink[0] += vaddvq_s32(sums[i]);
  return rounds * kChains * 32;
}
#else
long dotLoop(long rounds, int32_t* sink) {
  // More chains than latency × units, and with their factors fewer than registers.
#if defined(__AVX512F__) || defined(__ARM_NEON)
  constexpr int kA = 3, kB = 4;
#elif defined(__AVXVNNI__)
  constexpr int kA = 5, kB = 2;
#else
  constexpr int kA = 2, kB = 3;
#endif
  ElementA rows[kA * kStep];
  int8_t columns[kB][2 * kDot * kLanes];
  for (int i = 0; i < kA * kStep; ++i) rows[i] = static_cast<ElementA>(sink[0] + i);
  for (int8_t(&column)[2 * kDot * kLanes] : columns) {
    for (int8_t& value : column) value = static_cast<int8_t>(++sink[1]);
  }
  Ints sums[kA][kB];
  ColumnsB b[kB];
#pragma GCC unroll 8
  for (int j = 0; j < kB; ++j) {
    b[j] = loadColumns(columns[j], kLanes);
#pragma GCC unroll 8
    for (int i = 0; i < kA; ++i) sums[i][j] = broadcastInts(i + j);
  }
  for (long r = 0; r < rounds; ++r) {
    __asm__ volatile("" ::"r"(rows) : "memory");  // else products of pairs leave the loop
#pragma GCC unroll 8
    for (int i = 0; i < kA; ++i) {
      const RowA a = loadRow(rows + i * kStep);
#pragma GCC unroll 8
      for (int j = 0; j < kB; ++j) sums[i][j] = dot<0, false>(sums[i][j], a, b[j]);
    }
  }
  int32_t lanes[kLanes];
#pragma GCC unroll 8
  for (int i = 0; i < kA; ++i) {
#pragma GCC unroll 8
    for (int j = 0; j < kB; ++j) {
      storeInts(lanes, sums[i][j]);
      sink[0] += lanes[0];
    }
  }
  return rounds * kA * kB * kLanes * kDot;
}
#endif

}  // namespace qrt::QRT_ISA_NAMESPACE
