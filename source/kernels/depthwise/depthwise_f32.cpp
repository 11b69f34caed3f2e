#include "kernels/depthwise/depthwise_f32.h"

#include "kernels/isa_table.h"

namespace qrt {

#define QRT_DECLARE(level)                       \
  namespace level {                              \
  extern const DepthwiseKernelF32 kDepthwiseF32; \
  }
QRT_FLOAT_LEVELS(QRT_DECLARE)
#undef QRT_DECLARE

std::span<const DepthwiseKernelF32* const> depthwiseKernelsF32() {
#define QRT_ENTRY(level) &level::kDepthwiseF32,
  static constexpr const DepthwiseKernelF32* kernels[] = {QRT_FLOAT_LEVELS(QRT_ENTRY)};
#undef QRT_ENTRY
  return kernels;
}

const DepthwiseKernelF32& depthwiseKernelF32(IsaLevel level) {
  return selectKernel(depthwiseKernelsF32(), level);
}

void packDepthwiseF32(const float* weights, int64_t c, int64_t taps, float* packed) {
  for (int64_t t = 0; t < taps; ++t) {
    for (int64_t i = 0; i < c; ++i) *packed++ = weights[i * taps + t];
  }
}

}  // namespace qrt
