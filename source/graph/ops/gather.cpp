// Gather: slices of x along an axis, chosen by a tensor of indices; negative ones count from the
// end.
#include <cstring>

#include "graph/ops/dtypes.h"
#include "graph/ops/index.h"
#include "graph/ops/ops.h"
#include "graph/ops/shape_rules.h"

namespace qrt {
namespace {

Status infer(InferContext& ctx) {
  QRT_RETURN_IF_ERROR(requireDType(ctx, 1, IndexTypes{}));
  const Shape& in = ctx.shape(0);
  const Shape& indices = ctx.shape(1);
  if (!in.ranked()) return setOutput(ctx, 0, ctx.dtype(0), in);
  QRT_ASSIGN_OR_RETURN(const int axis, checkedAxis(ctx.attrs<AxisAttrs>().axis, in.rank()));
  if (!indices.ranked()) return setOutput(ctx, 0, ctx.dtype(0), indices);
  const int rank = in.rank() - 1 + indices.rank();
  if (rank > Shape::kMaxRank) {
    return unsupported(rank, " dimensions, supported are at most ", Shape::kMaxRank);
  }
  Shape out;
  for (int i = 0; i < axis; ++i) out.append(in[i]);
  for (const int64_t dim : indices.dims()) out.append(dim);
  for (int i = axis + 1; i < in.rank(); ++i) out.append(in[i]);
  return setOutput(ctx, 0, ctx.dtype(0), out);
}

Status reference(const KernelContext& ctx) {
  const Shape& in = ctx.inputs[0].shape;
  const int axis = *normalizeAxis(ctx.attrs<AxisAttrs>().axis, in.rank());
  const int64_t dim = in[axis];
  const int64_t inner = product(in, axis + 1, in.rank());
  const int64_t outer = product(in, 0, axis);
  const int64_t count = ctx.inputs[1].shape.elements();
  const size_t size = dtypeSize(ctx.inputs[0].dtype);
  if (outer == 0 || inner == 0) return {};
  void* dst = ctx.outputs[0].data;
  return visitType(IndexTypes{}, ctx.inputs[1].dtype, [&]<class T>() -> Status {
    const T* indices = ctx.in<T>(1);
    for (int64_t o = 0; o < outer; ++o) {
      for (int64_t i = 0; i < count; ++i) {
        QRT_ASSIGN_OR_RETURN(const int64_t index, checkedIndex(indices[i], dim));
        std::memcpy(dst, advance(ctx.inputs[0].data, (o * dim + index) * inner, size),
                    static_cast<size_t>(inner) * size);
        dst = advance(dst, inner, size);
      }
    }
    return {};
  });
}

}  // namespace

const OpDef kOpGather = {.type = OpType::Gather,
                         .minInputs = 2,
                         .maxInputs = 2,
                         .minOutputs = 1,
                         .maxOutputs = 1,
                         .infer = infer,
                         .reference = reference};

}  // namespace qrt
