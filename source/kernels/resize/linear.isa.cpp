#include "kernels/resize/linear.h"

#include "kernels/isa_table.h"
#include "simd/vec.h"

namespace qrt::QRT_ISA_NAMESPACE {
namespace {

void linearRow(const LinearRow& row) {
  for (int64_t i = 0; i < row.pixels; ++i) {
    const LinearTap& tap = row.columns[i];
    const VecF topFirst = broadcast(row.topWeight * tap.firstWeight);
    const VecF topSecond = broadcast(row.topWeight * tap.secondWeight);
    const VecF bottomFirst = broadcast(row.bottomWeight * tap.firstWeight);
    const VecF bottomSecond = broadcast(row.bottomWeight * tap.secondWeight);
    const float* const a = row.top + tap.first;
    const float* const b = row.top + tap.second;
    const float* const c = row.bottom + tap.first;
    const float* const d = row.bottom + tap.second;
    float* const y = row.y + i * row.channels;
    const auto blend = [&](auto get) {
      const VecF top = fma(get(b), topSecond, get(a) * topFirst);
      return fma(get(d), bottomSecond, fma(get(c), bottomFirst, top));
    };
    int64_t k = 0;
    for (; k + kLanes <= row.channels; k += kLanes) {
      store(y + k, blend([k](const float* p) { return load(p + k); }));
    }
    const int rest = static_cast<int>(row.channels - k);
    if (rest > 0) {
      const VecF v = blend([k, rest](const float* p) { return loadPartial(p + k, rest); });
      storePartial(y + k, v, rest);
    }
  }
}

}  // namespace

extern const LinearKernels kLinearKernels;
const LinearKernels kLinearKernels = {QRT_THIS_ISA, linearRow};

}  // namespace qrt::QRT_ISA_NAMESPACE
