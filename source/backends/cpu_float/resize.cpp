// Resize: nearest is a copy by tables of offsets, of any dtype; linear interpolates f32.
#include <algorithm>
#include <cmath>

#include "backends/common/resize_plan.h"
#include "backends/cpu_float/f32_only.h"
#include "backends/cpu_float/family.h"
#include "kernels/isa_table.h"
#include "kernels/resize/linear.h"
#include "kernels/work_split.h"

namespace qrt {
namespace {

std::vector<LinearTap> tapsOf(const ResizeAxis& axis, int64_t stride) {
  std::vector<LinearTap> taps;
  for (int64_t i = 0; i < axis.out; ++i) {
    const double x = axis.identity ? static_cast<double>(i) : axis.source(i);
    const double base = std::floor(x);
    const auto at = [&](int64_t index) { return std::clamp<int64_t>(index, 0, axis.in - 1) * stride; };
    const auto index = static_cast<int64_t>(base);
    taps.push_back({at(index), at(index + 1), static_cast<float>(1 - (x - base)),
                    static_cast<float>(x - base)});
  }
  return taps;
}

class LinearProgram final : public Program {
 public:
  LinearProgram(const CompileContext& ctx, const ResizeExtents& extents)
      : extents_(extents), rows_(tapsOf(extents.rows, extents.columns.in * extents.inner)),
        columns_(tapsOf(extents.columns, extents.inner)) {
    const LinearKernels& kernels = selectKernel(linearKernels(), ctx.isa);
    kernel_ = kernels.row;
    name_ = concat("resize_f32_linear_", isaName(kernels.isa));
    split_ = WorkSplit(extents.outer, extents.rows.out,
                       extents.columns.out * extents.inner * 3 * int64_t{sizeof(float)});
  }

  Status run(const RunArgs& args) override {
    const auto* x = static_cast<const float*>(args.inputs[0].data);
    auto* y = static_cast<float*>(args.outputs[0].data);
    const int64_t inner = extents_.inner;
    const int64_t inImage = extents_.rows.in * extents_.columns.in * inner;
    const int64_t outRow = extents_.columns.out * inner;
    args.pool.parallelFor(split_.tasks(), [&](int64_t task, int) {
      split_.forEachPiece(task, [&](int64_t image, int64_t begin, int64_t end) {
        for (int64_t r = begin; r < end; ++r) {
          const LinearTap& tap = rows_[static_cast<size_t>(r)];
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
  std::vector<LinearTap> rows_, columns_;
  void (*kernel_)(const LinearRow&) = nullptr;
  std::string name_;
  WorkSplit split_;
};

Verdict supports(const Graph& graph, const Layer& layer) {
  const auto axes = resizeAxesOf(graph, layer);
  if (!axes.ok()) return Verdict::no(axes.status().message());
  const auto mode = layer.attrs<ResizeAttrs>().mode;
  if (mode == ResizeMode::nearest) return Verdict::yes();
  if (mode == ResizeMode::cubic) return Verdict::no("cubic interpolation has no cpu-float kernel");
  for (const TensorId id : {layer.inputs[0], layer.outputs[0]}) {
    if (graph.tensor(id).dtype == DType::f32) continue;
    return Verdict::no(
        concat("the tensor is ", dtypeName(graph.tensor(id).dtype), ", wanted f32 for linear"));
  }
  const auto extents = resizeExtents(*axes, graph.tensor(layer.inputs[0]).shape.rank());
  return extents.ok() ? Verdict::yes() : Verdict::no(extents.status().message());
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

constinit const KernelFamily kResizeFamily = {kOps, supports, compile};

}  // namespace qrt
