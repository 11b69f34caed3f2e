// The registry of ops, and the pieces that shape rules share.
#include "graph/op.h"

#include <algorithm>
#include <array>

#include "graph/ops/ops.h"

namespace qrt {
namespace {

constexpr std::string_view kOpNames[] = {
#define QRT_OP_NAME(name, attributes) #name,
    QRT_OP_LIST(QRT_OP_NAME)
#undef QRT_OP_NAME
};

}  // namespace

std::string_view opName(OpType op) { return kOpNames[static_cast<size_t>(op)]; }

std::optional<OpType> opFromName(std::string_view name) {
  const auto* found = std::find(std::begin(kOpNames), std::end(kOpNames), name);
  if (found == std::end(kOpNames)) return std::nullopt;
  return static_cast<OpType>(found - std::begin(kOpNames));
}

Attributes defaultAttributes(OpType op) {
  switch (op) {
#define QRT_OP_DEFAULTS(name, attributes) \
  case OpType::name:                      \
    return attributes{};
    QRT_OP_LIST(QRT_OP_DEFAULTS)
#undef QRT_OP_DEFAULTS
  }
  return NoAttrs{};
}

const OpDef& opDef(OpType op) {
  static const std::array<const OpDef*, kOpCount> defs = {
#define QRT_OP_DEF(name, attributes) &kOp##name,
      QRT_OP_LIST(QRT_OP_DEF)
#undef QRT_OP_DEF
  };
  return *defs[static_cast<size_t>(op)];
}

void InferContext::setOutput(size_t i, DType dtype, const Shape& shape) {
  const TensorId id = layer_.outputs[i];
  if (id == kNoTensor) return;
  graph_.tensor(id).dtype = dtype;
  graph_.tensor(id).shape = shape;
}

Result<Shape> broadcastShapes(const Shape& a, const Shape& b) {
  if (!a.ranked() || !b.ranked()) return Shape::unranked();
  const int rank = std::max(a.rank(), b.rank());
  Shape out = Shape::filled(rank, 1);
  for (int i = 0; i < rank; ++i) {
    const int ai = i - (rank - a.rank());
    const int bi = i - (rank - b.rank());
    const int64_t x = ai < 0 ? 1 : a[ai];
    const int64_t y = bi < 0 ? 1 : b[bi];
    if (x == y || y == 1) {
      out[i] = x;
    } else if (x == 1 || x == Shape::kUnknown) {
      out[i] = y;
    } else if (y == Shape::kUnknown) {
      out[i] = x;
    } else {
      return invalidArgument("shapes ", a.toString(), " and ", b.toString(),
                             " cannot be broadcast together");
    }
  }
  return out;
}

}  // namespace qrt
