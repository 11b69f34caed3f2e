// What shape rules share: reading parameters that may not be constant yet, axes, and a limit on
// sizes.
#pragma once

#include <cstring>
#include <optional>

#include "graph/op.h"
#include "graph/ops/strided.h"

namespace qrt {

/// Sets output `i` and succeeds, so that a rule can end with it. inferShapes() checks the size.
inline Status setOutput(InferContext& ctx, size_t i, DType dtype, const Shape& shape) {
  ctx.setOutput(i, dtype, shape);
  return {};
}

/// The values of a tensor of s64 or s32 with at most one dim and IntList::kCapacity elements.
Result<IntList> readInts(const ConstTensorView& view);

/// "[2, 0, -1]"
std::string toString(const IntList& list);

/// The integers of input `i`: nullopt if it is absent or not constant yet.
Result<std::optional<IntList>> parameter(const InferContext& ctx, size_t i);

/// How many values input `i`, a parameter, holds: nullopt if not known yet; fails beyond `most`.
Result<std::optional<int>> parameterLength(const InferContext& ctx, size_t i, int most);

/// The shape that input `i`, a parameter, holds: of unknown dims or rank where that is all that is
/// known.
Result<Shape> wantedShape(const InferContext& ctx, size_t i);

/// `axis` counted from the front, or a message.
Result<int> checkedAxis(int64_t axis, int rank);

/// The dim that two tensors must share, of which either may be unknown; fails if they differ.
Result<int64_t> sameDim(int64_t a, int64_t b);

/// Fails for quantized inputs: for ops that would compute with the raw integers.
Status requireUnquantized(const KernelContext& ctx);

/// The reference kernel of ops whose output has the input's bytes.
Status copyBytes(const KernelContext& ctx);

}  // namespace qrt
