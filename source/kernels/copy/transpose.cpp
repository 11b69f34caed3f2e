// Bands of 16 destination rows: 16 elements of 4 bytes are one cache line of each source row, so
// every line that is read is used up at once, and 16 rows are written in step, front to back. Inside
// a band, tiles of 4×4 elements of 4 bytes go through registers as two rounds of interleaving:
//
//   a0 a1 a2 a3                a0 c0 a1 c1                a0 b0 c0 d0
//   b0 b1 b2 b3   a,c and b,d  b0 d0 b1 d1   1,2 and 3,4  a1 b1 c1 d1
//   c0 c1 c2 c3   interleaved  a2 c2 a3 c3   interleaved  a2 b2 c2 d2
//   d0 d1 d2 d3                b2 d2 b3 d3                a3 b3 c3 d3
//
// 128-bit vectors are enough to keep up with memory, so this is portable code (compiler vector types)
// and not built per ISA level.
#include "kernels/copy/transpose.h"

#include <algorithm>
#include <cstring>

namespace qrt {
namespace {

using U32x4 = uint32_t __attribute__((vector_size(16)));

U32x4 load4(const std::byte* p) {
  U32x4 v;
  std::memcpy(&v, p, sizeof v);
  return v;
}

void store4(std::byte* p, U32x4 v) { std::memcpy(p, &v, sizeof v); }

// One 4×4 tile of 4-byte elements.
void transposeTile4x4(const std::byte* src, int64_t srcRow, std::byte* dst, int64_t dstRow) {
  const U32x4 a = load4(src);
  const U32x4 b = load4(src + srcRow);
  const U32x4 c = load4(src + 2 * srcRow);
  const U32x4 d = load4(src + 3 * srcRow);
  const U32x4 ac0 = __builtin_shufflevector(a, c, 0, 4, 1, 5);
  const U32x4 ac1 = __builtin_shufflevector(a, c, 2, 6, 3, 7);
  const U32x4 bd0 = __builtin_shufflevector(b, d, 0, 4, 1, 5);
  const U32x4 bd1 = __builtin_shufflevector(b, d, 2, 6, 3, 7);
  store4(dst, __builtin_shufflevector(ac0, bd0, 0, 4, 1, 5));
  store4(dst + dstRow, __builtin_shufflevector(ac0, bd0, 2, 6, 3, 7));
  store4(dst + 2 * dstRow, __builtin_shufflevector(ac1, bd1, 0, 4, 1, 5));
  store4(dst + 3 * dstRow, __builtin_shufflevector(ac1, bd1, 2, 6, 3, 7));
}

// Columns [begin, begin + Cols) one element at a time.
template <class T, int Cols>
void transposeColumns(const std::byte* src, int64_t srcRow, std::byte* dst, int64_t dstRow,
                      int64_t rows) {
  for (int64_t r = 0; r < rows; ++r) {
    for (int c = 0; c < Cols; ++c) {
      std::memcpy(dst + r * dstRow + c * int64_t{sizeof(T)},
                  src + c * srcRow + r * int64_t{sizeof(T)}, sizeof(T));
    }
  }
}

template <class T>
void transposeScalar(const std::byte* src, int64_t srcRow, std::byte* dst, int64_t dstRow,
                     int64_t rows, int64_t cols) {
  constexpr int64_t kSize = sizeof(T);
  int64_t c = 0;
  for (; c + 4 <= cols; c += 4) {
    transposeColumns<T, 4>(src + c * srcRow, srcRow, dst + c * kSize, dstRow, rows);
  }
  src += c * srcRow;
  dst += c * kSize;
  switch (cols - c) {
    case 3: transposeColumns<T, 3>(src, srcRow, dst, dstRow, rows); break;
    case 2: transposeColumns<T, 2>(src, srcRow, dst, dstRow, rows); break;
    case 1: transposeColumns<T, 1>(src, srcRow, dst, dstRow, rows); break;
    default: break;
  }
}

template <class T>
void transposeBand(const std::byte* src, int64_t srcRow, std::byte* dst, int64_t dstRow,
                   int64_t rows, int64_t cols) {
  if constexpr (sizeof(T) == 4) {
    const int64_t tileRows = rows / 4 * 4;
    const int64_t tileCols = cols / 4 * 4;
    for (int64_t c = 0; c < tileCols; c += 4) {
      for (int64_t r = 0; r < tileRows; r += 4) {
        transposeTile4x4(src + c * srcRow + r * 4, srcRow, dst + r * dstRow + c * 4, dstRow);
      }
    }
    transposeScalar<T>(src + tileRows * 4, srcRow, dst + tileRows * dstRow, dstRow, rows - tileRows,
                       tileCols);
    transposeScalar<T>(src + tileCols * srcRow, srcRow, dst + tileCols * 4, dstRow, rows,
                       cols - tileCols);
  } else {
    transposeScalar<T>(src, srcRow, dst, dstRow, rows, cols);
  }
}

template <class T>
void transposeBands(const std::byte* src, int64_t srcRow, std::byte* dst, int64_t dstRow,
                    int64_t rows, int64_t cols) {
  constexpr int64_t kSize = sizeof(T);
  for (int64_t r = 0; r < rows; r += kTransposeRows) {
    transposeBand<T>(src + r * kSize, srcRow, dst + r * dstRow, dstRow,
                     std::min(kTransposeRows, rows - r), cols);
  }
}

}  // namespace

void transpose2d(int64_t elementBytes, const std::byte* src, int64_t srcRow, std::byte* dst,
                 int64_t dstRow, int64_t rows, int64_t cols) {
  switch (elementBytes) {
    case 1: return transposeBands<uint8_t>(src, srcRow, dst, dstRow, rows, cols);
    case 2: return transposeBands<uint16_t>(src, srcRow, dst, dstRow, rows, cols);
    case 4: return transposeBands<uint32_t>(src, srcRow, dst, dstRow, rows, cols);
    default: return transposeBands<uint64_t>(src, srcRow, dst, dstRow, rows, cols);
  }
}

}  // namespace qrt
