// Conv with one input and one output channel per group.
#include <algorithm>
#include <limits>
#include <vector>

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
        weights_(std::move(weights)),
        zeros_(static_cast<size_t>(x_[2] * x_[3]), 0.0f) {
    rowsPerCall_ = attrs_.dilations[0] == 1 ? 2 : 1;
    callsPerImage_ = (y_[1] + rowsPerCall_ - 1) / rowsPerCall_;
    const bool serial = y_.elements() * window_[1] * window_[2] < kSerialMacs;
    const int64_t calls = y_[0] * callsPerImage_;
    tasks_ = std::min(calls, serial ? 1 : ctx.threads * kTasksPerThread);
    const auto lines = static_cast<size_t>(window_[1] + attrs_.strides[0]);
    linesBytes_ = alignUp(lines * sizeof(const float*));
    scratchBytes_ = linesBytes_ * static_cast<size_t>(ctx.threads);
    const TensorId residual = layer.input(3);
    inPlaceInput_ = residual != kNoTensor && residual != layer.inputs[0] ? 3 : -1;
  }

  Status run(const RunArgs& args) override {
    const int64_t calls = y_[0] * callsPerImage_;
    args.pool.parallelFor(tasks_, [&](int64_t task, int thread) {
      auto* lines = reinterpret_cast<const float**>(args.scratch.data() +
                                                    linesBytes_ * static_cast<size_t>(thread));
      for (int64_t i = calls * task / tasks_; i < calls * (task + 1) / tasks_; ++i) {
        runRows(args, i / callsPerImage_, i % callsPerImage_ * rowsPerCall_, lines);
      }
    });
    return {};
  }

  std::string_view kernel() const override { return name_; }
  size_t scratchBytes() const override { return scratchBytes_; }
  int inPlaceInput(int) const override { return inPlaceInput_; }

 private:
  void runRows(const RunArgs& args, int64_t image, int64_t oh, const float** lines) const {
    constexpr float infinity = std::numeric_limits<float>::infinity();
    const Activation& activation = attrs_.activation;
    const int64_t at = (image * y_[1] + oh) * y_[2] * y_[3];
    DepthwiseRowsF32 rows{};
    rows.rows = std::min(rowsPerCall_, y_[1] - oh);
    rows.lines = lines;
    rows.weights = weights_->as<float>();
    rows.bias = inputOf(args, 2);
    rows.residual = inputOf(args, 3) != nullptr ? inputOf(args, 3) + at : nullptr;
    rows.y = outputOf(args) + at;
    rows.w = x_[2];
    rows.c = x_[3];
    rows.ow = y_[2];
    rows.kh = window_[1];
    rows.kw = window_[2];
    rows.strideH = attrs_.strides[0];
    rows.strideW = attrs_.strides[1];
    rows.dilationW = attrs_.dilations[1];
    rows.padLeft = attrs_.pads[1];
    rows.low = activation.kind == ActivationKind::relu   ? 0
               : activation.kind == ActivationKind::clip ? activation.a
                                                         : -infinity;
    rows.high = activation.kind == ActivationKind::clip ? activation.b : infinity;

    const int64_t count = rows.kh + (rows.rows - 1) * rows.strideH;
    for (int64_t i = 0; i < count; ++i) {
      const int64_t ih = oh * rows.strideH - attrs_.pads[0] + i * attrs_.dilations[0];
      const bool inside = ih >= 0 && ih < x_[1];
      lines[i] = inside ? inputOf(args, 0) + (image * x_[1] + ih) * x_[2] * x_[3] : zeros_.data();
    }
    kernel_.rows(rows);
    if (activation.kind > ActivationKind::clip) {
      const int64_t start = 0;
      activate_(activation, rows.y, &start, 1, rows.rows * rows.ow * rows.c);
    }
  }

  const DepthwiseKernelF32& kernel_;
  void (*activate_)(const Activation&, float*, const int64_t*, int, int64_t);
  std::string name_;
  ConvAttrs attrs_;
  Shape x_, window_, y_;
  WeightCache::Packed weights_;
  std::vector<float> zeros_;  ///< a line outside the image
  int64_t rowsPerCall_, callsPerImage_, tasks_;
  size_t linesBytes_, scratchBytes_;
  int inPlaceInput_;
};

}  // namespace

Result<std::unique_ptr<Program>> compileDepthwise(const CompileContext& ctx, const Layer& layer) {
  const Tensor& tensor = ctx.graph.tensor(layer.inputs[1]);
  const ConstantData& constant = *tensor.constant;
  const int64_t c = tensor.shape[0], kh = tensor.shape[1], kw = tensor.shape[2];
  const auto pack = [&]() -> Result<AlignedBuffer> {
    AlignedBuffer packed(constant.bytes.size());
    if (packed.size() != constant.bytes.size()) {
      return outOfMemory("no ", constant.bytes.size(), " bytes for packed weights '", tensor.name,
                         "'");
    }
    packDepthwiseF32(reinterpret_cast<const float*>(constant.bytes.data()), c, kh * kw,
                     packed.as<float>());
    return packed;
  };
  QRT_ASSIGN_OR_RETURN(WeightCache::Packed weights,
                       ctx.weights.get(constant.owner, constant.bytes,
                                       concat("depthwise_f32_", c, 'x', kh, 'x', kw), pack));
  return std::unique_ptr<Program>(
      std::make_unique<DepthwiseProgram>(ctx, layer, std::move(weights)));
}

}  // namespace qrt
