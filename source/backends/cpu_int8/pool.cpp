// MaxPool, AveragePool, and ReduceMean over neighbouring dims, which is a pool of one row.
#include <algorithm>
#include <optional>
#include <vector>

#include "backends/common/pool_spans.h"
#include "backends/cpu_int8/family.h"
#include "base/error.h"
#include "kernels/isa_table.h"
#include "kernels/pool/pool_s8.h"
#include "kernels/work_split.h"

namespace qrt {
namespace {

// Windows over x [images, height, width, channels].
struct Windows {
  int64_t images = 1, height = 1, width = 1, channels = 1;
  std::vector<PoolSpan> rows, columns;  ///< of each output row and column
  int64_t rowDilation = 1, columnDilation = 1;
};

Windows poolWindows(const Graph& graph, const Layer& layer) {
  const Shape& in = graph.tensor(layer.inputs[0]).shape;
  const Shape& out = graph.tensor(layer.outputs[0]).shape;
  const auto& attrs = layer.attrs<PoolAttrs>();
  const Window rows = windowOf(attrs, 0, attrs.kernel[0]);
  const Window columns = windowOf(attrs, 1, attrs.kernel[1]);
  return {.images = in[0],
          .height = in[1],
          .width = in[2],
          .channels = in[3],
          .rows = poolSpans(rows, in[1], out[1], attrs.countIncludePad),
          .columns = poolSpans(columns, in[2], out[2], attrs.countIncludePad),
          .rowDilation = rows.dilation,
          .columnDilation = columns.dilation};
}

// The dims [first, last] that a ReduceMean reduces; nullopt if others stand between them.
struct Range {
  int first, last;
};
std::optional<Range> reducedDims(const Graph& graph, const Layer& layer) {
  const int rank = graph.tensor(layer.inputs[0]).shape.rank();
  std::vector<int> axes;
  for (const int64_t axis : layer.attrs<ReduceAttrs>().axes) {
    axes.push_back(*normalizeAxis(axis, rank));
  }
  if (axes.empty()) return Range{0, rank - 1};
  std::sort(axes.begin(), axes.end());
  axes.erase(std::unique(axes.begin(), axes.end()), axes.end());
  if (axes.back() - axes.front() + 1 != static_cast<int>(axes.size())) return std::nullopt;
  return Range{axes.front(), axes.back()};
}

Windows meanWindows(const Graph& graph, const Layer& layer) {
  const Shape& shape = graph.tensor(layer.inputs[0]).shape;
  const Range reduced = *reducedDims(graph, layer);
  Windows windows;
  for (int i = 0; i < shape.rank(); ++i) {
    int64_t& size = i < reduced.first    ? windows.images
                    : i <= reduced.last ? windows.width
                                        : windows.channels;
    size *= shape[i];
  }
  windows.rows = {{0, 1, 1}};
  windows.columns = {{0, windows.width, windows.width}};
  return windows;
}

class PoolProgram final : public Program {
 public:
  PoolProgram(const CompileContext& ctx, const Layer& layer, Windows windows)
      : windows_(std::move(windows)) {
    const QuantParams& x = *ctx.graph.tensor(layer.inputs[0]).quant;
    const QuantParams& y = *ctx.graph.tensor(layer.outputs[0]).quant;
    quant_ = {x.zeroPoints[0], y.zeroPoints[0], x.scales[0], y.scales[0]};
    if (layer.op == OpType::AveragePool && layer.attrs<PoolAttrs>().ties != PoolTies::even) {
      // Up is away from −128.
      const int32_t zero = layer.attrs<PoolAttrs>().ties == PoolTies::up ? -128 : 0;
      quant_ = {.zeroX = zero, .zeroY = zero, .nudge = 0.25f};
    }
    const PoolKernelsS8& kernels = selectKernel(poolKernelsS8(), ctx.isa);
    const bool isMax = layer.op == OpType::MaxPool;
    fn_ = isMax ? kernels.max : kernels.average;
    name_ = concat(isMax                          ? "maxpool"
                   : layer.op == OpType::ReduceMean ? "reducemean"
                                                    : "avgpool",
                   "_s8_nhwc_", isaName(kernels.isa));
    // Rows of output are independent; where there are few, as in global pooling, so are channels.
    constexpr int64_t kFewRows = 8;
    constexpr int64_t kChannels = 256;
    const auto outRows = windows_.images * static_cast<int64_t>(windows_.rows.size());
    channelBlock_ = outRows < kFewRows ? std::min(windows_.channels, kChannels) : windows_.channels;
    const int64_t blocks =
        channelBlock_ == 0 ? 0 : (windows_.channels + channelBlock_ - 1) / channelBlock_;
    // In floating point, since it may exceed any integer. An average costs several times what moving
    // its bytes does.
    double rowBytes = (isMax ? 1.0 : 4.0) * static_cast<double>(channelBlock_);
    rowBytes *= static_cast<double>(mostTaps(windows_.rows)) *
                static_cast<double>(mostTaps(windows_.columns)) *
                static_cast<double>(windows_.columns.size());
    split_ = WorkSplit(blocks, outRows,
                       static_cast<int64_t>(std::min<double>(rowBytes, WorkSplit::kTaskBytes)));
  }

