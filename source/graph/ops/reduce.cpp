// ReduceMean, ReduceSum, ReduceMax, ReduceMin over any axes, and ArgMax over one.
#include <array>

#include "graph/ops/dtypes.h"
#include "graph/ops/int8.h"
#include "graph/ops/ops.h"
#include "graph/ops/shape_rules.h"

namespace qrt {
namespace {

using AxisSet = std::array<bool, Shape::kMaxRank>;

// Which dims are reduced.
Result<AxisSet> reducedAxes(const ReduceAttrs& attrs, int rank) {
  AxisSet reduced{};
  if (attrs.axes.empty()) reduced.fill(true);
  for (const int64_t axis : attrs.axes) {
    QRT_ASSIGN_OR_RETURN(const int normal, checkedAxis(axis, rank));
    bool& mark = reduced[static_cast<size_t>(normal)];
    if (mark) return invalidArgument("axis ", axis, " is listed twice");
    mark = true;
  }
  return reduced;
}

// The reduced dims become 1 or go.
Result<Shape> reducedShape(const Shape& x, const AxisSet& reduced, bool keepDims, bool mayBeEmpty) {
  Shape out;
  for (int axis = 0; axis < x.rank(); ++axis) {
    if (!reduced[static_cast<size_t>(axis)]) {
      out.append(x[axis]);
    } else if (x[axis] == 0 && !mayBeEmpty) {
      return invalidArgument("dimension ", axis, " of ", x.toString(),
                             " is empty, wanted at least one element to reduce");
    } else if (keepDims) {
      out.append(1);
    }
  }
  return out;
}

Status inferReduce(InferContext& ctx) {
  const auto& attrs = ctx.attrs<ReduceAttrs>();
  QRT_RETURN_IF_ERROR(requireDType(ctx, 0, NumericTypes{}));
  Shape out = ctx.shape(0);
  if (out.ranked()) {
    QRT_ASSIGN_OR_RETURN(const AxisSet reduced, reducedAxes(attrs, out.rank()));
    const bool isSum = ctx.layer().op == OpType::ReduceSum;
    QRT_ASSIGN_OR_RETURN(out, reducedShape(out, reduced, attrs.keepDims, isSum));
  }
  ctx.setOutput(0, ctx.dtype(0), out);
  return {};
}

Status inferArgMax(InferContext& ctx) {
  const auto& attrs = ctx.attrs<ArgMaxAttrs>();
  QRT_RETURN_IF_ERROR(requireDType(ctx, 0, NumericTypes{}));
  Shape out = ctx.shape(0);
  if (out.ranked()) {
    QRT_ASSIGN_OR_RETURN(const AxisSet reduced, reducedAxes({{attrs.axis}}, out.rank()));
    QRT_ASSIGN_OR_RETURN(out, reducedShape(out, reduced, attrs.keepDims, false));
  }
  ctx.setOutput(0, DType::s64, out);
  return {};
}

// dst = finish(add(… add(init, x₀) …, xₙ₋₁), n) for every output.
template <class T, class Accumulator, class Add, class Finish>
Status reduce(const KernelContext& ctx, Accumulator init, Add add, Finish finish) {
  const Shape& x = ctx.inputs[0].shape;
  QRT_ASSIGN_OR_RETURN(const AxisSet reduced, reducedAxes(ctx.attrs<ReduceAttrs>(), x.rank()));
  const IntList strides = denseStrides(x.dims());
  IntList keptDims, keptStrides, reducedDims, reducedStrides;
  int64_t n = 1;
  for (int axis = 0; axis < x.rank(); ++axis) {
    const bool drop = reduced[static_cast<size_t>(axis)];
    (drop ? reducedDims : keptDims).append(x[axis]);
    (drop ? reducedStrides : keptStrides).append(strides[axis]);
    if (drop) n *= x[axis];
  }
  using Walk = std::array<int64_t, 1>;
  T* dst = ctx.out<T>(0);
  forEachRow<1>(keptDims, {keptStrides}, [&](int64_t outputs, const Walk& first, const Walk& step) {
    for (int64_t o = 0; o < outputs; ++o) {
      const T* src = ctx.in<T>(0) + first[0] + o * step[0];
      Accumulator result = init;
      forEachRow<1>(reducedDims, {reducedStrides},
                    [&](int64_t count, const Walk& from, const Walk& by) {
                      for (int64_t i = 0; i < count; ++i) {
                        result = add(result, static_cast<Accumulator>(src[from[0] + i * by[0]]));
                      }
                    });
      *dst++ = static_cast<T>(finish(result, n));
    }
  });
  return {};
}

template <class T>
Status reduceAs(const KernelContext& ctx) {
  using S = Sum<T>;
  using C = Compute<T>;
  const auto plus = [](S a, S b) { return a + b; };
  const auto same = [](auto a, int64_t) { return a; };
  switch (ctx.layer.op) {
    case OpType::ReduceSum:
      return reduce<T>(ctx, S{0}, plus, same);
    case OpType::ReduceMean:
      return reduce<T>(ctx, S{0}, plus, [](S sum, int64_t n) {
        if constexpr (std::is_signed_v<T>) {  // the sum of negative integers wrapped around
          return static_cast<std::conditional_t<kIsFloat<T>, S, int64_t>>(sum) / n;
        } else {
          return sum / static_cast<S>(n);
        }
      });
    case OpType::ReduceMax:  // NaN wins, as in numpy
      return reduce<T>(ctx, kLowest<T>, [](C a, C b) { return b > a || b != b ? b : a; }, same);
    default:
      return reduce<T>(ctx, kHighest<T>, [](C a, C b) { return b < a || b != b ? b : a; }, same);
  }
}

Status reduceReference(const KernelContext& ctx) {
  if (ctx.layer.op == OpType::ReduceMean && ctx.inputs[0].quant != nullptr) {
    QRT_ASSIGN_OR_RETURN(const Int8Mean rule, Int8Mean::create(ctx));
    const auto plus = [](int64_t a, int64_t b) { return a + b; };
    return reduce<int8_t>(ctx, int64_t{0}, plus, [&](int64_t sum, int64_t n) { return rule(sum, n, n); });
  }
  return visitType(NumericTypes{}, ctx.inputs[0].dtype,
                   [&]<class T>() -> Status { return reduceAs<T>(ctx); });
}

Status argMax(const KernelContext& ctx) {
  const auto& attrs = ctx.attrs<ArgMaxAttrs>();
  const Shape& x = ctx.inputs[0].shape;
  QRT_ASSIGN_OR_RETURN(const int axis, checkedAxis(attrs.axis, x.rank()));
  const int64_t outer = product(x, 0, axis);
  const int64_t inner = product(x, axis + 1, x.rank());
  return visitType(NumericTypes{}, ctx.inputs[0].dtype, [&]<class T>() -> Status {
    for (int64_t i = 0; i < outer * inner; ++i) {
      const T* src = ctx.in<T>(0) + i / inner * x[axis] * inner + i % inner;
      int64_t best = 0;
      for (int64_t k = 1; k < x[axis]; ++k) {
        const Compute<T> value = src[k * inner];
        const Compute<T> most = src[best * inner];
        // NaN is the largest of all, as in numpy.
        const bool larger = value > most || (value != value && most == most);
        const bool equal = value == most || (value != value && most != most);
        if (larger || (attrs.selectLast && equal)) best = k;
      }
      ctx.out<int64_t>(0)[i] = best;
    }
    return {};
  });
}

constexpr OpDef reduceOp(OpType op) { return {op, 1, 1, 1, 1, inferReduce, reduceReference}; }

}  // namespace

const OpDef kOpArgMax = {OpType::ArgMax, 1, 1, 1, 1, inferArgMax, argMax};
const OpDef kOpReduceMax = reduceOp(OpType::ReduceMax);
const OpDef kOpReduceMean = reduceOp(OpType::ReduceMean);
const OpDef kOpReduceMin = reduceOp(OpType::ReduceMin);
const OpDef kOpReduceSum = reduceOp(OpType::ReduceSum);

}  // namespace qrt
