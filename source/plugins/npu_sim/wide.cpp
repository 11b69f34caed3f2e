#include "npu_sim/wide.h"

#include "npu_sim/kernels.h"

namespace npu_sim {
namespace {

#define NPU_SIM_INLINE [[gnu::always_inline]] static inline

NPU_SIM_INLINE void dotBlock(const int16_t* x, const int16_t* w, int64_t stride, int32_t* sums) {
  int32_t s[16] = {};
  for (int64_t i = 0; i < stride; ++i) {
    for (int p = 0; p < 4; ++p) {
      for (int o = 0; o < 4; ++o) s[p * 4 + o] += int32_t{x[p * stride + i]} * w[o * stride + i];
    }
  }
  for (int k = 0; k < 16; ++k) sums[k] = s[k];
}

NPU_SIM_INLINE void addProducts(const int8_t* __restrict x, int32_t zeroPoint, const int16_t* __restrict w,
                                int64_t count, int32_t* __restrict sums) {
  for (int64_t c = 0; c < count; ++c) sums[c] += (x[c] - zeroPoint) * w[c];
}

NPU_SIM_INLINE void storeRow(const StoreArgs& a, const Range& to) {
  // Nothing here is in the same memory, which the compiler cannot know of bytes.
  const int32_t* __restrict sums = a.sums;
  const float* __restrict multipliers = a.multipliers;
  const int8_t* __restrict residual = a.residual;
  int8_t* __restrict dst = a.dst;
  const Range range = to;
  const int32_t zero = a.residualZero;
  const float factor = a.residualMultiplier;
  const int64_t count = a.count;
  if (residual == nullptr) {
    for (int64_t i = 0; i < count; ++i) {
      dst[i] = requantize(static_cast<float>(sums[i]) * multipliers[i], range);
    }
    return;
  }
  for (int64_t i = 0; i < count; ++i) {
    const float rest = static_cast<float>(residual[i] - zero) * factor;
    dst[i] = requantize(static_cast<float>(sums[i]) * multipliers[i] + rest, range);
  }
}

// The same loops for one kind of machine.
#define NPU_SIM_LOOPS(suffix, target)                                                                        \
  target void dotBlock##suffix(const int16_t* x, const int16_t* w, int64_t stride, int32_t* sums) {          \
    dotBlock(x, w, stride, sums);                                                                            \
  }                                                                                                          \
  target void addProducts##suffix(const int8_t* x, int32_t zero, const int16_t* w, int64_t n, int32_t* s) {  \
    addProducts(x, zero, w, n, s);                                                                           \
  }                                                                                                          \
  target void storeRow##suffix(const StoreArgs& args, const Range& range) { storeRow(args, range); }         \
  constexpr WideLoops kLoops##suffix = {dotBlock##suffix, addProducts##suffix, storeRow##suffix}

NPU_SIM_LOOPS(Base, );
#if defined(__x86_64__)
NPU_SIM_LOOPS(Avx2, __attribute__((target("avx2"))));
#if defined(__clang__)
NPU_SIM_LOOPS(Avx512, __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq"))));
#else
NPU_SIM_LOOPS(Avx512, __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,prefer-vector-width=512"))));
#endif
#endif

}  // namespace

const WideLoops& wideLoops() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq")) return kLoopsAvx512;
  if (__builtin_cpu_supports("avx2")) return kLoopsAvx2;
#endif
  return kLoopsBase;
}

}  // namespace npu_sim
