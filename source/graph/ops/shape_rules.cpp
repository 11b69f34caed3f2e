#include "graph/ops/shape_rules.h"

namespace qrt {

Result<IntList> readInts(const ConstTensorView& view) {
  if (view.shape.rank() > 1 || view.shape.elements() > IntList::kCapacity) {
    return invalidArgument("parameter of shape ", view.shape.toString(), ", wanted at most ",
                           IntList::kCapacity, " values in one dimension");
  }
  IntList list;
  if (const auto wide = view.as<int64_t>(); wide.ok()) {
    for (const int64_t value : *wide) list.append(value);
  } else if (const auto narrow = view.as<int32_t>(); narrow.ok()) {
    for (const int32_t value : *narrow) list.append(value);
  } else {
    return invalidArgument("parameter of ", dtypeName(view.dtype), ", wanted s64 or s32");
  }
  return list;
}

std::string toString(const IntList& list) {
  std::string text;
  for (const int64_t value : list) text += (text.empty() ? "" : ", ") + std::to_string(value);
  return "[" + text + "]";
}

Result<std::optional<IntList>> parameter(const InferContext& ctx, size_t i) {
  if (!ctx.has(i) || !ctx.input(i).isConstant()) return std::optional<IntList>();
  const auto list = readInts(ctx.input(i).constantView());
  if (!list.ok()) return annotate(list.status(), "input ", i);
  return std::optional<IntList>(*list);
}

Result<std::optional<int>> parameterLength(const InferContext& ctx, size_t i, int most) {
  const Shape& shape = ctx.shape(i);
  if (!shape.ranked()) return std::optional<int>();
  if (shape.rank() != 1) {
    return invalidArgument("input ", i, " of shape ", shape.toString(), ", wanted one dimension");
  }
  if (shape[0] > most) {
    return unsupported("input ", i, " holds ", shape[0], " values, supported are at most ", most);
  }
  if (shape[0] == Shape::kUnknown) return std::optional<int>();
  return std::optional<int>(static_cast<int>(shape[0]));
}

Result<Shape> wantedShape(const InferContext& ctx, size_t i) {
  QRT_ASSIGN_OR_RETURN(const auto length, parameterLength(ctx, i, Shape::kMaxRank));
  QRT_ASSIGN_OR_RETURN(const auto values, parameter(ctx, i));
  if (!length) return Shape::unranked();
  if (!values) return Shape::filled(*length, Shape::kUnknown);
  for (const int64_t dim : *values) {
    if (dim < 0) return invalidArgument("shape ", toString(*values), " has a negative dimension");
  }
  return Shape(std::span<const int64_t>(*values));
}

Result<int> checkedAxis(int64_t axis, int rank) {
  if (const auto normal = normalizeAxis(axis, rank)) return *normal;
  return invalidArgument("axis ", axis, ", wanted one of ", rank, " dimensions");
}

Result<int64_t> sameDim(int64_t a, int64_t b) {
  if (a == b || b == Shape::kUnknown) return a;
  if (a == Shape::kUnknown) return b;
  return invalidArgument("dimension ", b, ", wanted ", a);
}

Status requireUnquantized(const KernelContext& ctx) {
  for (size_t i = 0; i < ctx.inputs.size(); ++i) {
    if (ctx.has(i) && ctx.inputs[i].quant != nullptr) {
      return unsupported("input ", i, " is quantized, the reference kernel wants real numbers");
    }
  }
  return {};
}

Status copyBytes(const KernelContext& ctx) {
  const size_t bytes = ctx.outputs[0].bytes();
  if (bytes > 0) std::memcpy(ctx.outputs[0].data, ctx.inputs[0].data, bytes);
  return {};
}

}  // namespace qrt
