// The 2-D transpose under Transpose layers, for elements of 1, 2, 4 or 8 bytes.
#pragma once

#include <cstddef>
#include <cstdint>

namespace qrt {

/// True for the element sizes that transpose2d() does.
constexpr bool canTranspose(int64_t elementBytes) {
  return elementBytes == 1 || elementBytes == 2 || elementBytes == 4 || elementBytes == 8;
}

/// Rows of dst that are best done together: split work at multiples of it.
inline constexpr int64_t kTransposeRows = 16;

/// dst[r][c] = src[c][r]: element (r, c) is at dst + r·dstRow + c·elementBytes and at
/// src + c·srcRow + r·elementBytes. Strides in bytes, srcRow may be negative.
void transpose2d(int64_t elementBytes, const std::byte* src, int64_t srcRow, std::byte* dst,
                 int64_t dstRow, int64_t rows, int64_t cols);

}  // namespace qrt
