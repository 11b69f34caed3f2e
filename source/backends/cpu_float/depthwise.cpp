// Conv with one input and one output channel per group.
#include <algorithm>
#include <limits>

#include "backends/cpu_float/conv.h"
#include "base/error.h"
#include "kernels/depthwise/depthwise_f32.h"

namespace qrt {
namespace {

// Below this many multiply-accumulates waking a thread costs more than it brings.
constexpr int64_t kSerialMacs = 50'000;
constexpr int64_t kTasksPerThread = 4;

class DepthwiseProgram final : public Program {
 public:
  DepthwiseProgram(const CompileContext& ctx, const Layer& layer, WeightCache::Packed weights)
      : kernel_(depthwiseKernelF32(ctx.isa)),
        activate_(gemmKernelF32(ctx.isa).activate),
        name_(concat("conv_f32_depthwise_", isaName(kernel_.isa))),
        attrs_(layer.attrs<ConvAttrs>()),
        x_(ctx.graph.tensor(layer.inputs[0]).shape),
        window_(ctx.graph.tensor(layer.inputs[1]).shape),
        y_(ctx.graph.tensor(layer.outputs[0]).shape),
        weights_(std::move(weights)) {
    const int64_t rows = y_[0] * y_[1];
    const bool serial = y_.elements() * window_[1] * window_[2] < kSerialMacs;
    tasks_ = serial ? std::min<int64_t>(rows, 1) : std::min(rows, ctx.threads * kTasksPerThread);
    const TensorId residual = layer.input(3);
    inPlaceInput_ = residual != kNoTensor && residual != layer.inputs[0] ? 3 : -1;
  }

  Status run(const RunArgs& args) override {
    const int64_t rows = y_[0] * y_[1];
    args.pool.parallelFor(tasks_, [&](int64_t task, int) {
      for (int64_t i = rows * task / tasks_; i < rows * (task + 1) / tasks_; ++i) runRow(args, i);
    });
    return {};
  }

  std::string_view kernel() const override { return name_; }
  int inPlaceInput(int) const override { return inPlaceInput_; }

 private:
  void runRow(const RunArgs& args, int64_t index) const {
    const int64_t image = index / y_[1], oh = index % y_[1];
    const int64_t dilation = attrs_.dilations[0];
    const int64_t ih = oh * attrs_.strides[0] - attrs_.pads[0];
    int64_t begin = 0, end = window_[1];
    while (begin < end && ih + begin * dilation < 0) ++begin;
    while (end > begin && ih + (end - 1) * dilation >= x_[1]) --end;

    constexpr float infinity = std::numeric_limits<float>::infinity();
    DepthwiseRowF32 row{};
    const int64_t lineSize = x_[2] * x_[3], at = index * y_[2] * y_[3];
    row.x = inputOf(args, 0) + (begin < end ? (image * x_[1] + ih + begin * dilation) * lineSize : 0);
    row.lineStride = dilation * lineSize;
    row.lines = end - begin;
    row.weights = weights_->as<float>() + begin * window_[2] * x_[3];
    row.bias = inputOf(args, 2);
    row.residual = inputOf(args, 3) != nullptr ? inputOf(args, 3) + at : nullptr;
    row.y = outputOf(args) + at;
    row.w = x_[2];
    row.c = x_[3];
    row.ow = y_[2];
    row.kw = window_[2];
    row.stride = attrs_.strides[1];
    row.dilation = attrs_.dilations[1];
    row.padLeft = attrs_.pads[1];
    row.low = -infinity;
    row.high = infinity;
    const Activation& activation = attrs_.activation;
    if (activation.kind == ActivationKind::relu) row.low = 0;
    if (activation.kind == ActivationKind::clip) {
      row.low = activation.a;
      row.high = activation.b;
    }
    kernel_.row(row);
    if (activation.kind > ActivationKind::clip) {
      const int64_t start = 0;
      activate_(activation, row.y, &start, 1, row.ow * row.c);
    }
  }

  const DepthwiseKernelF32& kernel_;
  void (*activate_)(const Activation&, float*, const int64_t*, int, int64_t);
  std::string name_;
  ConvAttrs attrs_;
  Shape x_, window_, y_;
  WeightCache::Packed weights_;
  int64_t tasks_;
  int inPlaceInput_;
};

}  // namespace

Result<std::unique_ptr<Program>> compileDepthwise(const CompileContext& ctx, const Layer& layer) {
  const Tensor& tensor = ctx.graph.tensor(layer.inputs[1]);
  const ConstantData& constant = *tensor.constant;
  const auto pack = [&]() -> Result<AlignedBuffer> {
    AlignedBuffer packed(constant.bytes.size());
    if (packed.size() != constant.bytes.size()) {
      return outOfMemory("no ", constant.bytes.size(), " bytes for packed weights '", tensor.name, "'");
    }
    packDepthwiseF32(reinterpret_cast<const float*>(constant.bytes.data()), tensor.shape[0],
                     tensor.shape[1] * tensor.shape[2], packed.as<float>());
    return packed;
  };
  QRT_ASSIGN_OR_RETURN(WeightCache::Packed weights,
                       ctx.weights.get(constant.owner, constant.bytes.data(), "depthwise_f32", pack));
  return std::unique_ptr<Program>(
      std::make_unique<DepthwiseProgram>(ctx, layer, std::move(weights)));
}

}  // namespace qrt
