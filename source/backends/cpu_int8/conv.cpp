// Conv, ConvTranspose and FullyConnected of s8 activations and constant s8 weights.
#include "backends/cpu_int8/conv.h"

#include <algorithm>

#include "backends/common/conv_program.h"
#include "backends/common/gemm_shapes.h"
#include "backends/cpu_int8/family.h"
#include "base/error.h"
#include "graph/quantized.h"
#include "kernels/winograd/conv_winograd_s8.h"

namespace qrt {
namespace {

ConvArgsS8 memoryOf(const RunArgs& args, const AlignedBuffer& packed) {
  return {bytesOf(args, 0), packed.data(), bytesOf(args, 3), static_cast<int8_t*>(args.outputs[0].data),
          args.scratch.data(), args.outputStep};
}

Verdict checkWeights(const Tensor& weights) {
  const bool good = weights.dtype == DType::s8 && weights.quant && weights.quant->axis <= 0 &&
                    std::count(weights.quant->zeroPoints.begin(), weights.quant->zeroPoints.end(),
                               weights.quant->zeroPoints[0]) == std::ssize(weights.quant->zeroPoints);
  if (good) return Verdict::yes();
  return Verdict::no(concat("weights '", weights.name, "' are ", dtypeName(weights.dtype),
                            ", wanted s8 with one scale or one per output channel, and one zero point"));
}

/// Products in the sum of one output, counting all taps.
int64_t productsOf(const Tensor& weights) {
  return weights.shape.elements() / std::max<int64_t>(1, weights.shape[0]);
}

Verdict supports(const Graph& graph, const Layer& layer) {
  if (const Verdict shape = checkConvShape(graph, layer); !shape.supported) return shape;
  if (const Verdict s8 = int8Only(graph, layer, 1); !s8.supported) return s8;
  const Tensor& weights = graph.tensor(layer.inputs[1]);
  if (const Verdict good = checkWeights(weights); !good.supported) return good;
  if (const TensorId bias = layer.input(2); bias != kNoTensor) {
    const Tensor& tensor = graph.tensor(bias);
    if (tensor.dtype != DType::s32 || !tensor.isConstant()) {
      return Verdict::no(concat("bias '", tensor.name, "' is ", dtypeName(tensor.dtype),
                                ", wanted constant s32"));
    }
  }
  if (const TensorId residual = layer.input(3);
      residual != kNoTensor && !isInt8Activation(graph.tensor(residual))) {
    return Verdict::no(concat("residual '", graph.tensor(residual).name, "' is ",
                              dtypeName(graph.tensor(residual).dtype),
                              ", wanted s8 with one scale"));
  }
  if (!fusedRange(fusedActivationOf(layer), DType::s8, *graph.tensor(layer.outputs[0]).quant)) {
    return Verdict::no("the fused activation is none of relu and clip");
  }
  return checkDepth(productsOf(weights));
}

ConvQuantS8 quantOf(const Graph& graph, const Layer& layer) {
  const QuantParams& x = *graph.tensor(layer.inputs[0]).quant;
  const QuantParams& w = *graph.tensor(layer.inputs[1]).quant;
  const QuantParams& y = *graph.tensor(layer.outputs[0]).quant;
  const auto range = fusedRange(fusedActivationOf(layer), DType::s8, y);
  ConvQuantS8 quant{.zeroX = x.zeroPoints[0],
                    .zeroB = w.zeroPoints[0],
                    .zeroY = range->zeroPoint,
                    .low = range->low,
                    .high = range->high,
                    .multipliers = int8Multipliers(x, w, y)};
  if (const TensorId residual = layer.input(3); residual != kNoTensor) {
    const QuantParams& r = *graph.tensor(residual).quant;
    quant.zeroResidual = r.zeroPoints[0];
    quant.residualMultiplier = requantizeScale(r.scales[0], y.scales[0]);
  }
  return quant;
}

template <class Conv>
Result<std::unique_ptr<Program>> makeProgram(const CompileContext& ctx, const Layer& layer,
                                             std::string kernel, Conv conv) {
  QRT_ASSIGN_OR_RETURN(WeightCache::Packed packed,
                       packWeights(ctx, conv, ctx.graph.tensor(layer.inputs[1])));
  const Tensor* bias = ctx.graph.constant(layer.input(2));
  conv.prepareBias(packed->data(), bias == nullptr ? nullptr
                                                   : reinterpret_cast<const int32_t*>(
                                                         bias->constant->bytes.data()));
  // Each element of the residual is read by whoever writes that output; x is read by many.
  const TensorId residual = layer.input(3);
  const bool inPlace = residual != kNoTensor && residual != layer.inputs[0];
  return std::unique_ptr<Program>(std::make_unique<ConvProgram<Conv, memoryOf>>(
      std::move(kernel), std::move(conv), std::move(packed), inPlace ? 3 : -1, residual != kNoTensor));
}

Result<std::unique_ptr<Program>> compile(const CompileContext& ctx, const Layer& layer) {
  const ConvShape shape = convShapeOf(ctx.graph, layer);
  ConvQuantS8 quant = quantOf(ctx.graph, layer);
  if (layer.op == OpType::Conv && isDepthwise(shape)) {
    auto depthwise = compileDepthwiseS8(ctx, layer, quant);
    if (!depthwise.ok() || *depthwise != nullptr) return depthwise;
  }
  const GemmKernelS8& gemm = gemmKernelS8(ctx.isa, productsOf(ctx.graph.tensor(layer.inputs[1])));
  const WinogradKernelS8& winograd = winogradKernelS8(ctx.isa);
  if (quant.zeroB == 0 && chooseWinogradS8(shape, winograd, gemm.isa)) {
    return makeProgram(ctx, layer, concat("conv_s8_winograd4x3_", isaName(winograd.isa)),
                       ConvWinogradS8(shape, std::move(quant), winograd, ctx.threads));
  }
  const std::string_view name = layer.op == OpType::Conv            ? "conv_s8_"
                                : layer.op == OpType::ConvTranspose ? "conv_transpose_s8_"
                                                                    : "fully_connected_s8_";
  return makeProgram(ctx, layer, concat(name, gemmName(gemm)),
                     ConvS8(shape, std::move(quant), gemm, ctx.threads));
}

constexpr OpType kOps[] = {OpType::Conv, OpType::ConvTranspose, OpType::FullyConnected};

}  // namespace

Verdict checkDepth(int64_t products) {
  constexpr int64_t kMost = 65'536;  // of up to 255 · 128
  if (products <= kMost) return Verdict::yes();
  return Verdict::no(concat("sums of ", products, " products may not fit 32 bits, wanted at most ",
                            kMost));
}

std::string gemmName(const GemmKernelS8& kernel) {
  return concat("gemm_s8_", kernel.mr, 'x', kernel.nr, 'c', kernel.kr, '_', isaName(kernel.isa));
}

constinit const KernelFamily kConvS8Family = {kOps, supports, compile};

}  // namespace qrt
