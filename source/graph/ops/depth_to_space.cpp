// DepthToSpace and SpaceToDepth, channels-last: transposes of the six dims that blocks make of
// four.
#include "graph/ops/checks.h"
#include "graph/ops/ops.h"
#include "graph/ops/shape_rules.h"

namespace qrt {
namespace {

Status checkInput(const InferContext& ctx, int64_t block) {
  QRT_RETURN_IF_ERROR(requireRank(ctx, 0, 4, "[N,H,W,C]"));
  if (block >= 1 && block <= (1 << 15)) return {};
  return invalidArgument("block size ", block, ", wanted 1 to 32768");
}

// dim · factor and dim / factor, of dims that may be unknown.
int64_t times(int64_t dim, int64_t factor) { return dim == Shape::kUnknown ? dim : dim * factor; }
Result<int64_t> dividedBy(int64_t dim, int64_t factor, const char* what) {
  if (dim == Shape::kUnknown) return dim;
  if (dim % factor == 0) return dim / factor;
  return invalidArgument(what, " of ", dim, " does not divide by ", factor);
}

Status inferDepthToSpace(InferContext& ctx) {
  const int64_t b = ctx.attrs<DepthToSpaceAttrs>().blockSize;
  QRT_RETURN_IF_ERROR(checkInput(ctx, b));
  Shape out = ctx.shape(0).ranked() ? ctx.shape(0) : Shape::filled(4, Shape::kUnknown);
  out[1] = times(out[1], b);
  out[2] = times(out[2], b);
  QRT_ASSIGN_OR_RETURN(out[3], dividedBy(out[3], b * b, "channels"));
  return setOutput(ctx, 0, ctx.dtype(0), out);
}

Status inferSpaceToDepth(InferContext& ctx) {
  const int64_t b = ctx.attrs<SpaceToDepthAttrs>().blockSize;
  QRT_RETURN_IF_ERROR(checkInput(ctx, b));
  Shape out = ctx.shape(0).ranked() ? ctx.shape(0) : Shape::filled(4, Shape::kUnknown);
  QRT_ASSIGN_OR_RETURN(out[1], dividedBy(out[1], b, "height"));
  QRT_ASSIGN_OR_RETURN(out[2], dividedBy(out[2], b, "width"));
  out[3] = times(out[3], b * b);
  return setOutput(ctx, 0, ctx.dtype(0), out);
}

Status depthToSpace(const KernelContext& ctx) {
  const auto& attrs = ctx.attrs<DepthToSpaceAttrs>();
  const int64_t b = attrs.blockSize;
  const Shape& in = ctx.inputs[0].shape;
  const int64_t c = ctx.outputs[0].shape[3];
  const IntList s = denseStrides(in.dims());
  const bool dcr = attrs.mode == DepthToSpaceMode::dcr;
  copyStrided(
      dtypeSize(ctx.inputs[0].dtype), IntList{in[0], in[1], b, in[2], b, c}, ctx.outputs[0].data,
      ctx.inputs[0].data,
      dcr ? IntList{s[0], s[1], b * c, s[2], c, 1} : IntList{s[0], s[1], b, s[2], 1, b * b});
  return {};
}

Status spaceToDepth(const KernelContext& ctx) {
  const int64_t b = ctx.attrs<SpaceToDepthAttrs>().blockSize;
  const Shape& out = ctx.outputs[0].shape;
  const IntList s = denseStrides(ctx.inputs[0].shape.dims());
  copyStrided(dtypeSize(ctx.inputs[0].dtype),
              IntList{out[0], out[1], out[2], b, b, ctx.inputs[0].shape[3]}, ctx.outputs[0].data,
              ctx.inputs[0].data, IntList{s[0], s[1] * b, s[2] * b, s[1], s[2], 1});
  return {};
}

constexpr OpDef op(OpType type, Status (*infer)(InferContext&),
                   Status (*reference)(const KernelContext&)) {
  return {.type = type,
          .minInputs = 1,
          .maxInputs = 1,
          .minOutputs = 1,
          .maxOutputs = 1,
          .infer = infer,
          .reference = reference};
}

}  // namespace

const OpDef kOpDepthToSpace = op(OpType::DepthToSpace, inferDepthToSpace, depthToSpace);
const OpDef kOpSpaceToDepth = op(OpType::SpaceToDepth, inferSpaceToDepth, spaceToDepth);

}  // namespace qrt
