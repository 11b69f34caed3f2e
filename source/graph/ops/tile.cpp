// Tile: x repeated repeats[i] times along each dim.
#include "graph/ops/ops.h"
#include "graph/ops/shape_rules.h"

namespace qrt {
namespace {

Status infer(InferContext& ctx) {
  Shape out = ctx.shape(0);
  QRT_ASSIGN_OR_RETURN(const auto length, parameterLength(ctx, 1, Shape::kMaxRank));
  if (!out.ranked() && length) out = Shape::filled(*length, Shape::kUnknown);
  if (out.ranked() && length && *length != out.rank()) {
    return invalidArgument(*length, " repeats for shape ", out.toString());
  }
  QRT_ASSIGN_OR_RETURN(const auto repeats, parameter(ctx, 1));
  for (int i = 0; i < out.rank(); ++i) {
    const int64_t times = repeats ? (*repeats)[i] : Shape::kUnknown;
    if (repeats && (times < 0 || times > kMaxDim)) return invalidArgument("repeat of ", times);
    out[i] =
        times == Shape::kUnknown || out[i] == Shape::kUnknown ? Shape::kUnknown : out[i] * times;
  }
  return setOutput(ctx, 0, ctx.dtype(0), out);
}

Status reference(const KernelContext& ctx) {
  QRT_ASSIGN_OR_RETURN(const IntList repeats, readInts(ctx.inputs[1]));
  const Shape& in = ctx.inputs[0].shape;
  const IntList dense = denseStrides(in.dims());
  IntList dims, strides;  // two for each dim: the repeats, which stand still, and the dim
  for (int i = 0; i < in.rank(); ++i) {
    dims.append(repeats[i]);
    strides.append(0);
    dims.append(in[i]);
    strides.append(dense[i]);
  }
  copyStrided(dtypeSize(ctx.inputs[0].dtype), dims, ctx.outputs[0].data, ctx.inputs[0].data,
              strides);
  return {};
}

}  // namespace

const OpDef kOpTile = {.type = OpType::Tile,
                       .minInputs = 2,
                       .maxInputs = 2,
                       .minOutputs = 1,
                       .maxOutputs = 1,
                       .infer = infer,
                       .reference = reference};

}  // namespace qrt
