// GatherElements: out[i…] = x[i…] with the index along `axis` replaced by indices[i…].
#include "graph/ops/dtypes.h"
#include "graph/ops/index.h"
#include "graph/ops/ops.h"
#include "graph/ops/shape_rules.h"

namespace qrt {
namespace {

Status infer(InferContext& ctx) {
  QRT_RETURN_IF_ERROR(requireDType(ctx, 1, IndexTypes{}));
  const Shape& x = ctx.shape(0);
  const Shape& indices = ctx.shape(1);
  if (x.ranked() && indices.ranked()) {
    QRT_ASSIGN_OR_RETURN(const int axis, checkedAxis(ctx.attrs<AxisAttrs>().axis, x.rank()));
    bool fits = x.rank() == indices.rank();
    for (int i = 0; fits && i < x.rank(); ++i) {
      fits = i == axis || x[i] == Shape::kUnknown || indices[i] <= x[i];
    }
    if (!fits) {
      return invalidArgument("indices of shape ", indices.toString(), " into ", x.toString(),
                             " along axis ", axis);
    }
  }
  return setOutput(ctx, 0, ctx.dtype(0), indices);
}

template <class T, class Index>
Status gather(const KernelContext& ctx) {
  const Shape& shape = ctx.inputs[1].shape;
  const Shape& in = ctx.inputs[0].shape;
  const int axis = *normalizeAxis(ctx.attrs<AxisAttrs>().axis, in.rank());
  const int64_t dim = in[axis];
  IntList strides = denseStrides(in.dims());
  const int64_t axisStride = std::exchange(strides[axis], 0);
  const auto* indices = ctx.in<Index>(1);
  const auto* x = ctx.in<T>(0);
  T* out = ctx.out<T>(0);
  Status status;
  forEachRow<1>(shape.dims(), {strides}, [&](int64_t count, const auto& at, const auto& step) {
    for (int64_t i = 0; status.ok() && i < count; ++i) {
      const auto index = checkedIndex(*indices++, dim);
      if (index.ok()) *out++ = x[at[0] + i * step[0] + *index * axisStride];
      status = index.status();
    }
  });
  return status;
}

Status reference(const KernelContext& ctx) {
  return visitSize(dtypeSize(ctx.inputs[0].dtype), [&]<class T>() -> Status {
    return ctx.inputs[1].dtype == DType::s32 ? gather<T, int32_t>(ctx) : gather<T, int64_t>(ctx);
  });
}

}  // namespace

const OpDef kOpGatherElements = {.type = OpType::GatherElements,
                                 .minInputs = 2,
                                 .maxInputs = 2,
                                 .minOutputs = 1,
                                 .maxOutputs = 1,
                                 .infer = infer,
                                 .reference = reference};

}  // namespace qrt
