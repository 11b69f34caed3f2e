// Conv, ConvTranspose and FullyConnected with constant weights.
#include "backends/cpu_float/conv.h"

#include <algorithm>

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

template <class Attrs>
ConvShape shapeOf(const Graph& graph, const Layer& layer, const Attrs& attrs) {
  const Shape& x = graph.tensor(layer.inputs[0]).shape;
  const Shape& weights = graph.tensor(layer.inputs[1]).shape;
  const Shape& y = graph.tensor(layer.outputs[0]).shape;
  return {.n = x[0],
          .h = x[1],
          .w = x[2],
          .c = x[3],
          .oh = y[1],
          .ow = y[2],
          .o = y[3],
          .kh = weights[1],
          .kw = weights[2],
          .strideH = attrs.strides[0],
          .strideW = attrs.strides[1],
          .dilationH = attrs.dilations[0],
          .dilationW = attrs.dilations[1],
          .padTop = attrs.pads[0],
          .padLeft = attrs.pads[1],
          .groups = attrs.groups,
          .transposed = std::is_same_v<Attrs, ConvTransposeAttrs>};
}

Result<std::unique_ptr<Program>> compileGemm(const CompileContext& ctx, const Layer& layer,
                                             std::string_view name, const ConvShape& shape,
                                             const Activation& activation) {
  const GemmKernelF32& kernel = gemmKernelF32(ctx.isa);
  ConvF32 conv(shape, activation, kernel, ctx.threads);
  QRT_ASSIGN_OR_RETURN(WeightCache::Packed panels,
                       packWeights(ctx.weights, conv, ctx.graph.tensor(layer.inputs[1])));
  // Each element of the residual is read by whoever writes that output; x is read by many.
  const TensorId residual = layer.input(3);
  const bool inPlace = residual != kNoTensor && residual != layer.inputs[0];
  return std::unique_ptr<Program>(std::make_unique<GemmProgram>(
      concat(name, gemmName(kernel)), std::move(conv), std::move(panels), inPlace ? 3 : -1));
}

// A ConvTranspose is one product per group and remainder of the output position by the stride, each
// planned and packed on its own.
constexpr int64_t kMostProducts = 4096;

Verdict supports(const Graph& graph, const Layer& layer) {
  if (graph.constant(layer.inputs[1]) == nullptr) {
    return Verdict::no("weights are not constant");
  }
  if (layer.op == OpType::ConvTranspose) {
    const auto& attrs = layer.attrs<ConvTransposeAttrs>();
    const Shape& y = graph.tensor(layer.outputs[0]).shape;
    const int64_t products = std::min<int64_t>(attrs.strides[0], y[1]) *
                             std::min<int64_t>(attrs.strides[1], y[2]) * attrs.groups;
    if (products > kMostProducts) {
      return Verdict::no(concat("strides and groups cut it into ", products,
                                " products, wanted at most ", kMostProducts));
    }
  }
  return requireF32(graph, layer);
}

Result<std::unique_ptr<Program>> compile(const CompileContext& ctx, const Layer& layer) {
  if (layer.op == OpType::FullyConnected) {
    const Shape& x = ctx.graph.tensor(layer.inputs[0]).shape;
    const int64_t outputs = ctx.graph.tensor(layer.inputs[1]).shape[0];
    return compileGemm(ctx, layer, "fully_connected_f32_",
                       {.w = x[0], .c = x[1], .ow = x[0], .o = outputs},
                       layer.attrs<FullyConnectedAttrs>().activation);
  }
  if (layer.op == OpType::ConvTranspose) {
    const auto& attrs = layer.attrs<ConvTransposeAttrs>();
    return compileGemm(ctx, layer, "conv_transpose_f32_", shapeOf(ctx.graph, layer, attrs),
                       attrs.activation);
  }
  const auto& attrs = layer.attrs<ConvAttrs>();
  const ConvShape shape = shapeOf(ctx.graph, layer, attrs);
  if (shape.groups > 1 && shape.groups == shape.c && shape.groups == shape.o) {
    return compileDepthwise(ctx, layer);
  }
  return compileGemm(ctx, layer, "conv_f32_", shape, attrs.activation);
}

constexpr OpType kOps[] = {OpType::Conv, OpType::ConvTranspose, OpType::FullyConnected};

}  // namespace

Verdict requireF32(const Graph& graph, const Layer& layer) {
  for (const std::vector<TensorId>* ids : {&layer.inputs, &layer.outputs}) {
    for (const TensorId id : *ids) {
      if (id == kNoTensor) continue;
      const Tensor& tensor = graph.tensor(id);
      if (tensor.dtype != DType::f32) {
        return Verdict::no(
            concat("tensor '", tensor.name, "' is ", dtypeName(tensor.dtype), ", wanted f32"));
      }
    }
  }
  return Verdict::yes();
}

Result<WeightCache::Packed> packWeights(WeightCache& cache, const ConvF32& conv,
                                        const Tensor& tensor) {
  const ConstantData& constant = *tensor.constant;
  return cache.get(
      constant.owner, constant.bytes, conv.packKey(), [&]() -> Result<AlignedBuffer> {
        const auto bytes = static_cast<size_t>(conv.packedFloats()) * sizeof(float);
        AlignedBuffer packed(bytes);
        if (packed.size() != bytes) {
          return outOfMemory("no ", bytes, " bytes for packed weights '", tensor.name, "'");
        }
        const auto* weights = reinterpret_cast<const float*>(constant.bytes.data());
        for (int64_t task = 0; task < conv.packTasks(); ++task) {
          conv.pack(weights, packed.as<float>(), task);
        }
        return packed;
      });
}

std::string gemmName(const GemmKernelF32& kernel) {
  return concat("gemm_", kernel.mr, 'x', kernel.nr, '_', isaName(kernel.isa));
}

constinit const KernelFamily kConvFamily = {kOps, supports, compile};

}  // namespace qrt
