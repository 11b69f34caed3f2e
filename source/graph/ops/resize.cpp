// Resize: x, scales? or sizes? → nearest, linear or cubic interpolation along every dim whose size
// changes. Coordinates and weights are those of the ONNX operator reference, Resize-13; results on
// integers are rounded to nearest even.
#include "graph/ops/resize.h"

#include <cmath>

#include "graph/ops/convert.h"
#include "graph/ops/ops.h"
#include "graph/ops/shape_rules.h"

namespace qrt {
namespace {

bool isGiven(const InferContext& ctx, size_t i) {
  return ctx.has(i) && ctx.shape(i) != Shape{0};  // ONNX writes "absent" as an empty tensor too
}

ConstTensorView constantOf(const InferContext& ctx, size_t i) {
  return isGiven(ctx, i) && ctx.input(i).isConstant() ? ctx.input(i).constantView()
                                                      : ConstTensorView();
}

Status infer(InferContext& ctx) {
  const auto& attrs = ctx.attrs<ResizeAttrs>();
  if (attrs.mode != ResizeMode::nearest) QRT_RETURN_IF_ERROR(requireDType(ctx, 0, NumericTypes{}));
  if (isGiven(ctx, 1) == isGiven(ctx, 2)) {
    return invalidArgument("wanted either scales or sizes, found ",
                           isGiven(ctx, 1) ? "both" : "none");
  }
  const size_t given = isGiven(ctx, 1) ? 1 : 2;
  if (given == 1) QRT_RETURN_IF_ERROR(requireDType(ctx, 1, TypeList<float>{}));
  QRT_ASSIGN_OR_RETURN(const auto length, parameterLength(ctx, given, Shape::kMaxRank));
  Shape in = ctx.shape(0);
  if (!in.ranked() && length) in = Shape::filled(*length, Shape::kUnknown);
  if (in.ranked() && length && *length != in.rank()) {
    return invalidArgument(*length, given == 1 ? " scales" : " sizes", " for shape ",
                           in.toString());
  }
  Shape out = in.ranked() ? Shape::filled(in.rank(), Shape::kUnknown) : in;
  if (ctx.input(given).isConstant()) {
    QRT_ASSIGN_OR_RETURN(const ResizeAxes axes,
                         resizeAxes(attrs.coordinates, in, constantOf(ctx, 1), constantOf(ctx, 2)));
    int resized = 0;
    for (int i = 0; i < in.rank(); ++i) {
      out[i] = axes[static_cast<size_t>(i)].out;
      resized += !axes[static_cast<size_t>(i)].identity;
    }
    if (ctx.input(0).quant && attrs.mode == ResizeMode::linear && resized > 2) {
      return unsupported("int8 linear Resize of ", resized, " dimensions, wanted at most 2");
    }
  }
  return setOutput(ctx, 0, ctx.dtype(0), out);
}

// The elements that one output index reads along a dim: offsets from the first, and their weights.
struct Taps {
  int count = 1;
  std::array<int64_t, 4> offsets{};
  std::array<double, 4> weights{1, 0, 0, 0};
};

Taps nearestTaps(const ResizeAttrs& attrs, const ResizeAxis& axis, double x) {
  double index = 0;
  switch (attrs.rounding) {
    case ResizeRounding::preferFloor:
      index = std::ceil(x - 0.5);
      break;
    case ResizeRounding::preferCeil:
      index = std::floor(x + 0.5);
      break;
    case ResizeRounding::floor:
      index = std::floor(x);
      break;
    case ResizeRounding::ceil:
      index = std::ceil(x);
      break;
  }
  Taps taps;
  taps.offsets[0] = std::clamp<int64_t>(static_cast<int64_t>(index), 0, axis.in - 1);
  return taps;
}

// Keys' cubic convolution with coefficient a, at distances 1 + t, t, 1 − t, 2 − t.
std::array<double, 4> cubicWeights(double a, double t) {
  const auto near = [&](double d) { return ((a + 2) * d - (a + 3)) * d * d + 1; };
  const auto far = [&](double d) { return ((a * d - 5 * a) * d + 8 * a) * d - 4 * a; };
  return {far(1 + t), near(t), near(1 - t), far(2 - t)};
}

// `fixed`: weights are multiples of 1/2048, as int8 has them; see fixedTap().
Taps interpolationTaps(const ResizeAttrs& attrs, const ResizeAxis& axis, double x, bool fixed) {
  const auto base = static_cast<int64_t>(std::floor(x));
  double t = x - static_cast<double>(base);
  if (fixed) t = std::nearbyint(t * kResizeOne) / kResizeOne;
  const bool cubic = attrs.mode == ResizeMode::cubic;
  Taps taps;
  taps.count = cubic ? 4 : 2;
  taps.weights = cubic ? cubicWeights(double{attrs.cubicCoefficient}, t)
                       : std::array<double, 4>{1 - t, t, 0, 0};
  double sum = 0;
  for (int k = 0; k < taps.count; ++k) {
    const auto i = static_cast<size_t>(k);
    const int64_t index = base + k - (cubic ? 1 : 0);
    if (cubic && attrs.excludeOutside && (index < 0 || index >= axis.in)) taps.weights[i] = 0;
    taps.offsets[i] = std::clamp<int64_t>(index, 0, axis.in - 1);
    sum += taps.weights[i];
  }
  if (cubic && attrs.excludeOutside) {
    for (double& weight : taps.weights) weight /= sum;
  }
  return taps;
}

template <class T>
struct Resizer {
  const ResizeAttrs& attrs;
  const ResizeAxes& axes;
  int rank;
  IntList strides;
  const T* src;
  T* dst;
  bool fixed = false;
  std::array<Taps, Shape::kMaxRank> taps{};

