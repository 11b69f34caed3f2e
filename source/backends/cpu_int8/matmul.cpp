// MatMul of s8 tensors: batched with broadcasting. A constant right operand is packed ahead, another
// at each run.
#include "backends/common/gemm_shapes.h"
#include "backends/cpu_int8/conv.h"
#include "backends/cpu_int8/family.h"
#include "base/error.h"
#include "graph/quantized.h"

namespace qrt {
namespace {

class MatMulProgram final : public Program {
 public:
  MatMulProgram(std::string kernel, ConvS8 product, WeightCache::Packed packed)
      : kernel_(std::move(kernel)), product_(std::move(product)), packed_(std::move(packed)) {}

  Status run(const RunArgs& args) override {
    const std::byte* packed = packed_ ? packed_->data() : pack(args);
    const ConvArgsS8 memory = {bytesOf(args, 0), packed, nullptr,
                               static_cast<int8_t*>(args.outputs[0].data),
                               args.scratch.data() + packedBytes()};
    args.pool.parallelFor(product_.tasks(),
                          [&](int64_t task, int thread) { product_.run(memory, task, thread); });
    return {};
  }

  std::string_view kernel() const override { return kernel_; }
  size_t scratchBytes() const override { return packedBytes() + product_.scratchBytes(); }

 private:
  size_t packedBytes() const { return packed_ ? 0 : alignUp(product_.packedBytes()); }
  const std::byte* pack(const RunArgs& args) const {
    std::byte* packed = args.scratch.data();
    args.pool.parallelFor(product_.packTasks(), [&](int64_t task, int) {
      product_.packAndFold(bytesOf(args, 1), packed, task);
    });
    return packed;
  }

  std::string kernel_;
  ConvS8 product_;
  WeightCache::Packed packed_;
};

Verdict supports(const Graph& graph, const Layer& layer) {
  if (const Verdict shape = checkMatMulShape(graph, layer); !shape.supported) return shape;
  const Verdict s8 = int8Only(graph, layer, 2);
  return s8.supported ? checkDepth(matMulShapeOf(graph, layer).k) : s8;
}

Result<std::unique_ptr<Program>> compile(const CompileContext& ctx, const Layer& layer) {
  const Tensor& b = ctx.graph.tensor(layer.inputs[1]);
  const QuantParams& qa = *ctx.graph.tensor(layer.inputs[0]).quant;
  const QuantParams& qy = *ctx.graph.tensor(layer.outputs[0]).quant;
  ConvQuantS8 quant{.zeroX = qa.zeroPoints[0],
                    .zeroB = b.quant->zeroPoints[0],
                    .zeroY = qy.zeroPoints[0]};
  quant.multipliers = int8Multipliers(qa, *b.quant, qy);
  const MatMulShape shape = matMulShapeOf(ctx.graph, layer);
  const GemmKernelS8& kernel = gemmKernelS8(ctx.isa, shape.k);
  ConvS8 product(shape, std::move(quant), kernel, ctx.threads);
  WeightCache::Packed packed;
  if (b.isConstant()) {
    QRT_ASSIGN_OR_RETURN(packed, packWeights(ctx, product, b));
    product.prepareBias(packed->data(), nullptr);
  }
  return std::unique_ptr<Program>(std::make_unique<MatMulProgram>(
      concat("matmul_s8_", gemmName(kernel)), std::move(product), std::move(packed)));
}

constexpr OpType kOps[] = {OpType::MatMul};

}  // namespace

constinit const KernelFamily kMatMulS8Family = {kOps, supports, compile};

}  // namespace qrt
