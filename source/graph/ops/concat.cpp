// Concat: tensors of one dtype, one after the other along an axis.
#include <cstring>

#include "graph/ops/checks.h"
#include "graph/ops/ops.h"
#include "graph/ops/shape_rules.h"

namespace qrt {
namespace {

// Merges `in` into `out`: dims must agree, those along `axis` add up.
Status join(Shape& out, const Shape& in, int axis) {
  if (in.rank() != out.rank()) return invalidArgument("another number of dimensions");
  for (int i = 0; i < in.rank(); ++i) {
    if (i != axis) {
      QRT_ASSIGN_OR_RETURN(out[i], sameDim(out[i], in[i]));
    } else if (out[i] != Shape::kUnknown) {
      out[i] = in[i] == Shape::kUnknown ? in[i] : out[i] + in[i];
    }
  }
  return {};
}

Status infer(InferContext& ctx) {
  QRT_RETURN_IF_ERROR(requireOneDType(ctx));
  Shape out = Shape::unranked();
  bool allRanked = true;
  int axis = 0;
  for (size_t i = 0; i < ctx.inputCount(); ++i) {
    if (!ctx.has(i)) return invalidArgument("input ", i, " is missing");
    const Shape& in = ctx.shape(i);
    if (ctx.input(i).quant != ctx.input(0).quant) {
      return unsupported("inputs 0 and ", i, " are quantized with different parameters");
    }
    if (!in.ranked()) {
      allRanked = false;
    } else if (!out.ranked()) {
      out = in;
      QRT_ASSIGN_OR_RETURN(axis, checkedAxis(ctx.attrs<AxisAttrs>().axis, out.rank()));
    } else {
      QRT_RETURN_IF_ERROR(annotate(join(out, in, axis), "input ", i, " of shape ", in.toString(),
                                   " does not continue ", out.toString(), " along axis ", axis));
    }
  }
  if (out.ranked() && !allRanked) out[axis] = Shape::kUnknown;
  return setOutput(ctx, 0, ctx.dtype(0), out);
}

Status reference(const KernelContext& ctx) {
  const Shape& shape = ctx.outputs[0].shape;
  if (shape.elements() == 0) return {};
  const int axis = *normalizeAxis(ctx.attrs<AxisAttrs>().axis, shape.rank());
  const size_t inner =
      static_cast<size_t>(product(shape, axis + 1, shape.rank())) * dtypeSize(ctx.outputs[0].dtype);
  const int64_t outer = product(shape, 0, axis);
  auto* dst = ctx.out<std::byte>(0);
  for (int64_t o = 0; o < outer; ++o) {
    for (const ConstTensorView& in : ctx.inputs) {
      const size_t bytes = static_cast<size_t>(in.shape[axis]) * inner;
      if (bytes == 0) continue;
      std::memcpy(dst, static_cast<const std::byte*>(in.data) + static_cast<size_t>(o) * bytes,
                  bytes);
      dst += bytes;
    }
  }
  return {};
}

}  // namespace

const OpDef kOpConcat = {.type = OpType::Concat,
                         .minInputs = 1,
                         .maxInputs = -1,
                         .minOutputs = 1,
                         .maxOutputs = 1,
                         .infer = infer,
                         .reference = reference};

}  // namespace qrt