  void write(int axis) {
    if (axis == rank) {
      if constexpr (std::is_integral_v<T>) {
        const auto sum = [&] { return fixed ? double{static_cast<float>(blend(0, src))} : blend(0, src); };
        *dst++ = attrs.mode == ResizeMode::nearest ? *pick(0, src)
                                                   : saturate<T>(std::nearbyint(sum()));
      } else {
        *dst++ = attrs.mode == ResizeMode::nearest ? *pick(0, src) : saturate<T>(blend(0, src));
      }
      return;
    }
    const ResizeAxis& a = axes[static_cast<size_t>(axis)];
    Taps& mine = taps[static_cast<size_t>(axis)];
    for (int64_t i = 0; i < a.out; ++i) {
      if (a.identity) {
        mine.offsets[0] = i;
      } else {
        const double x = a.source(i);
        mine = attrs.mode == ResizeMode::nearest ? nearestTaps(attrs, a, x)
                                                 : interpolationTaps(attrs, a, x, fixed);
      }
      for (int k = 0; k < mine.count; ++k) mine.offsets[static_cast<size_t>(k)] *= strides[axis];
      write(axis + 1);
    }
  }

  // The one element that nearest reads.
  const T* pick(int axis, const T* at) const {
    return axis == rank ? at : pick(axis + 1, at + taps[static_cast<size_t>(axis)].offsets[0]);
  }

  // The weighted sum of the elements at `at` and beyond along dims axis … rank − 1.
  double blend(int axis, const T* at) const {
    if (axis == rank) return static_cast<double>(static_cast<Compute<T>>(*at));
    const Taps& mine = taps[static_cast<size_t>(axis)];
    if (mine.count == 1) return blend(axis + 1, at + mine.offsets[0]);
    double sum = 0;
    for (size_t k = 0; k < static_cast<size_t>(mine.count); ++k) {
      sum += mine.weights[k] * blend(axis + 1, at + mine.offsets[k]);
    }
    return sum;
  }
};

Status reference(const KernelContext& ctx) {
  const auto& attrs = ctx.attrs<ResizeAttrs>();
  const Shape& in = ctx.inputs[0].shape;
  const auto given = [&](size_t i) {
    return ctx.has(i) && ctx.inputs[i].shape.elements() > 0 ? ctx.inputs[i] : ConstTensorView();
  };
  QRT_ASSIGN_OR_RETURN(const ResizeAxes axes,
                       resizeAxes(attrs.coordinates, in, given(1), given(2)));
  if (ctx.outputs[0].shape.elements() == 0) return {};
  const auto run = [&]<class T>() -> Status {
    const bool fixed = ctx.inputs[0].quant != nullptr;
    Resizer<T>{attrs,        axes,          in.rank(), denseStrides(in.dims()),
               ctx.in<T>(0), ctx.out<T>(0), fixed}
        .write(0);
    return {};
  };
  if (attrs.mode == ResizeMode::nearest) return visitSize(dtypeSize(ctx.inputs[0].dtype), run);
  return visitType(NumericTypes{}, ctx.inputs[0].dtype, run);
}

}  // namespace

const OpDef kOpResize = {.type = OpType::Resize,
                         .minInputs = 1,
                         .maxInputs = 3,
                         .minOutputs = 1,
                         .maxOutputs = 1,
                         .infer = infer,
                         .reference = reference};

}  // namespace qrt
