#include "graph/ops/strided.h"

namespace qrt {
namespace {

template <class T>
void copy(std::span<const int64_t> dims, T* dst, const IntList& dstStrides, const T* src,
          const IntList& srcStrides) {
  forEachRow<2>(dims, {dstStrides, srcStrides},
                [&](int64_t count, const auto& at, const auto& step) {
                  if (step[0] == 1 && step[1] == 1) {
                    std::copy_n(src + at[1], count, dst + at[0]);
                    return;
                  }
                  for (int64_t i = 0; i < count; ++i) {
                    dst[at[0] + i * step[0]] = src[at[1] + i * step[1]];
                  }
                });
}

template <class T>
void copyAs(std::span<const int64_t> dims, void* dst, const IntList& dstStrides, const void* src,
            const IntList& srcStrides) {
  copy(dims, static_cast<T*>(dst), dstStrides, static_cast<const T*>(src), srcStrides);
}

}  // namespace

void copyStrided(size_t elementSize, std::span<const int64_t> dims, void* dst,
                 const IntList& dstStrides, const void* src, const IntList& srcStrides) {
  switch (elementSize) {
    case 1:
      return copyAs<uint8_t>(dims, dst, dstStrides, src, srcStrides);
    case 2:
      return copyAs<uint16_t>(dims, dst, dstStrides, src, srcStrides);
    case 4:
      return copyAs<uint32_t>(dims, dst, dstStrides, src, srcStrides);
    default:
      return copyAs<uint64_t>(dims, dst, dstStrides, src, srcStrides);
  }
}

}  // namespace qrt
