#include "kernels/conv/conv_s8.h"

#include <algorithm>

#include "base/aligned_buffer.h"
#include "base/error.h"
#include "kernels/gemm/fetch_ahead.h"

namespace qrt {
namespace {

// Whole window rows as taps save copies whatever the channels are, as rows are gathered anyway. An
// int8 product is so much faster that more of it must come together before a thread pays.
ConvTarget targetOf(const GemmKernelS8& kernel) {
  return {.mr = kernel.mr,
          .nr = kernel.nr,
          .kStep = kernel.kStep,
          .elementBytes = kernel.elementBytes,
          .gathers = true,
          .fewChannels = int64_t{1} << 30,
          .serialMacs = 200'000,
          .taskMacs = kernel.isa == IsaLevel::amx ? 25'000'000 : 6'000'000};
}

// An odd number of cache lines, so that rows do not share a set of L1.
int64_t rowStride(int64_t depth, int64_t elementBytes) {
  const auto lines = static_cast<int64_t>(alignUp(static_cast<size_t>(depth * elementBytes))) / 64;
  return (lines | 1) * 64 / elementBytes;
}

// What gather() may write or read too far.
constexpr size_t kGatherSlack = 64, kReadSlack = 64;

}  // namespace

ConvS8::ConvS8(const ConvShape& shape, ConvQuantS8 quant, const GemmKernelS8& kernel, int threads)
    : ConvS8(ConvPlan(shape, targetOf(kernel), threads), std::move(quant), kernel) {}

ConvS8::ConvS8(const MatMulShape& shape, ConvQuantS8 quant, const GemmKernelS8& kernel, int threads)
    : ConvS8(ConvPlan(shape, targetOf(kernel), threads), std::move(quant), kernel) {}

ConvS8::ConvS8(ConvPlan plan, ConvQuantS8 quant, const GemmKernelS8& kernel)
    : plan_(std::move(plan)),
      quant_(std::move(quant)),
      kernel_(kernel),
      stride_(rowStride(plan_.maxDepth(), kernel.elementBytes)),
      padding_(static_cast<size_t>(plan_.k()) + kReadSlack, static_cast<int8_t>(quant_.zeroX)),
      multipliers_(static_cast<size_t>(plan_.groups() * columns())) {
  const std::vector<float>& given = quant_.multipliers;
  for (int64_t channel = 0; channel < plan_.groups() * plan_.n(); ++channel) {
    const int64_t at = channel / plan_.n() * columns() + channel % plan_.n();
    multipliers_[static_cast<size_t>(at)] =
        given[given.size() == 1 ? 0 : static_cast<size_t>(channel)];
  }
  panelBytes_ = alignUp(static_cast<size_t>(plan_.packedElements()));
  sumBytes_ = plan_.packs().size() * static_cast<size_t>(columns()) * sizeof(int32_t);
  const auto taps = static_cast<size_t>(plan_.maxTaps()), mr = static_cast<size_t>(kernel_.mr);
  const size_t rows = static_cast<size_t>(plan_.maxChunkBlocks()) * mr;
  aBytes_ = alignUp(rows * static_cast<size_t>(stride_ * kernel_.elementBytes) + kGatherSlack);
  rowsBytes_ = alignUp(mr * taps * sizeof(const int8_t*));
  dstBytes_ = alignUp(rows * sizeof(int64_t));
  rowBiasBytes_ = quant_.zeroB == 0 ? 0 : alignUp(rows * sizeof(int32_t));
  const size_t copyBytes = alignUp(mr * taps * static_cast<size_t>(plan_.copyStride())) + kReadSlack;
  scratchPerThread_ = aBytes_ + rowsBytes_ + dstBytes_ + rowBiasBytes_ + copyBytes;
}

ConvS8::Scratch ConvS8::scratchOf(void* memory, int thread) const {
  Scratch scratch{};
  scratch.a = static_cast<std::byte*>(memory) + scratchPerThread_ * static_cast<size_t>(thread);
  std::byte* next = scratch.a + aBytes_;
  scratch.rows = reinterpret_cast<const int8_t**>(next);
  scratch.dst = reinterpret_cast<int64_t*>(next += rowsBytes_);
  scratch.rowBias = rowBiasBytes_ == 0 ? nullptr : reinterpret_cast<int32_t*>(next + dstBytes_);
  scratch.copies = reinterpret_cast<int8_t*>(next + dstBytes_ + rowBiasBytes_);
  return scratch;
}

std::string ConvS8::packKey() const {
  return concat("gemm_s8_c", kernel_.kr, "_s", kernel_.kStep, '_', plan_.packKey());
}

void ConvS8::pack(const int8_t* b, std::byte* packed, int64_t task) const {
  const auto index = static_cast<size_t>(task / plan_.panelCount());
  const int64_t panel = task % plan_.panelCount();
  const ConvPlan::Pack& pack = plan_.packs()[index];
  const int64_t depth = plan_.phases()[pack.phase].depth;
  auto* sums = reinterpret_cast<int32_t*>(packed + panelBytes_) +
               static_cast<int64_t>(index) * columns() + panel * kernel_.nr;
  const bool wide = packPanelS8(
      {pack.tapOffsets, plan_.k(), plan_.n(), plan_.kStride(), plan_.nStride()}, b + pack.b, kernel_,
      panel, depth, reinterpret_cast<int8_t*>(packed) + pack.panels + panel * kernel_.nr * depth,
      sums);
  packed[panelBytes_ + sumBytes_ + static_cast<size_t>(task)] = std::byte{wide};
}

void ConvS8::packAndFold(const int8_t* b, std::byte* packed, int64_t task) const {
  pack(b, packed, task);
  const auto index = static_cast<size_t>(task / plan_.panelCount());
  const int64_t panel = task % plan_.panelCount();
  auto* sums = reinterpret_cast<int32_t*>(packed + panelBytes_) +
               static_cast<int64_t>(index) * columns() + panel * kernel_.nr;
  fold(sums, index, panel, nullptr, sums);
}

void ConvS8::prepareBias(const std::byte* packed, const int32_t* bias) {
  bias_.resize(plan_.packs().size() * static_cast<size_t>(columns()));
  const auto* sums = reinterpret_cast<const int32_t*>(packed + panelBytes_);
  for (size_t pack = 0; pack < plan_.packs().size(); ++pack) {
    const int64_t group = static_cast<int64_t>(pack) % plan_.groups();
    for (int64_t panel = 0; panel < plan_.panelCount(); ++panel) {
      const int64_t at = static_cast<int64_t>(pack) * columns() + panel * kernel_.nr;
      fold(sums + at, pack, panel,
           bias == nullptr ? nullptr : bias + group * plan_.n() + panel * kernel_.nr,
           bias_.data() + at);
    }
  }
}

// Σ (x − zx)(b − zb) = Σ a·b − (zx + offset)·Σ b + K·zx·zb − zb·Σ x with a = x + offset; the last
// term belongs to the row. In 32 bits that wrap, as all of it is exact in the end.
void ConvS8::fold(const int32_t* sums, size_t pack, int64_t panel, const int32_t* bias,
                  int32_t* folded) const {
  const size_t phase = plan_.packs()[pack].phase;
  const int64_t k = static_cast<int64_t>(plan_.phases()[phase].taps.size()) * plan_.k();
  const int64_t constant = k * quant_.zeroX * quant_.zeroB;
  const int64_t columns = std::min<int64_t>(kernel_.nr, plan_.n() - panel * kernel_.nr);
  for (int64_t j = 0; j < kernel_.nr; ++j) {
    const int64_t own = j < columns && bias != nullptr ? bias[j] : 0;
    const int64_t sum = sums[j];
    folded[j] = static_cast<int32_t>(own + constant - (quant_.zeroX + kernel_.offset) * sum);
  }
}

void ConvS8::run(const ConvArgsS8& args, int64_t task, int thread) const {
  if (!plan_.serial()) return runTask(args, task, thread);
  for (int64_t i = 0; i < plan_.taskCount(); ++i) runTask(args, i, thread);
}

// Whether the block's rows of A are rows of x.
bool ConvS8::readsInput(const ConvPlan::Work& work, int64_t block) const {
  const int64_t rows = std::min<int64_t>(kernel_.mr, work.outputs - block * kernel_.mr);
  return work.phase.plain && kernel_.elementBytes == 1 && kernel_.offset == 0 &&
         plan_.k() % kernel_.kStep == 0 && rows % kernel_.rowGroup == 0;
}

void ConvS8::gatherChunk(const ConvPlan::Work& work, const int8_t* x, int64_t yStep,
                         const Scratch& scratch) const {
  const auto taps = static_cast<int64_t>(work.phase.taps.size());
  const int mr = kernel_.mr;
  const int8_t* end = x - work.slice.x + plan_.inputElements();
  std::byte* a = scratch.a;
  int64_t* dst = scratch.dst;
  int32_t* rowBias = scratch.rowBias;
  for (int64_t block = work.firstBlock; block < work.lastBlock; ++block, dst += mr) {
    const int count = static_cast<int>(std::min<int64_t>(mr, work.outputs - block * mr));
    plan_.fillRows(work.phase, x, block * mr, count, padding_.data(), scratch.rows, dst,
                   yStep, scratch.copies);
    const GemmGatherS8 rows = {scratch.rows, mr, taps, plan_.k(), end};
    if (!readsInput(work, block)) kernel_.gather(rows, a, stride_, count);
    a += mr * stride_ * kernel_.elementBytes;
    if (rowBias == nullptr) continue;
    kernel_.sumRows(rows, rowBias, count);
    for (int i = 0; i < count; ++i) *rowBias++ *= -quant_.zeroB;
  }
}

void ConvS8::runTask(const ConvArgsS8& args, int64_t task, int thread) const {
  const ConvPlan::Work work = plan_.work(task);
  const Scratch scratch = scratchOf(args.scratch, thread);
  const int8_t* x = args.x + work.slice.x;
  gatherChunk(work, x, args.yStep != 0 ? args.yStep : plan_.outputStep(), scratch);

  const ConvPlan::Pack& pack = plan_.packs()[work.slice.pack];
  const auto* panels = reinterpret_cast<const int8_t*>(args.packed) + pack.panels;
  const int32_t* bias =
      (bias_.empty() ? reinterpret_cast<const int32_t*>(args.packed + panelBytes_) : bias_.data()) +
      static_cast<int64_t>(work.slice.pack) * columns();
  const std::byte* wide = args.packed + panelBytes_ + sumBytes_ +
                          static_cast<int64_t>(work.slice.pack) * plan_.panelCount();
  const float* multipliers =
      multipliers_.data() + (plan_.n() == 0 ? 0 : work.slice.channel / plan_.n() * columns());
  GemmTileS8 tile{};
  tile.depth = work.phase.depth;
  tile.residualZero = quant_.zeroResidual;
  tile.residualMultiplier = quant_.residualMultiplier;
  tile.low = static_cast<float>(quant_.low - quant_.zeroY);
  tile.high = static_cast<float>(quant_.high - quant_.zeroY);
  tile.zeroPoint = quant_.zeroY;
  const int64_t panelBytes = kernel_.nr * work.phase.depth;
  const FetchAhead ahead(work.lastBlock - work.firstBlock, panelBytes, kernel_.nr * kernel_.kStep);
  tile.aheadStep = ahead.step();
  if (kernel_.begin != nullptr) kernel_.begin();
  for (int64_t p = work.firstPanel; p < work.lastPanel; ++p) {
    const int64_t column = p * kernel_.nr;
    tile.panel = panels + column * work.phase.depth;
    tile.wide = wide[p] != std::byte{0};
    tile.bias = bias + column;
    tile.multipliers = multipliers + column;
    tile.n = static_cast<int>(std::min<int64_t>(kernel_.nr, plan_.n() - column));
    tile.out = args.y + work.slice.y + column;
    tile.residual = args.residual != nullptr ? args.residual + work.slice.y + column : nullptr;
    const int8_t* next = p + 1 < work.lastPanel ? tile.panel + panelBytes : nullptr;
    for (int64_t block = work.firstBlock; block < work.lastBlock; ++block) {
      const int64_t row = (block - work.firstBlock) * kernel_.mr;
      tile.m = static_cast<int>(std::min<int64_t>(kernel_.mr, work.outputs - block * kernel_.mr));
      if (readsInput(work, block)) {
        tile.a = x + block * kernel_.mr * plan_.pixelStep();
        tile.stride = plan_.pixelStep();
      } else {
        tile.a = scratch.a + row * stride_ * kernel_.elementBytes;
        tile.stride = stride_;
      }
      tile.rowBias = scratch.rowBias != nullptr ? scratch.rowBias + row : nullptr;
      tile.dst = scratch.dst + row;
      tile.ahead = ahead.from(tile.panel, next, block - work.firstBlock);
      kernel_.run(tile);
    }
  }
  if (kernel_.end != nullptr) kernel_.end();
}

}  // namespace qrt
