// Split: pieces of x along an axis, of given or of equal sizes.
#include <cstring>

#include "graph/ops/ops.h"
#include "graph/ops/shape_rules.h"

namespace qrt {
namespace {

// Sizes of the pieces of a dim that has no sizes given: equal, the last may be smaller.
Result<int64_t> equalPiece(int64_t dim, int64_t pieces) {
  const int64_t size = (dim + pieces - 1) / pieces;
  if (size * (pieces - 1) <= dim) return size;
  return invalidArgument("a dimension of ", dim, " does not split into ", pieces, " pieces of ",
                         size);
}

Status checkSizes(const std::vector<int64_t>& sizes, int64_t dim, size_t outputs) {
  if (sizes.size() != outputs) {
    return invalidArgument(sizes.size(), " sizes for ", outputs, " outputs");
  }
  int64_t sum = 0;
  for (const int64_t size : sizes) {
    if (size < 0 || size > kMaxDim) return invalidArgument("piece of size ", size);
    sum += size;
  }
  if (dim != Shape::kUnknown && sum != dim) {
    return invalidArgument("sizes add up to ", sum, ", wanted ", dim);
  }
  return {};
}

Status infer(InferContext& ctx) {
  const auto& attrs = ctx.attrs<SplitAttrs>();
  const Shape& in = ctx.shape(0);
  Shape piece = in;
  int axis = 0;
  int64_t dim = Shape::kUnknown;
  if (in.ranked()) {
    QRT_ASSIGN_OR_RETURN(axis, checkedAxis(attrs.axis, in.rank()));
    dim = in[axis];
  }
  const auto count = static_cast<int64_t>(ctx.outputCount());
  int64_t equal = Shape::kUnknown;
  if (!attrs.sizes.empty()) {
    QRT_RETURN_IF_ERROR(checkSizes(attrs.sizes, dim, ctx.outputCount()));
  } else if (dim != Shape::kUnknown) {
    QRT_ASSIGN_OR_RETURN(equal, equalPiece(dim, count));
  }
  for (int64_t i = 0; i < count; ++i) {
    if (in.ranked()) {
      piece[axis] = !attrs.sizes.empty()       ? attrs.sizes[static_cast<size_t>(i)]
                    : equal == Shape::kUnknown ? equal
                                               : std::min(equal, dim - i * equal);
    }
    ctx.setOutput(static_cast<size_t>(i), ctx.dtype(0), piece);
  }
  return {};
}

Status reference(const KernelContext& ctx) {
  const Shape& in = ctx.inputs[0].shape;
  const auto& attrs = ctx.attrs<SplitAttrs>();
  const int axis = *normalizeAxis(attrs.axis, in.rank());
  const size_t inner =
      static_cast<size_t>(product(in, axis + 1, in.rank())) * dtypeSize(ctx.inputs[0].dtype);
  const auto* src = ctx.in<std::byte>(0);
  const auto count = static_cast<int64_t>(ctx.outputs.size());
  const int64_t equal = (in[axis] + count - 1) / count;
  const int64_t outer = product(in, 0, axis);
  for (int64_t o = 0; o < outer; ++o) {
    for (int64_t i = 0; i < count; ++i) {
      const auto at = static_cast<size_t>(i);
      // From the attributes and not from the outputs, which may be absent.
      const int64_t size =
          attrs.sizes.empty() ? std::min(equal, in[axis] - i * equal) : attrs.sizes[at];
      const size_t bytes = static_cast<size_t>(size) * inner;
      auto* dst = static_cast<std::byte*>(ctx.outputs[at].data);
      if (dst != nullptr && bytes > 0)
        std::memcpy(dst + static_cast<size_t>(o) * bytes, src, bytes);
      src += bytes;
    }
  }
  return {};
}

}  // namespace

const OpDef kOpSplit = {.type = OpType::Split,
                        .minInputs = 1,
                        .maxInputs = 1,
                        .minOutputs = 1,
                        .maxOutputs = -1,
                        .infer = infer,
                        .reference = reference};

}  // namespace qrt
