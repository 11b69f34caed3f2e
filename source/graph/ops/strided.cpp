#include "graph/ops/strided.h"

namespace qrt {

void copyStrided(size_t elementSize, std::span<const int64_t> dims, void* dst,
                 const IntList& dstStrides, const void* src, const IntList& srcStrides) {
  visitSize(elementSize, [&]<class T>() {
    const auto copyRow = [&](int64_t count, const auto& at, const auto& step) {
      T* to = static_cast<T*>(dst) + at[0];
      const T* from = static_cast<const T*>(src) + at[1];
      if (step[0] == 1 && step[1] == 1) {
        std::copy_n(from, count, to);
        return;
      }
      for (int64_t i = 0; i < count; ++i) to[i * step[0]] = from[i * step[1]];
    };
    forEachRow<2>(dims, {dstStrides, srcStrides}, copyRow);
  });
}

}  // namespace qrt
