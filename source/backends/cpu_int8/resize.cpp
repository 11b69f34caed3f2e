// Resize: nearest is a copy by tables of offsets, linear interpolates in fixed point.
#include "backends/common/resize_plan.h"
#include "backends/cpu_int8/family.h"
#include "base/error.h"
#include "kernels/isa_table.h"
#include "kernels/resize/linear_s8.h"
#include "kernels/work_split.h"

namespace qrt {
namespace {

std::vector<LinearTapS8> tapsOf(const ResizeAxis& axis, int64_t stride) {
  std::vector<LinearTapS8> taps;
  for (int64_t i = 0; i < axis.out; ++i) {
    const FixedTap tap = fixedTap(axis, i);
    taps.push_back({tap.low * stride, tap.high * stride, tap.lowWeight, tap.highWeight});
  }
  return taps;
}

class LinearProgram final : public Program {
 public:
  LinearProgram(const CompileContext& ctx, const ResizeExtents& extents)
      : extents_(extents),
        rows_(tapsOf(extents.rows, extents.columns.in * extents.inner)),
        columns_(tapsOf(extents.columns, extents.inner)) {
    const LinearKernelsS8& kernels = selectKernel(linearKernelsS8(), ctx.isa);
    kernel_ = kernels.row;
    name_ = concat("resize_s8_linear_", isaName(kernels.isa));
    // An output costs about what moving 12 bytes does.
    split_ = WorkSplit(extents.outer, extents.rows.out, extents.columns.out * extents.inner * 12);
  }

  Status run(const RunArgs& args) override {
    const auto* x = static_cast<const int8_t*>(args.inputs[0].data);
    auto* y = static_cast<int8_t*>(args.outputs[0].data);
    const int64_t inner = extents_.inner;
    const int64_t inImage = extents_.rows.in * extents_.columns.in * inner;
    const int64_t outRow = extents_.columns.out * inner;
    args.pool.parallelFor(split_.tasks(), [&](int64_t task, int) {
      split_.forEachPiece(task, [&](int64_t image, int64_t begin, int64_t end) {
        for (int64_t r = begin; r < end; ++r) {
          const LinearTapS8& tap = rows_[static_cast<size_t>(r)];
          kernel_({.top = x + image * inImage + tap.first,
                   .bottom = x + image * inImage + tap.second,
                   .topWeight = tap.firstWeight,
                   .bottomWeight = tap.secondWeight,
                   .columns = columns_.data(),
                   .pixels = extents_.columns.out,
                   .channels = inner,
                   .y = y + (image * extents_.rows.out + r) * outRow});
        }
      });
    });
    return {};
  }
  std::string_view kernel() const override { return name_; }

 private:
  ResizeExtents extents_;
  std::vector<LinearTapS8> rows_, columns_;
  void (*kernel_)(const LinearRowS8&) = nullptr;
  std::string name_;
  WorkSplit split_;
};

Verdict supports(const Graph& graph, const Layer& layer) {
  const auto axes = resizeAxesOf(graph, layer);
  if (!axes.ok()) return Verdict::no(axes.status().message());
  const auto mode = layer.attrs<ResizeAttrs>().mode;
  if (mode == ResizeMode::nearest) return Verdict::yes();
  if (mode == ResizeMode::cubic) return Verdict::no("cubic interpolation has no cpu-int8 kernel");
  const auto extents = resizeExtents(*axes, graph.tensor(layer.inputs[0]).shape.rank());
  return extents.ok() ? int8Only(graph, layer, 1) : Verdict::no(extents.status().message());
}

Result<std::unique_ptr<Program>> compile(const CompileContext& ctx, const Layer& layer) {
  QRT_ASSIGN_OR_RETURN(const ResizeAxes axes, resizeAxesOf(ctx.graph, layer));
  if (layer.attrs<ResizeAttrs>().mode == ResizeMode::nearest) {
    return makeCopyProgram("resize_any_nearest", planNearestResize(ctx.graph, layer, axes));
  }
  QRT_ASSIGN_OR_RETURN(const ResizeExtents extents,
                       resizeExtents(axes, ctx.graph.tensor(layer.inputs[0]).shape.rank()));
  return std::unique_ptr<Program>(std::make_unique<LinearProgram>(ctx, extents));
}

constexpr OpType kOps[] = {OpType::Resize};

}  // namespace

constinit const KernelFamily kResizeS8Family = {kOps, supports, compile};

}  // namespace qrt
