// Orders of dims. A Perm p turns a tensor x into Transpose(x, p): dim i of the result is dim p[i]
// of x.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "graph/graph.h"

namespace qrt {

using Perm = std::vector<int64_t>;

inline Perm identityPerm(int rank) {
  Perm perm(static_cast<size_t>(rank));
  for (size_t i = 0; i < perm.size(); ++i) perm[i] = static_cast<int64_t>(i);
  return perm;
}

inline bool isIdentity(const Perm& perm) {
  for (size_t i = 0; i < perm.size(); ++i) {
    if (perm[i] != static_cast<int64_t>(i)) return false;
  }
  return true;
}

/// Transpose(Transpose(x, first), second) = Transpose(x, compose(first, second)).
inline Perm compose(const Perm& first, const Perm& second) {
  Perm result(second.size());
  for (size_t i = 0; i < second.size(); ++i) result[i] = first[static_cast<size_t>(second[i])];
  return result;
}

inline Perm inverse(const Perm& perm) {
  Perm result(perm.size());
  for (size_t i = 0; i < perm.size(); ++i) {
    result[static_cast<size_t>(perm[i])] = static_cast<int64_t>(i);
  }
  return result;
}

/// Where dim `axis` of x is in Transpose(x, perm).
inline int64_t positionOf(const Perm& perm, int64_t axis) {
  return inverse(perm)[static_cast<size_t>(axis)];
}

/// The order of the dims for which keep[dim] holds, counted among themselves.
Perm restrictPerm(const Perm& perm, const std::vector<bool>& keep);
/// The order of keep.size() dims in which those kept follow `perm` and the others stay in place.
Perm extendPerm(const Perm& perm, const std::vector<bool>& keep);

/// `perm` without the dims that are 1. Transposed tensors for which it is the same have their
/// elements in the same order.
Perm dimsNotOne(const Perm& perm, const Shape& shape);
/// True if the dims of `shape` that are not 1 keep their order: no element moves.
bool movesNothing(const Perm& perm, const Shape& shape);

/// Transpose(shape, perm).
Shape permuted(const Shape& shape, const Perm& perm);
/// values[perm[0]], values[perm[1]], …
template <class T>
std::vector<T> permuted(const std::vector<T>& values, const Perm& perm) {
  std::vector<T> result;
  for (const int64_t dim : perm) result.push_back(values[static_cast<size_t>(dim)]);
  return result;
}

/// Transposes bytes of known shape.
ConstantData permutedBytes(std::span<const std::byte> bytes, size_t elementSize, const Shape& shape,
                           const Perm& perm);

}  // namespace qrt
