// Pad: x, pads (all begins, then all ends), value? → x cropped where pads are negative, then padded
// with the value, its reflection, or its edge.
#include "graph/ops/ops.h"
#include "graph/ops/shape_rules.h"

namespace qrt {
namespace {

// One dim: [first, first + kept) of the input stays, with `before` and `after` elements around it.
struct Span {
  int64_t first = 0, kept = 0, before = 0, after = 0;

  int64_t size() const { return before + kept + after; }
};

Result<Span> spanOf(int64_t dim, int64_t begin, int64_t end, PadMode mode) {
  if (std::max(begin, end) > kMaxDim || std::min(begin, end) < -kMaxDim) {
    return invalidArgument("pads ", begin, " and ", end, " are too large");
  }
  Span span;
  span.first = std::max<int64_t>(-begin, 0);
  span.kept = dim - span.first - std::max<int64_t>(-end, 0);
  span.before = std::max<int64_t>(begin, 0);
  span.after = std::max<int64_t>(end, 0);
  if (span.kept < 0) {
    return invalidArgument("pads ", begin, " and ", end, " crop more than a dimension of ", dim);
  }
  if (span.kept == 0 && mode != PadMode::constant && span.size() > 0) {
    return invalidArgument("nothing to reflect or extend in an empty dimension");
  }
  return span;
}

// Input index of output index i of a dim, −1 for the value.
int64_t sourceIndex(const Span& span, PadMode mode, int64_t i) {
  i -= span.before;
  const int64_t last = span.kept - 1;
  if (i < 0 || i > last) {
    if (mode == PadMode::constant) return -1;
    if (mode == PadMode::edge || last == 0) {
      i = i < 0 ? 0 : last;
    } else {  // back and forth between the ends, as often as it takes
      i = (i < 0 ? -i : i) % (2 * last);
      i = i > last ? 2 * last - i : i;
    }
  }
  return span.first + i;
}

Status infer(InferContext& ctx) {
  const PadMode mode = ctx.attrs<PadAttrs>().mode;
  if (ctx.has(2) && ctx.dtype(2) != ctx.dtype(0)) {
    return invalidArgument("value is ", dtypeName(ctx.dtype(2)), ", wanted ",
                           dtypeName(ctx.dtype(0)));
  }
  if (ctx.has(2) && ctx.shape(2).known() && ctx.shape(2).elementCount() != 1) {
    return invalidArgument("value of shape ", ctx.shape(2).toString(), ", wanted one element");
  }
  QRT_ASSIGN_OR_RETURN(const auto length, parameterLength(ctx, 1, 2 * Shape::kMaxRank));
  QRT_ASSIGN_OR_RETURN(const auto pads, parameter(ctx, 1));
  Shape out = ctx.shape(0);
  if (!out.ranked() && length) out = Shape::filled(*length / 2, Shape::kUnknown);
  const int rank = out.rank();
  if (out.ranked() && length && *length != 2 * rank) {
    return invalidArgument(*length, " pads for shape ", out.toString(), ", wanted ", 2 * rank);
  }
  for (int i = 0; i < rank; ++i) {
    if (!pads) {
      out[i] = Shape::kUnknown;
    } else if (out[i] != Shape::kUnknown) {
      QRT_ASSIGN_OR_RETURN(const Span span, spanOf(out[i], (*pads)[i], (*pads)[rank + i], mode));
      out[i] = span.size();
    }
  }
  return setOutput(ctx, 0, ctx.dtype(0), out);
}

template <class T>
struct Padder {
  PadMode mode;
  int rank;
  std::array<Span, Shape::kMaxRank> spans;
  IntList strides;
  T value;
  T* dst;

  // Writes all of dims axis … rank − 1; src is null where an outer dim is in the padding.
  void write(int axis, const T* src) {
    if (axis == rank) {
      *dst++ = src != nullptr ? *src : value;
      return;
    }
    const Span& span = spans[static_cast<size_t>(axis)];
    for (int64_t i = 0; i < span.size(); ++i) {
      const int64_t from = src != nullptr ? sourceIndex(span, mode, i) : -1;
      write(axis + 1, from >= 0 ? src + from * strides[axis] : nullptr);
    }
  }
};

Status reference(const KernelContext& ctx) {
  const PadMode mode = ctx.attrs<PadAttrs>().mode;
  const Shape& in = ctx.inputs[0].shape;
  QRT_ASSIGN_OR_RETURN(const IntList pads, readInts(ctx.inputs[1]));
  std::array<Span, Shape::kMaxRank> spans{};
  for (int i = 0; i < in.rank(); ++i) {
    QRT_ASSIGN_OR_RETURN(spans[static_cast<size_t>(i)],
                         spanOf(in[i], pads[i], pads[in.rank() + i], mode));
  }
  visitSize(dtypeSize(ctx.inputs[0].dtype), [&]<class T>() {
    const T value = ctx.has(2) ? *ctx.in<T>(2) : T(0);
    const bool empty = in.elements() == 0;
    Padder<T>{mode, in.rank(), spans, denseStrides(in.dims()), value, ctx.out<T>(0)}.write(
        0, empty ? nullptr : ctx.in<T>(0));
  });
  return {};
}

}  // namespace

const OpDef kOpPad = {.type = OpType::Pad,
                      .minInputs = 2,
                      .maxInputs = 3,
                      .minOutputs = 1,
                      .maxOutputs = 1,
                      .infer = infer,
                      .reference = reference};

}  // namespace qrt
