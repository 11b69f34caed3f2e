// Reshape: x, shape (0 copies the input dim, −1 is inferred) → the same bytes under that shape.
#include "graph/ops/ops.h"
#include "graph/ops/shape_rules.h"

namespace qrt {
namespace {

// What −1 stands for: the input's elements over the other dims. A copied dim is on both sides and
// cancels, known or not, so that [0, −1] flattens an unknown batch.
Result<int64_t> inferredDim(const Shape& in, const IntList& wanted) {
  Shape left;   // input dims that were not copied
  Shape right;  // output dims that were not copied
  for (int i = 0; i < in.rank(); ++i) {
    if (i >= wanted.size() || wanted[i] != 0) left.append(in[i]);
  }
  for (const int64_t dim : wanted) {
    if (dim > 0) right.append(dim);
  }
  const auto elements = left.elementCount();
  const auto others = right.elementCount();
  if (!others) return invalidArgument("too many elements");
  if (!elements) return Shape::kUnknown;
  if (*elements % *others != 0) {
    return invalidArgument(*elements, " elements do not divide by ", *others);
  }
  return *elements / *others;
}

Result<Shape> reshaped(const Shape& in, const IntList& wanted) {
  if (wanted.size() > Shape::kMaxRank) {
    return unsupported(wanted.size(), " dimensions, supported are at most ", Shape::kMaxRank);
  }
  Shape out;
  int inferred = -1;
  for (int i = 0; i < wanted.size(); ++i) {
    if (wanted[i] < -1) return invalidArgument("dimension ", wanted[i]);
    if (wanted[i] == -1 && inferred >= 0) return invalidArgument("two dimensions are -1");
    if (wanted[i] == -1) inferred = i;
    if (wanted[i] == 0 && in.ranked() && i >= in.rank()) {
      return invalidArgument("dimension ", i, " is copied from input shape ", in.toString());
    }
    out.append(wanted[i] == 0 ? (in.ranked() ? in[i] : Shape::kUnknown) : wanted[i]);
  }
  if (inferred >= 0 && in.ranked()) {
    QRT_ASSIGN_OR_RETURN(out[inferred], inferredDim(in, wanted));
  }
  if (in.known() && out.known() && in.elementCount() != out.elementCount()) {
    return invalidArgument("shape ", out.toString(), " has not as many elements");
  }
  return out;
}

Status infer(InferContext& ctx) {
  QRT_ASSIGN_OR_RETURN(const auto length, parameterLength(ctx, 1, Shape::kMaxRank));
  QRT_ASSIGN_OR_RETURN(const auto wanted, parameter(ctx, 1));
  if (!wanted) {
    const Shape unknown = length ? Shape::filled(*length, Shape::kUnknown) : Shape::unranked();
    return setOutput(ctx, 0, ctx.dtype(0), unknown);
  }
  const auto shape = reshaped(ctx.shape(0), *wanted);
  if (!shape.ok()) {
    return annotate(shape.status(), "cannot reshape ", ctx.shape(0).toString(), " to ",
                    toString(*wanted));
  }
  return setOutput(ctx, 0, ctx.dtype(0), *shape);
}

}  // namespace

const OpDef kOpReshape = {.type = OpType::Reshape,
                          .minInputs = 2,
                          .maxInputs = 2,
                          .minOutputs = 1,
                          .maxOutputs = 1,
                          .infer = infer,
                          .reference = copyBytes,
                          .isView = true};

}  // namespace qrt
