// MatMul: batched with broadcasting. A constant right operand is packed ahead, another at each run.
#include "backends/cpu_float/conv.h"
#include "backends/cpu_float/family.h"
#include "base/error.h"

namespace qrt {
namespace {

class MatMulProgram final : public Program {
 public:
  MatMulProgram(std::string kernel, ConvF32 product, WeightCache::Packed panels)
      : kernel_(std::move(kernel)), product_(std::move(product)), panels_(std::move(panels)) {}

  Status run(const RunArgs& args) override {
    const float* panels = panels_ ? panels_->as<float>() : pack(args);
    const ConvArgsF32 memory = {inputOf(args, 0), panels,
                                nullptr,          nullptr,
                                outputOf(args),   args.scratch.data() + panelBytes()};
    args.pool.parallelFor(product_.tasks(),
                          [&](int64_t task, int thread) { product_.run(memory, task, thread); });
    return {};
  }

  std::string_view kernel() const override { return kernel_; }
  size_t scratchBytes() const override { return panelBytes() + product_.scratchBytes(); }

 private:
  size_t panelBytes() const {
    return panels_ ? 0 : alignUp(static_cast<size_t>(product_.packedFloats()) * sizeof(float));
  }
  const float* pack(const RunArgs& args) const {
    auto* panels = reinterpret_cast<float*>(args.scratch.data());
    args.pool.parallelFor(product_.packTasks(), [&](int64_t task, int) {
      product_.pack(inputOf(args, 1), panels, task);
    });
    return panels;
  }

  std::string kernel_;
  ConvF32 product_;
  WeightCache::Packed panels_;
};

Shape batchOf(const Shape& shape) {
  return shape.rank() < 3 ? Shape()
                          : Shape(shape.dims().first(static_cast<size_t>(shape.rank() - 2)));
}

// For each matrix of `all`, which one of `own` it is made of, by numpy's broadcasting.
std::vector<int64_t> matrixIndices(const Shape& all, const Shape& own) {
  std::vector<int64_t> indices(static_cast<size_t>(all.elements()));
  for (size_t i = 0; i < indices.size(); ++i) {
    auto rest = static_cast<int64_t>(i);
    int64_t scale = 1;
    for (int d = 1; d <= own.rank(); ++d) {
      const int64_t dim = own[own.rank() - d], whole = all[all.rank() - d];
      if (dim != 1) indices[i] += rest % whole * scale;
      rest /= whole;
      scale *= dim;
    }
  }
  return indices;
}

MatMulShape shapeOf(const Shape& a, const Shape& b, const Shape& batch) {
  MatMulShape shape;
  shape.k = a[a.rank() - 1];
  shape.m = a.rank() == 1 ? 1 : a[a.rank() - 2];
  shape.n = b.rank() == 1 ? 1 : b[b.rank() - 1];
  if (batchOf(b).elements() == 1) {  // one matrix for all rows of a
    shape.m *= batch.elements();
    shape.aIndex = shape.bIndex = {0};
    return shape;
  }
  shape.aIndex = matrixIndices(batch, batchOf(a));
  shape.bIndex = matrixIndices(batch, batchOf(b));
  shape.bCount = batchOf(b).elements();
  return shape;
}

Result<std::unique_ptr<Program>> compile(const CompileContext& ctx, const Layer& layer) {
  const Tensor& b = ctx.graph.tensor(layer.inputs[1]);
  const Shape& a = ctx.graph.tensor(layer.inputs[0]).shape;
  QRT_ASSIGN_OR_RETURN(const Shape batch, broadcastShapes(batchOf(a), batchOf(b.shape)));
  const GemmKernelF32& kernel = gemmKernelF32(ctx.isa);
  ConvF32 product(shapeOf(a, b.shape, batch), kernel, ctx.threads);
  WeightCache::Packed panels;
  if (b.isConstant()) {
    QRT_ASSIGN_OR_RETURN(panels, packWeights(ctx.weights, product, b));
  }
  return std::unique_ptr<Program>(std::make_unique<MatMulProgram>(
      concat("matmul_f32_", gemmName(kernel)), std::move(product), std::move(panels)));
}

Verdict supports(const Graph& graph, const Layer& layer) {
  constexpr int64_t kMostMatrices = int64_t{1} << 16;  // each has a place in a table
  const Shape batchA = batchOf(graph.tensor(layer.inputs[0]).shape);
  const Shape batchB = batchOf(graph.tensor(layer.inputs[1]).shape);
  const auto batch = broadcastShapes(batchA, batchB);
  if (batch.ok() && batchB.elements() != 1 && batch->elements() > kMostMatrices) {
    return Verdict::no(
        concat(batch->elements(), " matrices, wanted at most ", kMostMatrices));
  }
  return requireF32(graph, layer);
}

constexpr OpType kOps[] = {OpType::MatMul};

}  // namespace

constinit const KernelFamily kMatMulFamily = {kOps, supports, compile};

}  // namespace qrt
