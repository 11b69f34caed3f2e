// Conv, ConvTranspose and FullyConnected with constant weights.
#include "backends/cpu_float/conv.h"

#include "backends/common/gemm_shapes.h"
#include "backends/cpu_float/f32_only.h"
#include "backends/cpu_float/family.h"
#include "base/error.h"

namespace qrt {
namespace {

class GemmProgram final : public Program {
 public:
  GemmProgram(std::string kernel, ConvF32 conv, WeightCache::Packed panels, int inPlaceInput)
      : kernel_(std::move(kernel)),
        conv_(std::move(conv)),
        panels_(std::move(panels)),
        inPlaceInput_(inPlaceInput) {}

  Status run(const RunArgs& args) override {
    const ConvArgsF32 memory = {inputOf(args, 0), panels_->as<float>(), inputOf(args, 2),
                                inputOf(args, 3), outputOf(args),       args.scratch.data()};
    args.pool.parallelFor(conv_.tasks(),
                          [&](int64_t task, int thread) { conv_.run(memory, task, thread); });
    return {};
  }

  std::string_view kernel() const override { return kernel_; }
  size_t scratchBytes() const override { return conv_.scratchBytes(); }
  int inPlaceInput(int) const override { return inPlaceInput_; }

 private:
  std::string kernel_;
  ConvF32 conv_;
  WeightCache::Packed panels_;
  int inPlaceInput_;
};

Verdict supports(const Graph& graph, const Layer& layer) {
  const Verdict verdict = checkConvShape(graph, layer);
  return verdict.supported ? f32Only(graph, layer) : verdict;
}

Result<std::unique_ptr<Program>> compile(const CompileContext& ctx, const Layer& layer) {
  const ConvShape shape = convShapeOf(ctx.graph, layer);
  const bool depthwise = shape.groups > 1 && shape.groups == shape.c && shape.groups == shape.o;
  if (layer.op == OpType::Conv && depthwise) return compileDepthwise(ctx, layer);
  const GemmKernelF32& kernel = gemmKernelF32(ctx.isa);
  ConvF32 conv(shape, fusedActivationOf(layer), kernel, ctx.threads);
  QRT_ASSIGN_OR_RETURN(WeightCache::Packed panels,
                       packWeights(ctx.weights, conv, ctx.graph.tensor(layer.inputs[1])));
  // Each element of the residual is read by whoever writes that output; x is read by many.
  const TensorId residual = layer.input(3);
  const bool inPlace = residual != kNoTensor && residual != layer.inputs[0];
  const std::string_view name = layer.op == OpType::Conv            ? "conv_f32_"
                                : layer.op == OpType::ConvTranspose ? "conv_transpose_f32_"
                                                                    : "fully_connected_f32_";
  return std::unique_ptr<Program>(std::make_unique<GemmProgram>(
      concat(name, gemmName(kernel)), std::move(conv), std::move(panels), inPlace ? 3 : -1));
}

constexpr OpType kOps[] = {OpType::Conv, OpType::ConvTranspose, OpType::FullyConnected};

}  // namespace

Result<WeightCache::Packed> packWeights(WeightCache& cache, const ConvF32& conv,
                                        const Tensor& tensor) {
  const auto bytes = static_cast<size_t>(conv.packedFloats()) * sizeof(float);
  return packConstant(cache, tensor, conv.packKey(), bytes,
                      [&](const std::byte* weights, std::byte* packed) {
                        for (int64_t task = 0; task < conv.packTasks(); ++task) {
                          conv.pack(reinterpret_cast<const float*>(weights),
                                    reinterpret_cast<float*>(packed), task);
                        }
                      });
}

std::string gemmName(const GemmKernelF32& kernel) {
  return concat("gemm_", kernel.mr, 'x', kernel.nr, '_', isaName(kernel.isa));
}

constinit const KernelFamily kConvFamily = {kOps, supports, compile};

}  // namespace qrt
