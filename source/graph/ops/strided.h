// Walks over row-major tensors by strides: broadcasting, transposing, slicing and tiling are all
// one loop with other strides. Nothing here allocates.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>

#include "base/error.h"
#include "qrt/tensor.h"

namespace qrt {

/// A short list of numbers without heap memory: dims, strides, the values of a parameter.
class IntList {
 public:
  /// Twice the largest rank: Pad has two numbers per dim, Tile walks two dims per dim.
  static constexpr int kCapacity = 2 * Shape::kMaxRank;

  IntList() = default;
  IntList(std::initializer_list<int64_t> values)
      : IntList(std::span(values.begin(), values.size())) {}
  /// At most kCapacity values.
  explicit IntList(std::span<const int64_t> values) {
    for (const int64_t value : values) append(value);
  }

  int size() const { return size_; }
  void append(int64_t value) {
    QRT_CHECK(size_ < kCapacity);
    values_[static_cast<size_t>(size_++)] = value;
  }
  int64_t operator[](int i) const { return values_[static_cast<size_t>(i)]; }
  int64_t& operator[](int i) { return values_[static_cast<size_t>(i)]; }
  const int64_t* begin() const { return values_.data(); }
  const int64_t* end() const { return values_.data() + size_; }
  operator std::span<const int64_t>() const { return {begin(), end()}; }

 private:
  std::array<int64_t, kCapacity> values_{};
  int size_ = 0;
};

/// Product of dims [from, to) of a shape that is known and was checked.
inline int64_t product(const Shape& shape, int from, int to) {
  int64_t result = 1;
  for (int axis = from; axis < to; ++axis) result *= shape[axis];
  return result;
}

/// Strides in elements of a dense tensor.
inline IntList denseStrides(std::span<const int64_t> dims) {
  IntList strides{dims};
  int64_t stride = 1;
  for (int axis = strides.size() - 1; axis >= 0; --axis) {
    const int64_t dim = strides[axis];
    strides[axis] = stride;
    stride *= dim;
  }
  return strides;
}

/// Strides that read a dense tensor of shape `from` as if it were broadcast to `to`.
inline IntList broadcastStrides(const Shape& from, const Shape& to) {
  const IntList dense = denseStrides(from.dims());
  const int lead = to.rank() - from.rank();
  IntList strides;
  for (int axis = 0; axis < to.rank(); ++axis) {
    strides.append(axis < lead || from[axis - lead] == 1 ? 0 : dense[axis - lead]);
  }
  return strides;
}

/// Calls row(count, offsets, steps) for every row (run along the last dim) of `dims` in row-major
/// order: element i of the row is at offsets[k] + i·steps[k] of operand k. Nothing if a dim is 0.
template <size_t N, class Fn>
void forEachRow(std::span<const int64_t> dims, const std::array<IntList, N>& strides, Fn&& row) {
  if (std::find(dims.begin(), dims.end(), 0) != dims.end()) return;
  const int last = static_cast<int>(dims.size()) - 1;
  std::array<int64_t, N> offsets{};
  std::array<int64_t, N> steps{};
  for (size_t k = 0; last >= 0 && k < N; ++k) steps[k] = strides[k][last];
  const int64_t count = last < 0 ? 1 : dims.back();
  std::array<int64_t, IntList::kCapacity> index{};
  for (int axis = 0; axis >= 0;) {
    row(count, offsets, steps);
    for (axis = last - 1; axis >= 0; --axis) {
      const auto a = static_cast<size_t>(axis);
      for (size_t k = 0; k < N; ++k) offsets[k] += strides[k][axis];
      if (++index[a] < dims[a]) break;
      for (size_t k = 0; k < N; ++k) offsets[k] -= strides[k][axis] * dims[a];
      index[a] = 0;
    }
  }
}

/// Calls fn.operator()<T>() with the unsigned T of that many bytes: for ops that only move
/// elements.
template <class Fn>
auto visitSize(size_t elementSize, Fn&& fn) {
  switch (elementSize) {
    case 1:
      return fn.template operator()<uint8_t>();
    case 2:
      return fn.template operator()<uint16_t>();
    case 4:
      return fn.template operator()<uint32_t>();
    default:
      return fn.template operator()<uint64_t>();
  }
}

/// dst[Σ iₐ·dstStrides[a]] = src[Σ iₐ·srcStrides[a]] for every index i of `dims`; strides in
/// elements.
void copyStrided(size_t elementSize, std::span<const int64_t> dims, void* dst,
                 const IntList& dstStrides, const void* src, const IntList& srcStrides);

/// The same with a dense dst.
inline void copyStrided(size_t elementSize, std::span<const int64_t> dims, void* dst,
                        const void* src, const IntList& srcStrides) {
  copyStrided(elementSize, dims, dst, denseStrides(dims), src, srcStrides);
}

/// `data` moved by a number of elements.
inline const void* advance(const void* data, int64_t elements, size_t elementSize) {
  return static_cast<const char*>(data) + elements * static_cast<int64_t>(elementSize);
}
inline void* advance(void* data, int64_t elements, size_t elementSize) {
  return static_cast<char*>(data) + elements * static_cast<int64_t>(elementSize);
}

}  // namespace qrt