  Status run(const RunArgs& args) override {
    const auto* x = static_cast<const int8_t*>(args.inputs[0].data);
    auto* y = static_cast<int8_t*>(args.outputs[0].data);
    const int64_t channels = windows_.channels, inRow = windows_.width * channels;
    const auto outRows = static_cast<int64_t>(windows_.rows.size());
    const auto pixels = static_cast<int64_t>(windows_.columns.size());
    args.pool.parallelFor(split_.tasks(), [&](int64_t task, int) {
      split_.forEachPiece(task, [&](int64_t block, int64_t begin, int64_t end) {
        const int64_t c = block * channelBlock_;
        for (int64_t r = begin; r < end; ++r) {
          const PoolSpan& row = windows_.rows[static_cast<size_t>(r % outRows)];
          fn_({.x = x + (r / outRows * windows_.height + row.first) * inRow + c,
               .y = y + r * pixels * channels + c,
               .columns = windows_.columns.data(),
               .pixels = pixels,
               .rows = row,
               .rowStride = windows_.rowDilation * inRow,
               .tapStride = windows_.columnDilation * channels,
               .pixelStride = channels,
               .channels = std::min(channelBlock_, channels - c),
               .quant = quant_});
        }
      });
    });
    return {};
  }
  std::string_view kernel() const override { return name_; }

 private:
  static int64_t mostTaps(const std::vector<PoolSpan>& spans) {
    int64_t most = 1;
    for (const PoolSpan& span : spans) most = std::max(most, span.count);
    return most;
  }

  Windows windows_;
  PoolQuantS8 quant_;
  int64_t channelBlock_ = 0;
  PoolFnS8 fn_ = nullptr;
  std::string name_;
  WorkSplit split_;
};

Verdict supports(const Graph& graph, const Layer& layer) {
  if (layer.op == OpType::ReduceMean && !reducedDims(graph, layer)) {
    return Verdict::no("the reduced dims are not neighbours");
  }
  return int8Only(graph, layer, 1);
}

Result<std::unique_ptr<Program>> compile(const CompileContext& ctx, const Layer& layer) {
  Windows windows = layer.op == OpType::ReduceMean ? meanWindows(ctx.graph, layer)
                                                   : poolWindows(ctx.graph, layer);
  return std::unique_ptr<Program>(std::make_unique<PoolProgram>(ctx, layer, std::move(windows)));
}

constexpr OpType kOps[] = {OpType::AveragePool, OpType::MaxPool, OpType::ReduceMean};

}  // namespace

constinit const KernelFamily kPoolS8Family = {kOps, supports, compile};

}  // namespace qrt
