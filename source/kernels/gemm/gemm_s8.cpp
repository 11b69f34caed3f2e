// The table of levels, and the packer, which is the same for all of them.
#include "kernels/gemm/gemm_s8.h"

#include <algorithm>
#include <cstring>

#include "kernels/isa_table.h"

namespace qrt {

#define QRT_DECLARE(level)           \
  namespace level {                  \
  extern const GemmKernelS8 kGemmS8; \
  }
QRT_INT8_LEVELS(QRT_DECLARE)
#undef QRT_DECLARE

std::span<const GemmKernelS8* const> gemmKernelsS8() {
#define QRT_ENTRY(level) &level::kGemmS8,
  static constexpr const GemmKernelS8* kernels[] = {QRT_INT8_LEVELS(QRT_ENTRY)};
#undef QRT_ENTRY
  return kernels;
}

const GemmKernelS8& gemmKernelS8(IsaLevel level, int64_t products) {
  // Tiles multiply 64 deep, whatever is in them, and their sums go through memory.
  constexpr int64_t kShallow = 48;
  if (level == IsaLevel::amx && (products <= kShallow || !askForTiles())) {
    level = IsaLevel::avx512vnni;
  }
  return selectKernel(gemmKernelsS8(), level);
}

bool packPanelS8(const GemmBLayoutS8& layout, const int8_t* b, const GemmKernelS8& kernel,
                 int64_t index, int64_t depth, int8_t* panel, int32_t* sums) {
  const int64_t nr = kernel.nr, kr = kernel.kr;
  const int64_t columns = std::min<int64_t>(nr, layout.n - index * nr);
  b += index * nr * layout.nStride;
  std::memset(panel, 0, static_cast<size_t>(depth * nr));
  std::fill_n(sums, nr, 0);
  int8_t least = 0;
  // Where column 0 of k goes; in the next group after kr of them.
  int64_t lane = 0;
  int8_t* out = panel;
  const auto next = [&] {
    ++out;
    if (++lane == kr) {
      lane = 0;
      out += (nr - 1) * kr;
    }
  };
  if (layout.nStride == 1) {
    for (const int64_t tapOffset : layout.tapOffsets) {
      for (int64_t k = 0; k < layout.k; ++k, next()) {
        const int8_t* src = b + tapOffset + k * layout.kStride;
        for (int64_t j = 0; j < columns; ++j) {
          out[j * kr] = src[j];
          sums[j] += src[j];
          least = std::min(least, src[j]);
        }
      }
    }
    return least == -128;
  }
  for (int64_t j = 0; j < columns; ++j, b += layout.nStride) {
    out = panel + j * kr;
    lane = 0;
    for (const int64_t tapOffset : layout.tapOffsets) {
      const int8_t* src = b + tapOffset;
      for (int64_t k = 0; k < layout.k; ++k, next()) {
        const int8_t value = src[k * layout.kStride];
        *out = value;
        sums[j] += value;
        least = std::min(least, value);
      }
    }
  }
  return least == -128;
}

}  // namespace qrt
