// Conv, ConvTranspose and FullyConnected with constant weights.
#include "backends/cpu_float/conv.h"

#include "backends/common/conv_program.h"
#include "backends/common/gemm_shapes.h"
#include "backends/cpu_float/f32_only.h"
#include "backends/cpu_float/family.h"
#include "base/error.h"
#include "kernels/winograd/conv_winograd_f32.h"

namespace qrt {
namespace {

ConvArgsF32 memoryOf(const RunArgs& args, const AlignedBuffer& panels) {
  return {inputOf(args, 0), panels.as<float>(), inputOf(args, 2),  inputOf(args, 3),
          outputOf(args),   args.scratch.data(), args.outputStep};
}

Verdict supports(const Graph& graph, const Layer& layer) {
  const Verdict verdict = checkConvShape(graph, layer);
  return verdict.supported ? f32Only(graph, layer) : verdict;
}

template <class Conv>
Result<std::unique_ptr<Program>> makeProgram(const CompileContext& ctx, const Layer& layer,
                                             std::string kernel, Conv conv) {
  QRT_ASSIGN_OR_RETURN(WeightCache::Packed panels,
                       packWeights(ctx, conv, ctx.graph.tensor(layer.inputs[1])));
  // Each element of the residual is read by whoever writes that output; x is read by many.
  const TensorId residual = layer.input(3);
  const bool inPlace = residual != kNoTensor && residual != layer.inputs[0];
  return std::unique_ptr<Program>(std::make_unique<ConvProgram<Conv, memoryOf>>(
      std::move(kernel), std::move(conv), std::move(panels), inPlace ? 3 : -1, residual != kNoTensor));
}

Result<std::unique_ptr<Program>> compile(const CompileContext& ctx, const Layer& layer) {
  const ConvShape shape = convShapeOf(ctx.graph, layer);
  const bool depthwise = shape.groups > 1 && shape.groups == shape.c && shape.groups == shape.o;
  if (layer.op == OpType::Conv && depthwise) return compileDepthwise(ctx, layer);
  const GemmKernelF32& kernel = gemmKernelF32(ctx.isa);
  const Activation& activation = fusedActivationOf(layer);
  if (const int m = chooseWinograd(shape, kernel, ctx.winogradError); m != 0) {
    const WinogradKernelF32& transforms = winogradKernelF32(ctx.isa);
    return makeProgram(ctx, layer,
                       concat("conv_f32_winograd", m, 'x', shape.kh, '_', isaName(transforms.isa)),
                       ConvWinogradF32(shape, m, activation, kernel, transforms, ctx.threads));
  }
  const std::string_view name = layer.op == OpType::Conv            ? "conv_f32_"
                                : layer.op == OpType::ConvTranspose ? "conv_transpose_f32_"
                                                                    : "fully_connected_f32_";
  return makeProgram(ctx, layer, concat(name, gemmName(kernel)),
                     ConvF32(shape, activation, kernel, ctx.threads));
}

constexpr OpType kOps[] = {OpType::Conv, OpType::ConvTranspose, OpType::FullyConnected};

}  // namespace

std::string gemmName(const GemmKernelF32& kernel) {
  return concat("gemm_", kernel.mr, 'x', kernel.nr, '_', isaName(kernel.isa));
}

constinit const KernelFamily kConvFamily = {kOps, supports, compile};

}  // namespace qrt
