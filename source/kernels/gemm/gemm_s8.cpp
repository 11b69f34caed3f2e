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

const GemmKernelS8& gemmKernelS8(IsaLevel level) {
  if (level == IsaLevel::amx && !askForTiles()) level = IsaLevel::avx512vnni;
  return selectKernel(gemmKernelsS8(), level);
}

bool packPanelS8(const GemmBLayoutS8& layout, const int8_t* b, const GemmKernelS8& kernel,
                 int64_t index, int64_t depth, int8_t* panel, int32_t* sums) {
  const int64_t nr = kernel.nr, kr = kernel.kr;
  const int64_t columns = std::min<int64_t>(nr, layout.n - index * nr);
  std::memset(panel, 0, static_cast<size_t>(depth * nr));
  std::fill_n(sums, nr, 0);
  bool wide = false;
  for (int64_t j = 0; j < columns; ++j) {
    const int8_t* column = b + (index * nr + j) * layout.nStride;
    int64_t at = 0;
    int32_t sum = 0;
    for (const int64_t tapOffset : layout.tapOffsets) {
      const int8_t* src = column + tapOffset;
      for (int64_t k = 0; k < layout.k; ++k, ++at) {
        const int8_t value = src[k * layout.kStride];
        panel[(at / kr * nr + j) * kr + at % kr] = value;
        sum += value;
        wide |= value == -128;
      }
    }
    sums[j] = sum;
  }
  return wide;
}

}  // namespace qrt
