// MatMul (numpy's matmul: batched, 1-D operands) and FullyConnected (weights transposed, bias).
#include "graph/ops/checks.h"
#include "graph/ops/dtypes.h"
#include "graph/ops/int8.h"
#include "graph/ops/ops.h"

namespace qrt {
namespace {

using MatMulTypes =
    TypeList<float, double, Half, BFloat16, int32_t, uint32_t, int64_t, uint64_t>;

// An operand as a batch of matrices: a 1-D left operand is one row, a 1-D right operand one column.
struct Operand {
  Shape batch;
  int64_t rows;
  int64_t columns;

  Operand(const Shape& shape, bool left) {
    const int rank = shape.rank();
    if (rank == 1) {
      rows = left ? 1 : shape[0];
      columns = left ? shape[0] : 1;
    } else {
      batch = Shape(shape.dims().first(static_cast<size_t>(rank - 2)));
      rows = shape[rank - 2];
      columns = shape[rank - 1];
    }
  }
};

Status inferMatMul(InferContext& ctx) {
  QRT_RETURN_IF_ERROR(requireReals(ctx, MatMulTypes{}));
  for (size_t i = 0; i < 2; ++i) {
    if (ctx.shape(i).ranked() && ctx.shape(i).rank() == 0) {
      return invalidArgument("input ", i, " is a scalar, wanted at least one dimension");
    }
  }
  if (!ctx.shape(0).ranked() || !ctx.shape(1).ranked()) {
    ctx.setOutput(0, ctx.dtype(0), Shape::unranked());
    return {};
  }
  const Operand a(ctx.shape(0), true);
  const Operand b(ctx.shape(1), false);
  QRT_RETURN_IF_ERROR(annotate(requireDim("rows of the second", b.rows, a.columns), "matrices ",
                               ctx.shape(0).toString(), " and ", ctx.shape(1).toString()));
  QRT_ASSIGN_OR_RETURN(Shape out, broadcastShapes(a.batch, b.batch));
  if (ctx.shape(0).rank() > 1) out.append(a.rows);
  if (ctx.shape(1).rank() > 1) out.append(b.columns);
  ctx.setOutput(0, ctx.dtype(0), out);
  return {};
}

// Which matrix of an operand with batch dims `own` belongs to matrix `index` of `all`.
int64_t broadcastIndex(int64_t index, const Shape& all, const Shape& own) {
  int64_t result = 0;
  int64_t scale = 1;
  for (int i = 1; i <= own.rank(); ++i) {
    const int64_t dim = own[own.rank() - i];
    const int64_t whole = all[all.rank() - i];
    if (dim != 1) result += index % whole * scale;
    index /= whole;
    scale *= dim;
  }
  return result;
}

// compute(lhs, rhs, at) for every output in order: where its row of a and its column of b begin.
template <class Compute>
Status forEachOutput(const Operand& a, const Operand& b, Compute compute) {
  QRT_ASSIGN_OR_RETURN(const Shape batch, broadcastShapes(a.batch, b.batch));
  int64_t at = 0;
  for (int64_t i = 0; i < batch.elements(); ++i) {
    const int64_t lhs = broadcastIndex(i, batch, a.batch) * a.rows * a.columns;
    const int64_t rhs = broadcastIndex(i, batch, b.batch) * b.rows * b.columns;
    for (int64_t m = 0; m < a.rows; ++m) {
      for (int64_t n = 0; n < b.columns; ++n) compute(lhs + m * a.columns, rhs + n, at++);
    }
  }
  return {};
}

Status matMul(const KernelContext& ctx) {
  const Operand a(ctx.inputs[0].shape, true);
  const Operand b(ctx.inputs[1].shape, false);
  if (ctx.inputs[0].quant != nullptr) {
    QRT_ASSIGN_OR_RETURN(const Int8Sums sums, Int8Sums::create(ctx, {}));
    return forEachOutput(a, b, [&](int64_t lhs, int64_t rhs, int64_t at) {
      sums.store(at, 0, sums.dot(lhs, rhs, a.columns, b.columns));
    });
  }
  return visitType(MatMulTypes{}, ctx.inputs[0].dtype, [&]<class T>() -> Status {
    return forEachOutput(a, b, [&](int64_t lhs, int64_t rhs, int64_t at) {
      const auto sum = dot(ctx.in<T>(0) + lhs, ctx.in<T>(1) + rhs, a.columns, b.columns);
      ctx.out<T>(0)[at] = static_cast<T>(sum);
    });
  });
}

int64_t macsMatMul(const Graph& graph, const Layer& layer) {
  const Operand a(graph.tensor(layer.inputs[0]).shape, true);
  return saturatingProduct({graph.tensor(layer.outputs[0]).shape.elements(), a.columns});
}

Status inferFullyConnected(InferContext& ctx) {
  QRT_RETURN_IF_ERROR(
      requireReals(ctx, MatMulTypes{}, ctx.attrs<FullyConnectedAttrs>().activation));
  QRT_RETURN_IF_ERROR(requireRank(ctx, 0, 2, "[M,I]"));
  QRT_RETURN_IF_ERROR(requireRank(ctx, 1, 2, "weights [O,I]"));
  QRT_RETURN_IF_ERROR(
      requireDim("weights' input size", dimOf(ctx.shape(1), 1), dimOf(ctx.shape(0), 1)));
  const int64_t oc = dimOf(ctx.shape(1), 0);
  if (ctx.has(2)) {
    QRT_RETURN_IF_ERROR(requireRank(ctx, 2, 1, "bias [O]"));
    QRT_RETURN_IF_ERROR(requireDim("size of the bias", dimOf(ctx.shape(2), 0), oc));
  }
  ctx.setOutput(0, ctx.dtype(0), {dimOf(ctx.shape(0), 0), oc});
  return {};
}

Status fullyConnected(const KernelContext& ctx) {
  const auto& activation = ctx.attrs<FullyConnectedAttrs>().activation;
  const Shape& x = ctx.inputs[0].shape;
  const int64_t outputs = ctx.inputs[1].shape[0];
  if (ctx.inputs[0].quant != nullptr) {
    QRT_ASSIGN_OR_RETURN(const Int8Sums sums, Int8Sums::create(ctx, activation));
    for (int64_t at = 0; at < x[0] * outputs; ++at) {
      const int64_t n = at % outputs;
      sums.store(at, n, sums.dot(at / outputs * x[1], n * x[1], x[1]));
    }
    return {};
  }
  return visitType(MatMulTypes{}, ctx.inputs[0].dtype, [&]<class T>() -> Status {
    T* dst = ctx.out<T>(0);
    for (int64_t m = 0; m < x[0]; ++m) {
      for (int64_t n = 0; n < outputs; ++n) {
        Sum<T> sum = dot(ctx.in<T>(0) + m * x[1], ctx.in<T>(1) + n * x[1], x[1]);
        if (ctx.has(2)) sum += static_cast<Sum<T>>(ctx.in<T>(2)[n]);
        if constexpr (kIsFloat<T>) sum = applyActivation(activation, sum);
        *dst++ = static_cast<T>(sum);
      }
    }
    return {};
  });
}

int64_t macsFullyConnected(const Graph& graph, const Layer& layer) {
  const Shape& x = graph.tensor(layer.inputs[0]).shape;
  return saturatingProduct({x[0], x[1], graph.tensor(layer.inputs[1]).shape[0]});
}

}  // namespace

const OpDef kOpMatMul = {OpType::MatMul, 2, 2, 1, 1, inferMatMul, matMul, macsMatMul};
const OpDef kOpFullyConnected = {OpType::FullyConnected, 2,  3, 1, 1, inferFullyConnected,
                                 fullyConnected,         macsFullyConnected};

}  // namespace qrt
