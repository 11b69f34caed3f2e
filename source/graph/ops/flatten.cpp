// Flatten: the dims before `axis` become one, the rest another.
#include "graph/ops/ops.h"
#include "graph/ops/shape_rules.h"

namespace qrt {
namespace {

int64_t joined(std::span<const int64_t> dims) {
  return Shape(dims).elementCount().value_or(Shape::kUnknown);
}

Status infer(InferContext& ctx) {
  const Shape& in = ctx.shape(0);
  Shape out{Shape::kUnknown, Shape::kUnknown};
  if (in.ranked()) {
    const int64_t axis = ctx.attrs<AxisAttrs>().axis;
    if (axis < -in.rank() || axis > in.rank()) {
      return invalidArgument("axis ", axis, ", wanted at most ", in.rank());
    }
    const auto split = static_cast<size_t>(axis < 0 ? axis + in.rank() : axis);
    out = {joined(in.dims().first(split)), joined(in.dims().subspan(split))};
  }
  return setOutput(ctx, 0, ctx.dtype(0), out);
}

}  // namespace

const OpDef kOpFlatten = {.type = OpType::Flatten,
                          .minInputs = 1,
                          .maxInputs = 1,
                          .minOutputs = 1,
                          .maxOutputs = 1,
                          .infer = infer,
                          .reference = copyBytes,
                          .isView = true};

}  // namespace qrt
