#include "kernels/conv/conv_f32.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "base/aligned_buffer.h"
#include "base/error.h"

namespace qrt {
namespace {

constexpr int64_t ceilDiv(int64_t a, int64_t b) { return (a + b - 1) / b; }

// Rows of A that stay in L2 while panels of B pass, in bytes, and at most this many blocks.
constexpr int64_t kChunkBytes = 192 * 1024;
constexpr int64_t kChunkBlocks = 16;
// B above this is split by columns first, so that each thread reads only its part.
constexpr int64_t kLargeB = 1024 * 1024;
// Enough tasks per thread to even out a slow one.
constexpr int64_t kTasksPerThread = 4;
// Below this many multiply-accumulates waking a thread costs more than it brings.
constexpr int64_t kSerialMacs = 50'000;
// Up to so many channels a row of the window is one tap, k = kw · c.
constexpr int64_t kFewChannels = 12;
// Rows this far apart (in floats: 4 KB) share a set of L1.
constexpr int64_t kAliasingStride = 1024;
constexpr int64_t kCopyPad = 16;
// Fewer columns of B do not make up for a copy.
constexpr int64_t kCopyColumns = 64;

}  // namespace

ConvF32::ConvF32(const ConvShape& shape, const Activation& activation, const GemmKernelF32& kernel,
                 int threads)
    : shape_(shape), kernel_(kernel), threads_(std::max(threads, 1)) {
  constexpr float infinity = std::numeric_limits<float>::infinity();
  low_ = -infinity;
  high_ = infinity;
  if (activation.kind == ActivationKind::relu) {
    low_ = 0;
  } else if (activation.kind == ActivationKind::clip) {
    low_ = activation.a;
    high_ = activation.b;
  } else {
    activation_ = activation;
  }
  planConv();
}

ConvF32::ConvF32(const MatMulShape& shape, const GemmKernelF32& kernel, int threads)
    : ConvF32({.w = shape.m, .c = shape.k, .ow = shape.m, .o = shape.n}, {}, kernel, threads) {
  bLayout_.kStride = shape.n;
  bLayout_.nStride = 1;
  const int64_t panelFloats = packedSizeF32(1, k_, n_, kernel_.nr);
  packs_.clear();
  for (int64_t i = 0; i < shape.bCount; ++i) {
    packs_.push_back({0, i * shape.k * shape.n, i * panelFloats, {0}});
  }
  packedFloats_ = shape.bCount * panelFloats;
  slices_.clear();
  for (size_t i = 0; i < shape.aIndex.size(); ++i) {
    slices_.push_back({0, shape.aIndex[i] * shape.m * shape.k, shape.bIndex[i] * panelFloats, 0,
                       static_cast<int64_t>(i) * shape.m * shape.n, 0});
  }
  planWork(static_cast<int64_t>(slices_.size()) * shape.m * shape.k * shape.n);
}

void ConvF32::planConv() {
  const int64_t channels = shape_.c / shape_.groups;
  k_ = channels;
  n_ = shape_.o / shape_.groups;
  if (!shape_.transposed && shape_.groups == 1 && shape_.kw > 1 && shape_.dilationW == 1 &&
      channels <= kFewChannels) {
    rowMode_ = RowMode::segments;
    k_ = shape_.kw * channels;
    copyStride_ = k_;
  } else if ((shape_.transposed ? 1 : shape_.strideW) * shape_.c % kAliasingStride == 0 &&
             n_ >= kCopyColumns) {
    rowMode_ = RowMode::copied;
    copyStride_ = k_ + kCopyPad;
  }
  bLayout_ = {{}, k_, n_, 1, shape_.kh * shape_.kw * channels};
  zeros_.assign(static_cast<size_t>(k_), 0.0f);
  const int64_t phasesH = shape_.transposed ? std::min(shape_.strideH, shape_.oh) : 1;
  const int64_t phasesW = shape_.transposed ? std::min(shape_.strideW, shape_.ow) : 1;
  for (int64_t h = 0; h < phasesH; ++h) {
    for (int64_t w = 0; w < phasesW; ++w) planPhase(h, w);
  }
  planWork(shape_.n * shape_.oh * shape_.ow * shape_.o * shape_.kh * shape_.kw * channels);
}

// Conv: input = q·stride − pad + tap·dilation. ConvTranspose, whose output o gets input i through
// tap t where o = i·stride − pad + t·dilation: outputs o = phase + q·stride have the taps for which
// phase + pad − t·dilation is a multiple of the stride, and input i = q + that multiple.
void ConvF32::planPhase(int64_t phaseH, int64_t phaseW) {
  const ConvShape& s = shape_;
  Phase phase{};
  if (s.transposed) {
    phase = {ceilDiv(s.oh - phaseH, s.strideH),
             ceilDiv(s.ow - phaseW, s.strideW),
             phaseH,
             phaseW,
             s.strideH,
             s.strideW,
             1,
             1};
  } else {
    phase = {s.oh, s.ow, 0, 0, 1, 1, s.strideH, s.strideW};
  }
  Pack pack{};
  const int64_t channels = s.c / s.groups;
  for (int64_t kh = 0; kh < s.kh; ++kh) {
    const int64_t h =
        s.transposed ? phaseH + s.padTop - kh * s.dilationH : kh * s.dilationH - s.padTop;
    if (s.transposed && h % s.strideH != 0) continue;
    for (int64_t kw = 0; kw < (rowMode_ == RowMode::segments ? 1 : s.kw); ++kw) {
      const int64_t w =
          s.transposed ? phaseW + s.padLeft - kw * s.dilationW : kw * s.dilationW - s.padLeft;
      if (s.transposed && w % s.strideW != 0) continue;
      const int64_t ih = s.transposed ? h / s.strideH : h, iw = s.transposed ? w / s.strideW : w;
      phase.taps.push_back({ih, iw, (ih * s.w + iw) * s.c});
      pack.tapOffsets.push_back((kh * s.kw + kw) * channels);
    }
  }
  findInside(phase);
  pack.phase = phases_.size();
  const int64_t panelFloats =
      packedSizeF32(static_cast<int64_t>(phase.taps.size()), k_, n_, kernel_.nr);
  for (int64_t g = 0; g < s.groups; ++g) {
    pack.b = g * n_ * s.kh * s.kw * channels;
    pack.panels = packedFloats_;
    packs_.push_back(pack);
    slices_.push_back({phases_.size(), g * channels, packedFloats_, g * n_, g * n_, 0});
    packedFloats_ += panelFloats;
  }
  phases_.push_back(std::move(phase));
}

void ConvF32::planWork(int64_t macs) {
  const int64_t wanted = threads_ == 1 ? 1 : threads_ * kTasksPerThread;
  const int64_t panels = panelCount();
  serial_ = threads_ == 1 || macs < kSerialMacs;
  int64_t maxTaps = 0, maxChunk = 0;
  for (Phase& phase : phases_) {
    const auto taps = static_cast<int64_t>(phase.taps.size());
    phase.blocks = ceilDiv(shape_.n * phase.rows * phase.columns, kernel_.mr);
    const int64_t reread =
        rowMode_ == RowMode::copied ? taps : std::min(taps, phase.ihStep * phase.iwStep);
    const int64_t rowBytes = std::max<int64_t>(1, k_ * reread) * 4;
    phase.chunkBlocks = std::clamp<int64_t>(kChunkBytes / (rowBytes * kernel_.mr), 1, kChunkBlocks);
    const int64_t slices = static_cast<int64_t>(slices_.size());
    const bool largeB = packedSizeF32(taps, k_, n_, kernel_.nr) * 4 > kLargeB;
    if (!largeB) {
      phase.chunkBlocks =
          std::min(phase.chunkBlocks, std::max<int64_t>(1, ceilDiv(phase.blocks * slices, wanted)));
    }
    phase.chunks = ceilDiv(phase.blocks, phase.chunkBlocks);
    phase.columnSplits =
        std::clamp<int64_t>(ceilDiv(wanted, std::max<int64_t>(1, phase.chunks * slices)), 1,
                            std::max<int64_t>(1, panels));
    maxTaps = std::max(maxTaps, taps);
    maxChunk = std::max(maxChunk, phase.chunkBlocks);
  }
  const int64_t maxRows = maxChunk * kernel_.mr;
  taskCount_ = 0;
  for (Slice& slice : slices_) {
    slice.firstTask = taskCount_;
    const Phase& phase = phases_[slice.phase];
    taskCount_ += n_ == 0 ? 0 : phase.chunks * phase.columnSplits;
  }
  rowsBytes_ = alignUp(static_cast<size_t>(maxRows * maxTaps) * sizeof(const float*));
  dstBytes_ = alignUp(static_cast<size_t>(maxRows) * sizeof(int64_t));
  scratchPerThread_ = rowsBytes_ + dstBytes_ +
                      alignUp(static_cast<size_t>(maxRows * maxTaps * copyStride_) * sizeof(float));
}

std::string ConvF32::packKey() const {
  const ConvShape& s = shape_;
  std::string key = concat("gemm_f32_x", kernel_.nr, "_k", k_, "_n", n_, "_g", s.groups, "_w", s.kh, 'x',
                           s.kw, "_by", bLayout_.kStride, ',', bLayout_.nStride, "_p", packs_.size());
  if (s.transposed) {  // then the taps of a phase depend on all of these
    key += concat("_t", s.strideH, ',', s.strideW, ',', s.dilationH, ',', s.dilationW, ',',
                  s.padTop, ',', s.padLeft, ',', s.oh, ',', s.ow);
  }
  return key;
}

void ConvF32::pack(const float* b, float* panels, int64_t task) const {
  const Pack& pack = packs_[static_cast<size_t>(task / panelCount())];
  const int64_t panel = task % panelCount();
  GemmBLayout layout = bLayout_;
  layout.tapOffsets = pack.tapOffsets;
  packPanelsF32(layout, b + pack.b, kernel_.nr, panel, panel + 1, panels + pack.panels);
}

void ConvF32::run(const ConvArgsF32& args, int64_t task, int thread) const {
  if (!serial_) return runTask(args, task, thread);
  for (int64_t i = 0; i < taskCount_; ++i) runTask(args, i, thread);
}

void ConvF32::runTask(const ConvArgsF32& args, int64_t task, int thread) const {
  const auto next = std::upper_bound(slices_.begin(), slices_.end(), task,
                                     [](int64_t t, const Slice& s) { return t < s.firstTask; });
  const Slice& slice = *(next - 1);
  const Phase& phase = phases_[slice.phase];
  const int64_t part = (task - slice.firstTask) % phase.columnSplits;
  const int64_t firstBlock = (task - slice.firstTask) / phase.columnSplits * phase.chunkBlocks;
  const int64_t lastBlock = std::min(firstBlock + phase.chunkBlocks, phase.blocks);
  const auto taps = static_cast<int64_t>(phase.taps.size());
  const int64_t outputs = shape_.n * phase.rows * phase.columns;
  const int mr = kernel_.mr;

  auto* scratch =
      static_cast<std::byte*>(args.scratch) + scratchPerThread_ * static_cast<size_t>(thread);
  auto* rows = reinterpret_cast<const float**>(scratch);
  auto* dst = reinterpret_cast<int64_t*>(scratch + rowsBytes_);
  auto* copies = reinterpret_cast<float*>(scratch + rowsBytes_ + dstBytes_);
  for (int64_t block = firstBlock; block < lastBlock; ++block) {
    const int64_t i = block - firstBlock, first = block * mr;
    fillRows(phase, args.x + slice.x, first,
             static_cast<int>(std::min<int64_t>(mr, outputs - first)), rows + i * mr * taps,
             dst + i * mr, copies + i * mr * taps * copyStride_);
  }

  GemmTileF32 tile{};
  tile.taps = taps;
  tile.k = k_;
  tile.low = low_;
  tile.high = high_;
  const int64_t panels = panelCount();
  for (int64_t p = panels * part / phase.columnSplits; p < panels * (part + 1) / phase.columnSplits;
       ++p) {
    const int64_t column = p * kernel_.nr;
    tile.panel = args.panels + slice.panels + column * taps * k_;
    tile.bias = args.bias != nullptr ? args.bias + slice.bias + column : nullptr;
    tile.n = static_cast<int>(std::min<int64_t>(kernel_.nr, n_ - column));
    tile.out = args.y + slice.y + column;
    tile.residual = args.residual != nullptr ? args.residual + slice.y + column : nullptr;
    for (int64_t block = firstBlock; block < lastBlock; ++block) {
      const int64_t i = block - firstBlock;
      const int m = static_cast<int>(std::min<int64_t>(mr, outputs - block * mr));
      tile.rows = rows + i * mr * taps;
      tile.dst = dst + i * mr;
      kernel_(tile, m);
      if (activation_.kind != ActivationKind::none) {
        kernel_.activate(activation_, tile.out, tile.dst, m, tile.n);
      }
    }
  }
}

// The range of output positions, scaled to input pixels, whose windows do not hang over the border.
void ConvF32::findInside(Phase& phase) const {
  const int64_t width = rowMode_ == RowMode::segments ? shape_.kw : 1;
  phase.insideBottom = shape_.h;
  phase.insideRight = shape_.w;
  for (const Tap& tap : phase.taps) {
    phase.insideTop = std::max(phase.insideTop, -tap.ih);
    phase.insideLeft = std::max(phase.insideLeft, -tap.iw);
    phase.insideBottom = std::min(phase.insideBottom, shape_.h - tap.ih);
    phase.insideRight = std::min(phase.insideRight, shape_.w - tap.iw - width + 1);
  }
}

void ConvF32::fillRows(const Phase& phase, const float* x, int64_t first, int count,
                       const float** rows, int64_t* dst, float* copies) const {
  const ConvShape& s = shape_;
  const int mr = kernel_.mr;
  const Tap* taps = phase.taps.data();
  const auto tapCount = static_cast<int64_t>(phase.taps.size());
  int64_t qw = first % phase.columns;
  int64_t qh = first / phase.columns % phase.rows;
  int64_t image = first / (phase.columns * phase.rows);
  for (int i = 0; i < count; ++i) {
    dst[i] =
        ((image * s.oh + phase.oh0 + qh * phase.ohStep) * s.ow + phase.ow0 + qw * phase.owStep) *
        s.o;
    const int64_t ih = qh * phase.ihStep, iw = qw * phase.iwStep;
    const float* base = x + image * s.h * s.w * s.c;
    if (ih >= phase.insideTop && ih < phase.insideBottom && iw >= phase.insideLeft &&
        iw < phase.insideRight) {
      const float* pixel = base + (ih * s.w + iw) * s.c;
      for (int64_t t = 0; t < tapCount; ++t) rows[t * mr + i] = pixel + taps[t].offset;
    } else {
      for (int64_t t = 0; t < tapCount; ++t) {
        const int64_t row = t * mr + i;
        rows[row] = borderRow(base, ih + taps[t].ih, iw + taps[t].iw, copies + row * copyStride_);
      }
    }
    if (rowMode_ == RowMode::copied) {
      for (int64_t row = i; row < tapCount * mr; row += mr) {
        if (rows[row] == zeros_.data()) continue;
        float* copy = copies + row * copyStride_;
        std::memcpy(copy, rows[row], static_cast<size_t>(k_) * sizeof(float));
        rows[row] = copy;
      }
    }
    if (++qw == phase.columns) {
      qw = 0;
      if (++qh == phase.rows) {
        qh = 0;
        ++image;
      }
    }
  }
}

// The row of a tap that may lie outside. Of a segment, pixels iw … iw + kw − 1, the part inside is
// copied.
const float* ConvF32::borderRow(const float* image, int64_t ih, int64_t iw, float* copy) const {
  const int64_t c = shape_.c;
  if (ih < 0 || ih >= shape_.h) return zeros_.data();
  const float* line = image + ih * shape_.w * c;
  if (rowMode_ != RowMode::segments) {
    return iw < 0 || iw >= shape_.w ? zeros_.data() : line + iw * c;
  }
  if (iw >= 0 && iw + shape_.kw <= shape_.w) return line + iw * c;
  const int64_t begin = std::clamp<int64_t>(-iw, 0, shape_.kw);
  const int64_t end = std::clamp<int64_t>(shape_.w - iw, begin, shape_.kw);
  std::fill_n(copy, begin * c, 0.0f);
  std::copy_n(line + (iw + begin) * c, (end - begin) * c, copy + begin * c);
  std::fill_n(copy + end * c, (shape_.kw - end) * c, 0.0f);
  return copy;
}

}  // namespace qrt
