// Conv with one input and one output channel per group.
#include <limits>
#include <vector>

#include "backends/common/depthwise_rows.h"
#include "backends/common/gemm_shapes.h"
#include "backends/cpu_float/conv.h"
#include "base/error.h"
#include "kernels/depthwise/depthwise_f32.h"

namespace qrt {
namespace {

class DepthwiseProgram final : public Program, public Rowwise {
 public:
  DepthwiseProgram(const CompileContext& ctx, const Layer& layer, WeightCache::Packed weights)
      : kernel_(depthwiseKernelF32(ctx.isa)),
        activate_(gemmKernelF32(ctx.isa).activate),
        name_(concat("conv_f32_depthwise_", isaName(kernel_.isa))),
        activation_(layer.attrs<ConvAttrs>().activation),
        rows_(convShapeOf(ctx.graph, layer), layer.attrs<ConvAttrs>().dilations[0] == 1 ? 2 : 1,
              ctx.threads),
        weights_(std::move(weights)),
        zeros_(static_cast<size_t>(rows_.shape().w * rows_.shape().c), 0.0f) {
    const auto lines = static_cast<size_t>(rows_.shape().kh + rows_.shape().strideH);
    linesBytes_ = alignUp(lines * sizeof(const float*));
    scratchBytes_ = linesBytes_ * static_cast<size_t>(ctx.threads);
    const TensorId residual = layer.input(3);
    inPlaceInput_ = residual != kNoTensor && residual != layer.inputs[0] ? 3 : -1;
  }

  Status run(const RunArgs& args) override {
    const int64_t tasks = rows_.tasks(), calls = rows_.calls();
    args.pool.parallelFor(tasks, [&](int64_t task, int thread) {
      runCalls(args, calls * task / tasks, calls * (task + 1) / tasks,
               args.scratch.data() + linesBytes_ * static_cast<size_t>(thread));
    });
    return {};
  }

  std::string_view kernel() const override { return name_; }
  size_t scratchBytes() const override { return scratchBytes_; }
  int inPlaceInput(int) const override { return inPlaceInput_; }
  Rowwise* rowwise() override { return rows_.units() > 0 ? this : nullptr; }

  int64_t units() const override { return rows_.units(); }
  RowRange rowsWritten(int64_t unit) const override { return rows_.rowsWritten(unit); }
  RowRange rowsRead(int64_t unit) const override { return rows_.rowsRead(unit); }
  size_t unitScratchBytes() const override { return linesBytes_; }
  void runUnits(const RunArgs& args, int64_t first, int64_t last) override {
    runCalls(args, first, last, args.scratch.data());
  }

 private:
  void runCalls(const RunArgs& args, int64_t first, int64_t last, std::byte* scratch) const {
    auto* lines = reinterpret_cast<const float**>(scratch);
    rows_.forEachCall(first, last, [&](int64_t image, int64_t oh, int64_t rows) {
      runRows(args, image, oh, rows, lines);
    });
  }

  void runRows(const RunArgs& args, int64_t image, int64_t oh, int64_t count,
               const float** lines) const {
    constexpr float infinity = std::numeric_limits<float>::infinity();
    const ConvShape& shape = rows_.shape();
    const int64_t at = (image * shape.oh + oh) * shape.ow * shape.c;
    DepthwiseRowsF32 rows{};
    rows.rows = count;
    rows.lines = lines;
    rows.weights = weights_->as<float>();
    rows.bias = inputOf(args, 2);
    rows.residual = inputOf(args, 3) != nullptr ? inputOf(args, 3) + at : nullptr;
    rows.y = outputOf(args) + at;
    rows.w = shape.w;
    rows.c = shape.c;
    rows.ow = shape.ow;
    rows.kh = shape.kh;
    rows.kw = shape.kw;
    rows.strideH = shape.strideH;
    rows.strideW = shape.strideW;
    rows.dilationW = shape.dilationW;
    rows.padLeft = shape.padLeft;
    rows.low = activation_.kind == ActivationKind::relu   ? 0
               : activation_.kind == ActivationKind::clip ? activation_.a
                                                          : -infinity;
    rows.high = activation_.kind == ActivationKind::clip ? activation_.b : infinity;
    rows_.lines(inputOf(args, 0), zeros_.data(), image, oh, shape.kh + (count - 1) * shape.strideH,
                lines);
    kernel_.rows(rows);
    if (activation_.kind > ActivationKind::clip) {
      const int64_t start = 0;
      activate_(activation_, rows.y, &start, 1, rows.rows * rows.ow * rows.c);
    }
  }

  const DepthwiseKernelF32& kernel_;
  void (*activate_)(const Activation&, float*, const int64_t*, int, int64_t);
  std::string name_;
  Activation activation_;
  DepthwiseRows rows_;
  WeightCache::Packed weights_;
  std::vector<float> zeros_;  ///< a line outside the image
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
