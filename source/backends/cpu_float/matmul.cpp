// MatMul: batched with broadcasting. A constant right operand is packed ahead, another at each run.
#include "backends/common/gemm_shapes.h"
#include "backends/cpu_float/conv.h"
#include "backends/cpu_float/f32_only.h"
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

Result<std::unique_ptr<Program>> compile(const CompileContext& ctx, const Layer& layer) {
  const Tensor& b = ctx.graph.tensor(layer.inputs[1]);
  const GemmKernelF32& kernel = gemmKernelF32(ctx.isa);
  ConvF32 product(matMulShapeOf(ctx.graph, layer), kernel, ctx.threads);
  WeightCache::Packed panels;
  if (b.isConstant()) {
    QRT_ASSIGN_OR_RETURN(panels, packWeights(ctx, product, b));
  }
  return std::unique_ptr<Program>(std::make_unique<MatMulProgram>(
      concat("matmul_f32_", gemmName(kernel)), std::move(product), std::move(panels)));
}

Verdict supports(const Graph& graph, const Layer& layer) {
  const Verdict verdict = checkMatMulShape(graph, layer);
  return verdict.supported ? f32Only(graph, layer) : verdict;
}

constexpr OpType kOps[] = {OpType::MatMul};

}  // namespace

constinit const KernelFamily kMatMulFamily = {kOps, supports, compile};

}  // namespace qrt
