// Squeeze drops dims of size 1, Unsqueeze adds them.
#include <bitset>

#include "graph/ops/ops.h"
#include "graph/ops/shape_rules.h"

namespace qrt {
namespace {

using AxisSet = std::bitset<Shape::kMaxRank>;

Result<AxisSet> axisSet(const std::vector<int64_t>& axes, int rank) {
  AxisSet set;
  for (const int64_t axis : axes) {
    QRT_ASSIGN_OR_RETURN(const int normal, checkedAxis(axis, rank));
    if (set[static_cast<size_t>(normal)]) return invalidArgument("axis ", axis, " is listed twice");
    set.set(static_cast<size_t>(normal));
  }
  return set;
}

Status inferSqueeze(InferContext& ctx) {
  const std::vector<int64_t>& axes = ctx.attrs<AxesAttrs>().axes;
  const Shape& in = ctx.shape(0);
  // Without axes, whether an unknown dim goes is unknown too.
  if (!in.ranked() || (axes.empty() && !in.known())) {
    return setOutput(ctx, 0, ctx.dtype(0), Shape::unranked());
  }
  QRT_ASSIGN_OR_RETURN(const AxisSet dropped, axisSet(axes, in.rank()));
  Shape out;
  for (int i = 0; i < in.rank(); ++i) {
    const bool drop = axes.empty() ? in[i] == 1 : dropped[static_cast<size_t>(i)];
    if (!drop) {
      out.append(in[i]);
    } else if (in[i] != 1 && in[i] != Shape::kUnknown) {
      return invalidArgument("dimension ", i, " of ", in.toString(), " is ", in[i], ", wanted 1");
    }
  }
  return setOutput(ctx, 0, ctx.dtype(0), out);
}

Status inferUnsqueeze(InferContext& ctx) {
  const std::vector<int64_t>& axes = ctx.attrs<AxesAttrs>().axes;
  const Shape& in = ctx.shape(0);
  if (!in.ranked()) return setOutput(ctx, 0, ctx.dtype(0), in);
  const size_t rank = static_cast<size_t>(in.rank()) + axes.size();
  if (rank > Shape::kMaxRank) {
    return unsupported(rank, " dimensions, supported are at most ", Shape::kMaxRank);
  }
  QRT_ASSIGN_OR_RETURN(const AxisSet added, axisSet(axes, static_cast<int>(rank)));
  Shape out;
  int from = 0;
  for (size_t i = 0; i < rank; ++i) out.append(added[i] ? 1 : in[from++]);
  return setOutput(ctx, 0, ctx.dtype(0), out);
}

constexpr OpDef op(OpType type, Status (*infer)(InferContext&)) {
  return {.type = type,
          .minInputs = 1,
          .maxInputs = 1,
          .minOutputs = 1,
          .maxOutputs = 1,
          .infer = infer,
          .reference = copyBytes,
          .isView = true};
}

}  // namespace

const OpDef kOpSqueeze = op(OpType::Squeeze, inferSqueeze);
const OpDef kOpUnsqueeze = op(OpType::Unsqueeze, inferUnsqueeze);

}  // namespace qrt
