#include "passes/permutation.h"

#include <algorithm>
#include <cstring>

#include "base/aligned_buffer.h"

namespace qrt {

Perm restrictPerm(const Perm& perm, const std::vector<bool>& keep) {
  std::vector<int64_t> number(keep.size());
  int64_t next = 0;
  for (size_t i = 0; i < keep.size(); ++i) number[i] = keep[i] ? next++ : -1;
  Perm result;
  for (const int64_t dim : perm) {
    if (keep[static_cast<size_t>(dim)]) result.push_back(number[static_cast<size_t>(dim)]);
  }
  return result;
}

Perm extendPerm(const Perm& perm, const std::vector<bool>& keep) {
  std::vector<int64_t> kept;
  for (size_t i = 0; i < keep.size(); ++i) {
    if (keep[i]) kept.push_back(static_cast<int64_t>(i));
  }
  Perm result = identityPerm(static_cast<int>(keep.size()));
  size_t next = 0;
  for (size_t i = 0; i < keep.size(); ++i) {
    if (keep[i]) result[i] = kept[static_cast<size_t>(perm[next++])];
  }
  return result;
}

Perm dimsNotOne(const Perm& perm, const Shape& shape) {
  Perm result;
  for (const int64_t dim : perm) {
    if (!shape.ranked() || shape[static_cast<int>(dim)] != 1) result.push_back(dim);
  }
  return result;
}

bool movesNothing(const Perm& perm, const Shape& shape) {
  const Perm dims = dimsNotOne(perm, shape);
  return std::is_sorted(dims.begin(), dims.end());
}

Shape permuted(const Shape& shape, const Perm& perm) {
  if (!shape.ranked()) return Shape::filled(static_cast<int>(perm.size()), Shape::kUnknown);
  Shape result = shape;
  for (size_t i = 0; i < perm.size(); ++i) {
    result[static_cast<int>(i)] = shape[static_cast<int>(perm[i])];
  }
  return result;
}

ConstantData permutedBytes(std::span<const std::byte> bytes, size_t elementSize, const Shape& shape,
                           const Perm& perm) {
  if (bytes.empty() || perm.empty()) return ConstantData::copyOf(bytes);
  auto buffer = AlignedBuffer::shared(bytes.size());
  const size_t rank = perm.size();
  std::vector<size_t> strides(rank);  // of the source, in bytes
  size_t stride = elementSize;
  for (size_t i = rank; i-- > 0;) {
    strides[i] = stride;
    stride *= static_cast<size_t>(shape[static_cast<int>(i)]);
  }
  std::vector<int64_t> index(rank);  // of the result, like an odometer
  size_t src = 0;
  for (size_t dst = 0; dst < bytes.size(); dst += elementSize) {
    std::memcpy(buffer->data() + dst, bytes.data() + src, elementSize);
    for (size_t i = rank; i-- > 0;) {
      const auto from = static_cast<size_t>(perm[i]);
      src += strides[from];
      if (++index[i] < shape[static_cast<int>(from)]) break;
      src -= strides[from] * static_cast<size_t>(index[i]);
      index[i] = 0;
    }
  }
  const std::span<const std::byte> result(buffer->data(), buffer->size());
  return {std::move(buffer), result};
}

}  // namespace qrt
