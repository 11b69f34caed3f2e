#include "kernels/conv/conv_f32.h"

#include <algorithm>
#include <limits>

#include "base/aligned_buffer.h"
#include "kernels/gemm/fetch_ahead.h"

namespace qrt {

ConvF32::ConvF32(const ConvShape& shape, const Activation& activation, const GemmKernelF32& kernel,
                 int threads)
    : ConvF32(ConvPlan(shape, {kernel.mr, kernel.nr}, threads), activation, kernel) {}

ConvF32::ConvF32(const MatMulShape& shape, const GemmKernelF32& kernel, int threads)
    : ConvF32(ConvPlan(shape, {kernel.mr, kernel.nr}, threads), {}, kernel) {}

ConvF32::ConvF32(ConvPlan plan, const Activation& activation, const GemmKernelF32& kernel)
    : plan_(std::move(plan)),
      kernel_(kernel),
      low_(-std::numeric_limits<float>::infinity()),
      high_(std::numeric_limits<float>::infinity()),
      zeros_(static_cast<size_t>(plan_.k()), 0.0f) {
  if (activation.kind == ActivationKind::relu) {
    low_ = 0;
  } else if (activation.kind == ActivationKind::clip) {
    low_ = activation.a;
    high_ = activation.b;
  } else {
    activation_ = activation;
  }
  const int64_t rows = plan_.maxChunkBlocks() * kernel_.mr;
  const int64_t taps = plan_.maxTaps();
  rowsBytes_ = alignUp(static_cast<size_t>(rows * taps) * sizeof(const float*));
  dstBytes_ = alignUp(static_cast<size_t>(rows) * sizeof(int64_t));
  scratchPerThread_ =
      rowsBytes_ + dstBytes_ +
      alignUp(static_cast<size_t>(rows * taps * plan_.copyStride()) * sizeof(float));
}

void ConvF32::pack(const float* b, float* panels, int64_t task) const {
  const ConvPlan::Pack& pack = plan_.packs()[static_cast<size_t>(task / plan_.panelCount())];
  const int64_t panel = task % plan_.panelCount();
  packPanelsF32({pack.tapOffsets, plan_.k(), plan_.n(), plan_.kStride(), plan_.nStride()},
                b + pack.b, kernel_.nr, panel, panel + 1, panels + pack.panels);
}

void ConvF32::run(const ConvArgsF32& args, int64_t task, int thread) const {
  if (!plan_.serial()) return runTask(args, task, thread);
  for (int64_t i = 0; i < plan_.taskCount(); ++i) runTask(args, i, thread);
}

void ConvF32::runTask(const ConvArgsF32& args, int64_t task, int thread) const {
  const ConvPlan::Work work = plan_.work(task);
  const auto taps = static_cast<int64_t>(work.phase.taps.size());
  const int mr = kernel_.mr;
  auto* scratch =
      static_cast<std::byte*>(args.scratch) + scratchPerThread_ * static_cast<size_t>(thread);
  auto* rows = reinterpret_cast<const float**>(scratch);
  auto* dst = reinterpret_cast<int64_t*>(scratch + rowsBytes_);
  auto* copies = reinterpret_cast<float*>(scratch + rowsBytes_ + dstBytes_);
  const int64_t yStep = args.yStep != 0 ? args.yStep : plan_.outputStep();
  for (int64_t block = work.firstBlock; block < work.lastBlock; ++block) {
    const int64_t i = block - work.firstBlock, first = block * mr;
    plan_.fillRows(work.phase, args.x + work.slice.x, first,
                   static_cast<int>(std::min<int64_t>(mr, work.outputs - first)), zeros_.data(),
                   rows + i * mr * taps, dst + i * mr, yStep, copies + i * mr * taps * plan_.copyStride());
  }

  GemmTileF32 tile{};
  tile.taps = taps;
  tile.k = plan_.k();
  tile.low = low_;
  tile.high = high_;
  constexpr int64_t kFloat = sizeof(float);
  const FetchAhead ahead(work.lastBlock - work.firstBlock, kernel_.nr * work.phase.depth * kFloat, kernel_.nr * kFloat);
  tile.aheadStep = ahead.step();
  const float* panels = args.panels + plan_.packs()[work.slice.pack].panels;
  for (int64_t p = work.firstPanel; p < work.lastPanel; ++p) {
    const int64_t column = p * kernel_.nr;
    tile.panel = panels + column * work.phase.depth;
    tile.bias = args.bias != nullptr ? args.bias + work.slice.channel + column : nullptr;
    tile.n = static_cast<int>(std::min<int64_t>(kernel_.nr, plan_.n() - column));
    tile.out = args.y + work.slice.y + column;
    tile.residual = args.residual != nullptr ? args.residual + work.slice.y + column : nullptr;
    const float* next = p + 1 < work.lastPanel ? tile.panel + kernel_.nr * work.phase.depth : nullptr;
    for (int64_t block = work.firstBlock; block < work.lastBlock; ++block) {
      const int64_t i = block - work.firstBlock;
      const int m = static_cast<int>(std::min<int64_t>(mr, work.outputs - block * mr));
      tile.rows = rows + i * mr * taps;
      tile.dst = dst + i * mr;
      tile.ahead = ahead.from(tile.panel, next, i);
      kernel_(tile, m);
      if (activation_.kind != ActivationKind::none) {
        kernel_.activate(activation_, tile.out, tile.dst, m, tile.n);
      }
    }
  }
}

}  // namespace qrt
