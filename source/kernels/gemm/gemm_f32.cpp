// The table of levels, and the packer, which is the same for all of them.
#include "kernels/gemm/gemm_f32.h"

#include <algorithm>
#include <cstring>

#include "kernels/isa_table.h"

namespace qrt {

#define QRT_DECLARE(level)             \
  namespace level {                    \
  extern const GemmKernelF32 kGemmF32; \
  }
QRT_FLOAT_LEVELS(QRT_DECLARE)
#undef QRT_DECLARE

std::span<const GemmKernelF32* const> gemmKernelsF32() {
#define QRT_ENTRY(level) &level::kGemmF32,
  static constexpr const GemmKernelF32* kernels[] = {QRT_FLOAT_LEVELS(QRT_ENTRY)};
#undef QRT_ENTRY
  return kernels;
}

const GemmKernelF32& gemmKernelF32(IsaLevel level) { return selectKernel(gemmKernelsF32(), level); }

void packPanelsF32(const GemmBLayout& layout, const float* b, int nr, int64_t first, int64_t last,
                   float* panels) {
  const auto taps = static_cast<int64_t>(layout.tapOffsets.size());
  float* out = panels + first * nr * taps * layout.k;
  for (int64_t panel = first; panel < last; ++panel) {
    const int64_t columns = std::min<int64_t>(nr, layout.n - panel * nr);
    for (const int64_t tapOffset : layout.tapOffsets) {
      const float* src = b + tapOffset + panel * nr * layout.nStride;
      for (int64_t k = 0; k < layout.k; ++k, src += layout.kStride, out += nr) {
        if (layout.nStride == 1) {
          std::memcpy(out, src, static_cast<size_t>(columns) * sizeof(float));
        } else {
          for (int64_t j = 0; j < columns; ++j) out[j] = src[j * layout.nStride];
        }
        std::fill(out + columns, out + nr, 0.0f);
      }
    }
  }
}

}  // namespace qrt
