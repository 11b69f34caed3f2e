// Transpose: output dim i is input dim perm[i]; no perm reverses the dims.
#include <bitset>

#include "graph/ops/ops.h"
#include "graph/ops/shape_rules.h"

namespace qrt {
namespace {

int source(const std::vector<int64_t>& perm, int i, int rank) {
  return perm.empty() ? rank - 1 - i : static_cast<int>(perm[static_cast<size_t>(i)]);
}

Status infer(InferContext& ctx) {
  const std::vector<int64_t>& perm = ctx.attrs<TransposeAttrs>().perm;
  const Shape& in = ctx.shape(0);
  const int rank =
      in.ranked() || perm.size() > Shape::kMaxRank ? in.rank() : static_cast<int>(perm.size());
  if (!perm.empty() && perm.size() != static_cast<size_t>(rank)) {
    return invalidArgument("perm of ", perm.size(), " dimensions for shape ", in.toString());
  }
  std::bitset<Shape::kMaxRank> seen;
  for (const int64_t dim : perm) {
    if (dim < 0 || dim >= rank || seen[static_cast<size_t>(dim)]) {
      return invalidArgument("perm is not a permutation: found ", dim, " in ", rank, " dimensions");
    }
    seen.set(static_cast<size_t>(dim));
  }
  if (!in.ranked() && perm.empty()) return setOutput(ctx, 0, ctx.dtype(0), in);
  Shape out;
  for (int i = 0; i < rank; ++i) {
    out.append(in.ranked() ? in[source(perm, i, rank)] : Shape::kUnknown);
  }
  return setOutput(ctx, 0, ctx.dtype(0), out);
}

Status reference(const KernelContext& ctx) {
  const std::vector<int64_t>& perm = ctx.attrs<TransposeAttrs>().perm;
  const Shape& in = ctx.inputs[0].shape;
  const IntList dense = denseStrides(in.dims());
  IntList strides;
  for (int i = 0; i < in.rank(); ++i) strides.append(dense[source(perm, i, in.rank())]);
  copyStrided(dtypeSize(ctx.inputs[0].dtype), ctx.outputs[0].shape.dims(), ctx.outputs[0].data,
              ctx.inputs[0].data, strides);
  return {};
}

}  // namespace

const OpDef kOpTranspose = {.type = OpType::Transpose,
                            .minInputs = 1,
                            .maxInputs = 1,
                            .minOutputs = 1,
                            .maxOutputs = 1,
                            .infer = infer,
                            .reference = reference};

}  // namespace qrt
