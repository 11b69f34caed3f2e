#include "graph/ops/checks.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "graph/ops/dtypes.h"

namespace qrt {

Status requireRank(const InferContext& ctx, size_t i, int rank, const char* layout) {
  const Shape& shape = ctx.shape(i);
  if (!shape.ranked() || shape.rank() == rank) return {};
  return invalidArgument("input ", i, " '", ctx.input(i).name, "' has shape ", shape.toString(),
                         ", wanted ", layout);
}

Status requireDim(const char* what, int64_t found, int64_t wanted) {
  if (found == wanted || found == Shape::kUnknown || wanted == Shape::kUnknown) return {};
  return invalidArgument(what, " is ", found, ", wanted ", wanted);
}

Status requireOneDType(const InferContext& ctx) {
  for (size_t i = 1; i < ctx.inputCount(); ++i) {
    if (ctx.has(i) && ctx.dtype(i) != ctx.dtype(0)) {
      return invalidArgument("input ", i, " '", ctx.input(i).name, "' is ", dtypeName(ctx.dtype(i)),
                             ", wanted ", dtypeName(ctx.dtype(0)), " as input 0");
    }
  }
  return {};
}

Status checkActivation(const Activation& activation, DType dtype) {
  if (activation.kind == ActivationKind::none) return {};
  if (std::isnan(activation.a) || std::isnan(activation.b)) {
    return invalidArgument("a parameter of the activation is NaN");
  }
  return contains(FloatTypes{}, dtype)
             ? Status()
             : unsupportedDType(FloatTypes{}, "a tensor with an activation", dtype);
}

int64_t saturatingProduct(std::initializer_list<int64_t> factors) {
  if (std::find(factors.begin(), factors.end(), 0) != factors.end()) return 0;
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
  int64_t product = 1;
  for (const int64_t factor : factors) {
    product = factor > kMost / product ? kMost : product * factor;
  }
  return product;
}

}  // namespace qrt
