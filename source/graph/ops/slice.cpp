// Slice: x, starts, ends, axes?, steps? → every step-th element from start to before end, as ONNX
// opset 10 has it: negative positions count from the end, then all are clamped.
#include <algorithm>
#include <limits>

#include "graph/ops/ops.h"
#include "graph/ops/shape_rules.h"

namespace qrt {
namespace {

struct Range {
  int64_t start = 0;
  int64_t step = 1;
  int64_t count = 0;
};

Range sliceRange(int64_t dim, int64_t start, int64_t end, int64_t step) {
  step = std::max(step, -std::numeric_limits<int64_t>::max());  // so that it can be negated
  if (dim == 0) return {0, step, 0};
  const int64_t last = step > 0 ? dim : dim - 1;
  const auto clamped = [&](int64_t position, int64_t least) {
    return std::clamp(position < 0 ? position + dim : position, least, last);
  };
  start = clamped(start, 0);
  end = clamped(end, step > 0 ? 0 : -1);
  const int64_t length = step > 0 ? end - start : start - end;
  return {start, step, length <= 0 ? 0 : 1 + (length - 1) / (step > 0 ? step : -step)};
}

// The parameters that are constant; all are by the time the kernel runs.
struct Parameters {
  std::optional<IntList> starts, ends, axes, steps;
};

// ranges[a] for the dims of `in`, whole ones by default; an unknown dim keeps count kUnknown.
Status sliceRanges(const Shape& in, const Parameters& p,
                   std::array<Range, Shape::kMaxRank>& ranges) {
  for (int a = 0; a < in.rank(); ++a) ranges[static_cast<size_t>(a)].count = in[a];
  std::array<bool, Shape::kMaxRank> seen{};
  for (int i = 0; i < p.starts->size(); ++i) {
    QRT_ASSIGN_OR_RETURN(const int axis, checkedAxis(p.axes ? (*p.axes)[i] : i, in.rank()));
    if (std::exchange(seen[static_cast<size_t>(axis)], true)) {
      return invalidArgument("axis ", axis, " is sliced twice");
    }
    const int64_t step = p.steps ? (*p.steps)[i] : 1;
    if (step == 0) return invalidArgument("step 0 along axis ", axis);
    if (in[axis] == Shape::kUnknown) continue;
    ranges[static_cast<size_t>(axis)] = sliceRange(in[axis], (*p.starts)[i], (*p.ends)[i], step);
  }
  return {};
}

Status checkLengths(const Parameters& p) {
  const int count = p.starts->size();
  const auto fits = [&](const std::optional<IntList>& list) {
    return !list || list->size() == count;
  };
  if (fits(p.ends) && fits(p.axes) && fits(p.steps)) return {};
  return invalidArgument(count, " starts, but another number of ends, axes or steps");
}

// Some parameters are not constant yet: which dims they change may be known all the same.
Result<Shape> partlyKnown(const InferContext& ctx, const std::optional<IntList>& axes) {
  Shape out = ctx.shape(0);
  if (!ctx.has(3)) {
    QRT_ASSIGN_OR_RETURN(const auto length, parameterLength(ctx, 1, out.rank()));
    for (int i = 0; i < length.value_or(out.rank()); ++i) out[i] = Shape::kUnknown;
    return out;
  }
  if (!axes) return Shape::filled(out.rank(), Shape::kUnknown);
  for (const int64_t given : *axes) {
    QRT_ASSIGN_OR_RETURN(const int axis, checkedAxis(given, out.rank()));
    out[axis] = Shape::kUnknown;
  }
  return out;
}

Status infer(InferContext& ctx) {
  Parameters p;
  QRT_ASSIGN_OR_RETURN(p.starts, parameter(ctx, 1));
  QRT_ASSIGN_OR_RETURN(p.ends, parameter(ctx, 2));
  QRT_ASSIGN_OR_RETURN(p.axes, parameter(ctx, 3));
  QRT_ASSIGN_OR_RETURN(p.steps, parameter(ctx, 4));
  Shape out = ctx.shape(0);
  if (!out.ranked()) return setOutput(ctx, 0, ctx.dtype(0), out);
  if (!p.starts || !p.ends || (ctx.has(3) && !p.axes) || (ctx.has(4) && !p.steps)) {
    QRT_ASSIGN_OR_RETURN(out, partlyKnown(ctx, p.axes));
    return setOutput(ctx, 0, ctx.dtype(0), out);
  }
  QRT_RETURN_IF_ERROR(checkLengths(p));
  std::array<Range, Shape::kMaxRank> ranges{};
  QRT_RETURN_IF_ERROR(sliceRanges(out, p, ranges));
  for (int a = 0; a < out.rank(); ++a) out[a] = ranges[static_cast<size_t>(a)].count;
  return setOutput(ctx, 0, ctx.dtype(0), out);
}

Status reference(const KernelContext& ctx) {
  Parameters p;
  QRT_ASSIGN_OR_RETURN(p.starts, readInts(ctx.inputs[1]));
  QRT_ASSIGN_OR_RETURN(p.ends, readInts(ctx.inputs[2]));
  if (ctx.has(3)) {
    QRT_ASSIGN_OR_RETURN(p.axes, readInts(ctx.inputs[3]));
  }
  if (ctx.has(4)) {
    QRT_ASSIGN_OR_RETURN(p.steps, readInts(ctx.inputs[4]));
  }
  const Shape& in = ctx.inputs[0].shape;
  std::array<Range, Shape::kMaxRank> ranges{};
  QRT_RETURN_IF_ERROR(sliceRanges(in, p, ranges));
  if (ctx.outputs[0].shape.elements() == 0) return {};
  IntList strides = denseStrides(in.dims());
  int64_t offset = 0;
  for (int a = 0; a < in.rank(); ++a) {
    const Range& range = ranges[static_cast<size_t>(a)];
    offset += range.start * strides[a];
    strides[a] = range.count > 1 ? strides[a] * range.step : 0;  // one step may be huge
  }
  const size_t size = dtypeSize(ctx.inputs[0].dtype);
  copyStrided(size, ctx.outputs[0].shape.dims(), ctx.outputs[0].data,
              advance(ctx.inputs[0].data, offset, size), strides);
  return {};
}

}  // namespace

const OpDef kOpSlice = {.type = OpType::Slice,
                        .minInputs = 3,
                        .maxInputs = 5,
                        .minOutputs = 1,
                        .maxOutputs = 1,
                        .infer = infer,
                        .reference = reference};

}  // namespace qrt
