// Conv with one input and one output channel per group.
#include <vector>

#include "backends/common/depthwise_rows.h"
#include "backends/common/gemm_shapes.h"
#include "backends/cpu_int8/conv.h"
#include "base/aligned_buffer.h"
#include "base/error.h"
#include "kernels/depthwise/depthwise_s8.h"

namespace qrt {
namespace {

class DepthwiseProgram final : public Program, public Rowwise {
 public:
  DepthwiseProgram(const CompileContext& ctx, const Layer& layer, ConvQuantS8 quant,
                   DepthwisePlanS8 plan, WeightCache::Packed weights)
      : kernel_(depthwiseKernelS8(ctx.isa)),
        name_(concat("conv_s8_depthwise_", isaName(kernel_.isa))),
        rows_(convShapeOf(ctx.graph, layer), plan.rowsPerCall(), ctx.threads),
        quant_(std::move(quant)),
        plan_(std::move(plan)),
        weights_(std::move(weights)),
        bias_(static_cast<size_t>(plan_.channels())),
        scales_(bias_.size()),
        outside_(static_cast<size_t>(rows_.shape().w * rows_.shape().c),
                 static_cast<int8_t>(quant_.zeroX)) {
    const Tensor& w = ctx.graph.tensor(layer.inputs[1]);
    const Tensor* bias = ctx.graph.constant(layer.input(2));
    plan_.packBias(reinterpret_cast<const int8_t*>(w.constant->bytes.data()),
                   bias == nullptr
                       ? nullptr
                       : reinterpret_cast<const int32_t*>(bias->constant->bytes.data()),
                   quant_.zeroX, bias_.data());
    quant_.multipliers.resize(static_cast<size_t>(rows_.shape().c), quant_.multipliers[0]);
    plan_.packScales(quant_.multipliers.data(), scales_.data());
    linesBytes_ = alignUp(static_cast<size_t>(kDepthwiseParts * 4 * plan_.quads()) * sizeof(const int8_t*));
    threadBytes_ = linesBytes_ + kDepthwiseBandBytes;
    threads_ = static_cast<size_t>(ctx.threads);
    const TensorId residual = layer.input(3);
    inPlaceInput_ = residual != kNoTensor && residual != layer.inputs[0] ? 3 : -1;
  }

  Status run(const RunArgs& args) override {
    const int64_t tasks = rows_.tasks(), calls = rows_.calls();
    args.pool.parallelFor(tasks, [&](int64_t task, int thread) {
      runCalls(args, calls * task / tasks, calls * (task + 1) / tasks,
               args.scratch.data() + threadBytes_ * static_cast<size_t>(thread));
    });
    return {};
  }

  std::string_view kernel() const override { return name_; }
  size_t scratchBytes() const override { return threadBytes_ * threads_; }
  int inPlaceInput(int) const override { return inPlaceInput_; }
  Rowwise* rowwise() override { return rows_.units() > 0 ? this : nullptr; }

  int64_t units() const override { return rows_.units(); }
  RowRange rowsWritten(int64_t unit) const override { return rows_.rowsWritten(unit); }
  RowRange rowsRead(int64_t unit) const override { return rows_.rowsRead(unit); }
  size_t unitScratchBytes() const override { return threadBytes_; }
  void runUnits(const RunArgs& args, int64_t first, int64_t last) override {
    runCalls(args, first, last, args.scratch.data());
  }

 private:
  void runCalls(const RunArgs& args, int64_t first, int64_t last, std::byte* scratch) const {
    rows_.forEachCall(first, last, [&](int64_t image, int64_t oh, int64_t rows) {
      runRows(args, image, oh, rows, scratch);
    });
  }

  void runRows(const RunArgs& args, int64_t image, int64_t oh, int64_t rows,
               std::byte* scratch) const {
    const ConvShape& shape = rows_.shape();
    auto* lines = reinterpret_cast<const int8_t**>(scratch);
    const int64_t at = (image * shape.oh + oh) * shape.ow * shape.c;
    const int64_t seen = shape.kh + (rows - 1) * shape.strideH, count = 4 * plan_.quads();
    rows_.lines(bytesOf(args, 0), outside_.data(), image, oh, seen, lines);
    for (int64_t i = seen; i < count; ++i) lines[i] = outside_.data();
    for (int64_t i = count; i < kDepthwiseParts * count; ++i) lines[i] = lines[i - count];
    const int8_t* const residual = bytesOf(args, 3);
    kernel_.rows({.lines = lines,
                  .weights = weights_->as<int8_t>(),
                  .bias = bias_.data(),
                  .scales = scales_.data(),
                  .residual = residual != nullptr ? residual + at : nullptr,
                  .y = static_cast<int8_t*>(args.outputs[0].data) + at,
                  .band = reinterpret_cast<int8_t*>(scratch + linesBytes_),
                  .blocks = plan_.blocks().data(),
                  .blockCount = static_cast<int64_t>(plan_.blocks().size()),
                  .rows = rows,
                  .packedRows = plan_.rowsPerCall(),
                  .w = shape.w,
                  .c = shape.c,
                  .ow = shape.ow,
                  .kw = shape.kw,
                  .strideW = shape.strideW,
                  .dilationW = shape.dilationW,
                  .padLeft = shape.padLeft,
                  .zeroX = quant_.zeroX,
                  .zeroY = quant_.zeroY,
                  .zeroResidual = quant_.zeroResidual,
                  .scaleResidual = quant_.residualMultiplier,
                  .low = quant_.low,
                  .high = quant_.high});
  }

  const DepthwiseKernelS8& kernel_;
  std::string name_;
  DepthwiseRows rows_;
  ConvQuantS8 quant_;
  DepthwisePlanS8 plan_;
  WeightCache::Packed weights_;
  std::vector<int32_t> bias_;
  std::vector<float> scales_;
  std::vector<int8_t> outside_;  ///< a line outside the image
  size_t linesBytes_ = 0, threadBytes_ = 0, threads_ = 1;
  int inPlaceInput_ = -1;
};

}  // namespace

bool isDepthwise(const ConvShape& shape) {
  return shape.groups > 1 && shape.groups == shape.c && shape.groups == shape.o &&
         !shape.transposed;
}

Result<std::unique_ptr<Program>> compileDepthwiseS8(const CompileContext& ctx, const Layer& layer,
                                                    ConvQuantS8 quant) {
  const ConvShape shape = convShapeOf(ctx.graph, layer);
  const DepthwiseLayoutS8& layout = depthwiseKernelS8(ctx.isa).layout;
  const Tensor& weights = ctx.graph.tensor(layer.inputs[1]);
  DepthwisePlanS8 plan(layout, shape, reinterpret_cast<const int8_t*>(weights.constant->bytes.data()),
                       quant.zeroB);
  if (!plan.fits()) return std::unique_ptr<Program>();
  const std::string key =
      concat("depthwise_s8_", layout.widest, 'x', layout.weightBytes, '_', shape.c, 'x', shape.kh,
             'x', shape.kw, "s", shape.strideH, 'd', shape.dilationH, 'z', quant.zeroB);
  QRT_ASSIGN_OR_RETURN(
      WeightCache::Packed packed,
      packConstant(ctx, weights, key, static_cast<size_t>(plan.packedBytes()), 1,
                   [&](const std::byte* from, std::byte* to, int64_t) {
                     plan.packWeights(reinterpret_cast<const int8_t*>(from), reinterpret_cast<int8_t*>(to));
                   }));
  return std::unique_ptr<Program>(std::make_unique<DepthwiseProgram>(
      ctx, layer, std::move(quant), std::move(plan), std::move(packed)));
}

}  // namespace qrt
