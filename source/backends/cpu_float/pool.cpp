// MaxPool and AveragePool.
#include <algorithm>
#include <vector>

#include "backends/common/pool_spans.h"
#include "backends/cpu_float/f32_only.h"
#include "backends/cpu_float/family.h"
#include "kernels/isa_table.h"
#include "kernels/pool/pool.h"
#include "kernels/work_split.h"

namespace qrt {
namespace {

class PoolProgram final : public Program {
 public:
  PoolProgram(const CompileContext& ctx, const Layer& layer)
      : in_(ctx.graph.tensor(layer.inputs[0]).shape),
        out_(ctx.graph.tensor(layer.outputs[0]).shape) {
    const auto& attrs = layer.attrs<PoolAttrs>();
    const Window rows = windowOf(attrs, 0, attrs.kernel[0]);
    const Window columns = windowOf(attrs, 1, attrs.kernel[1]);
    rows_ = poolSpans(rows, in_[1], out_[1], attrs.countIncludePad);
    columns_ = poolSpans(columns, in_[2], out_[2], attrs.countIncludePad);
    rowDilation_ = rows.dilation;
    columnDilation_ = columns.dilation;
    const PoolKernels& kernels = selectKernel(poolKernels(), ctx.isa);
    const bool isMax = layer.op == OpType::MaxPool;
    fn_ = isMax ? kernels.max : kernels.average;
    name_ = concat(isMax ? "maxpool" : "avgpool", "_f32_nhwc_", isaName(kernels.isa));
    // Rows of output are independent; where there are few, as in global pooling, so are channels.
    constexpr int64_t kFewRows = 8;
    constexpr int64_t kChannels = 64;
    channelBlock_ = out_[0] * out_[1] < kFewRows ? std::min(out_[3], kChannels) : out_[3];
    const int64_t blocks = channelBlock_ == 0 ? 0 : (out_[3] + channelBlock_ - 1) / channelBlock_;
    // In floating point, since it may exceed any integer.
    const double rowBytes = sizeof(float) * double(out_[2]) * double(channelBlock_) *
                            double(rows.kernel) * double(columns.kernel);
    split_ = WorkSplit(blocks, out_[0] * out_[1],
                       static_cast<int64_t>(std::min<double>(rowBytes, WorkSplit::kTaskBytes)));
  }

  Status run(const RunArgs& args) override {
    const auto* x = static_cast<const float*>(args.inputs[0].data);
    auto* y = static_cast<float*>(args.outputs[0].data);
    const int64_t channels = in_[3];
    const int64_t inRow = in_[2] * channels;
    args.pool.parallelFor(split_.tasks(), [&](int64_t task, int) {
      split_.forEachPiece(task, [&](int64_t block, int64_t begin, int64_t end) {
        const int64_t c = block * channelBlock_;
        for (int64_t r = begin; r < end; ++r) {
          const int64_t n = r / out_[1];
          const PoolSpan& row = rows_[static_cast<size_t>(r % out_[1])];
          fn_({.x = x + (n * in_[1] + row.first) * inRow + c,
               .y = y + r * out_[2] * channels + c,
               .columns = columns_.data(),
               .pixels = out_[2],
               .rows = row,
               .rowStride = rowDilation_ * inRow,
               .tapStride = columnDilation_ * channels,
               .pixelStride = channels,
               .channels = std::min(channelBlock_, channels - c)});
        }
      });
    });
    return {};
  }
  std::string_view kernel() const override { return name_; }

 private:
  Shape in_, out_;
  std::vector<PoolSpan> rows_, columns_;
  int64_t rowDilation_ = 1, columnDilation_ = 1;
  int64_t channelBlock_ = 0;
  PoolFn fn_ = nullptr;
  std::string name_;
  WorkSplit split_;
};

Result<std::unique_ptr<Program>> compile(const CompileContext& ctx, const Layer& layer) {
  return std::unique_ptr<Program>(std::make_unique<PoolProgram>(ctx, layer));
}

constexpr OpType kOps[] = {OpType::AveragePool, OpType::MaxPool};

}  // namespace

constinit const KernelFamily kPoolFamily = {kOps, f32Only, compile};

}  // namespace qrt
