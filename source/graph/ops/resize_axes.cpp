// The sizes and coordinate transforms of Resize.
#include <algorithm>
#include <cmath>

#include "graph/ops/resize.h"
#include "graph/ops/shape_rules.h"

namespace qrt {
namespace {

// Sets out and the ratio input/output from a scale. A scale that is the float nearest to out/in
// stands for that fraction: so 5/3 written as a float does not miss a pixel by an ulp.
Status applyScale(ResizeAxis& axis, float scale) {
  if (!(scale > 0) || !std::isfinite(scale)) return invalidArgument("scale ", scale);
  axis.identity = scale == 1;
  axis.denominator = double{scale};
  if (axis.in == Shape::kUnknown) return {};
  const float out = std::floor(static_cast<float>(axis.in) * scale);
  if (out > static_cast<float>(kMaxDim)) {
    return invalidArgument("scale ", scale, " of a dimension of ", axis.in, " is too large");
  }
  axis.out = axis.identity ? axis.in : static_cast<int64_t>(out);
  if (static_cast<float>(axis.out) / static_cast<float>(axis.in) == scale) {
    axis.numerator = static_cast<double>(axis.in);
    axis.denominator = static_cast<double>(axis.out);
  }
  return {};
}

Status applySize(ResizeAxis& axis, int64_t size) {
  if (size < 0 || size > kMaxDim) return invalidArgument("size ", size);
  axis.out = size;
  axis.identity = size == axis.in;
  axis.numerator = static_cast<double>(axis.in);
  axis.denominator = static_cast<double>(size);
  return {};
}

void applyCoordinates(ResizeAxis& axis, ResizeCoordinates coordinates) {
  switch (coordinates) {
    case ResizeCoordinates::pytorchHalfPixel:
      if (axis.out == 1) {
        axis.numerator = 0;
        return;
      }
      [[fallthrough]];
    case ResizeCoordinates::halfPixel:
      axis.shift = axis.offset = 0.5;
      return;
    case ResizeCoordinates::tfHalfPixelForNearest:
      axis.shift = 0.5;
      axis.identity = false;
      return;
    case ResizeCoordinates::alignCorners:
      axis.numerator = axis.out == 1 ? 0 : static_cast<double>(axis.in - 1);
      axis.denominator = axis.out == 1 ? 1 : static_cast<double>(axis.out - 1);
      return;
    case ResizeCoordinates::asymmetric:
      return;
  }
}

}  // namespace

FixedTap fixedTap(const ResizeAxis& axis, int64_t i) {
  if (axis.identity) return {i, i, kResizeOne, 0};
  const double x = axis.source(i);
  const double base = std::floor(x);
  const auto high = static_cast<int32_t>(std::nearbyint((x - base) * kResizeOne));
  const auto inside = [&](double at) {
    return std::clamp<int64_t>(static_cast<int64_t>(at), 0, axis.in - 1);
  };
  return {inside(base), inside(base + 1), kResizeOne - high, high};
}

Result<ResizeAxes> resizeAxes(ResizeCoordinates coordinates, const Shape& in,
                              const ConstTensorView& scales, const ConstTensorView& sizes) {
  ResizeAxes axes;
  const bool scaled = scales.data != nullptr;
  IntList wanted;
  if (!scaled) {
    QRT_ASSIGN_OR_RETURN(wanted, readInts(sizes));
  }
  const int64_t count = scaled ? scales.shape.elements() : wanted.size();
  if (count != in.rank()) {
    return invalidArgument(count, scaled ? " scales" : " sizes", " for shape ", in.toString());
  }
  for (int i = 0; i < in.rank(); ++i) {
    ResizeAxis& axis = axes[static_cast<size_t>(i)];
    axis.in = in[i];
    QRT_RETURN_IF_ERROR(annotate(scaled
                                     ? applyScale(axis, static_cast<const float*>(scales.data)[i])
                                     : applySize(axis, wanted[i]),
                                 "dimension ", i));
    if (axis.in == 0 && axis.out > 0) {
      return invalidArgument("dimension ", i, " is empty and cannot grow to ", axis.out);
    }
    applyCoordinates(axis, coordinates);
  }
  return axes;
}

}  // namespace qrt
