// Checks that shape rules share. Everything they look at may come from an untrusted file.
#pragma once

#include <initializer_list>

#include "graph/op.h"

namespace qrt {

/// Dim `axis` of a shape, unknown where the rank is.
inline int64_t dimOf(const Shape& shape, int axis) {
  return shape.ranked() ? shape[axis] : Shape::kUnknown;
}

/// Fails unless input `i` has that rank, or none yet. `layout` says what was wanted: "[N,H,W,C]".
Status requireRank(const InferContext& ctx, size_t i, int rank, const char* layout);

/// Fails, saying "<what> is <found>, wanted <wanted>", unless the dims agree or one is unknown.
Status requireDim(const char* what, int64_t found, int64_t wanted);

/// Fails unless all inputs that are present have input 0's dtype.
Status requireOneDType(const InferContext& ctx);

/// Fails if a parameter is NaN, or if the tensor is not of floats and there is an activation.
Status checkActivation(const Activation& activation, DType dtype);

/// The product, or the largest int64_t if it is more; factors ≥ 0.
int64_t saturatingProduct(std::initializer_list<int64_t> factors);

}  // namespace qrt
