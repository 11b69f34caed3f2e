// Where Resize reads: the sizes and the coordinate transform of each dim, for its reference kernel
// and for the kernels of backends.
#pragma once

#include <array>

#include "base/error.h"
#include "graph/attributes.h"
#include "qrt/tensor.h"

namespace qrt {

/// One dim of a Resize.
struct ResizeAxis {
  int64_t in = Shape::kUnknown;
  int64_t out = Shape::kUnknown;
  bool identity = false;  ///< output index i reads input index i exactly
  /// source(i) = (i + shift)·numerator/denominator − offset. A fraction and not a scale, so that
  /// exact ratios of sizes give exact coordinates.
  double shift = 0, numerator = 1, denominator = 1, offset = 0;

  /// The input coordinate of output index `i`; may lie up to one outside of [0, in).
  double source(int64_t i) const {
    return (static_cast<double>(i) + shift) * numerator / denominator - offset;
  }
};

/// 1 in the fixed-point weights of linear int8 Resize.
inline constexpr int32_t kResizeOne = 2048;

/// What output index `i` of an axis reads in linear int8 Resize; the weights add up to kResizeOne.
struct FixedTap {
  int64_t low, high;
  int32_t lowWeight, highWeight;
};
FixedTap fixedTap(const ResizeAxis& axis, int64_t i);

using ResizeAxes = std::array<ResizeAxis, Shape::kMaxRank>;

/// The dims of a Resize of `in` (unknown dims give unknown ones) by `scales` (f32) or to `sizes`
/// (s64 or s32), one of which has data. Fails where a scale, a size or their number is out of
/// range.
Result<ResizeAxes> resizeAxes(ResizeCoordinates coordinates, const Shape& in,
                              const ConstTensorView& scales, const ConstTensorView& sizes);

}  // namespace qrt
