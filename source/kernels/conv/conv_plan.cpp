#include "kernels/conv/conv_plan.h"

#include <algorithm>
#include <cstring>

#include "base/cache_size.h"
#include "base/error.h"

namespace qrt {
namespace {

constexpr int64_t ceilDiv(int64_t a, int64_t b) { return (a + b - 1) / b; }
int64_t l2Bytes() { return static_cast<int64_t>(l2CacheBytes()); }

// Rows of A that stay in L2 while panels of B pass, in bytes, and at most this many blocks.
int64_t chunkBytes() { return l2Bytes() * 3 / 32; }
constexpr int64_t kChunkBlocks = 16;
// B above this is split by columns first, so that each thread reads only its part. It comes from a far
// cache or memory for every chunk, so that chunks had better be few, even if their rows fill L2.
int64_t largeBBytes() { return l2Bytes() / 2; }
constexpr int64_t kLargeBChunkBlocks = 64;
// Enough tasks per thread to even out a slow one.
constexpr int64_t kTasksPerThread = 4;
// Rows this many bytes apart share a set of L1.
constexpr int64_t kAliasingBytes = 4096;
constexpr int64_t kCopyPad = 16;
// Fewer columns of B do not make up for a copy.
constexpr int64_t kCopyColumns = 64;

}  // namespace

RowRange windowRows(const ConvShape& s, RowRange rows) {
  const int64_t begin = rows.first * s.strideH - s.padTop;
  const int64_t end = (rows.last - 1) * s.strideH - s.padTop + (s.kh - 1) * s.dilationH + 1;
  return {std::clamp<int64_t>(begin, 0, s.h), std::clamp<int64_t>(end, 0, s.h)};
}

ConvPlan::ConvPlan(const ConvShape& shape, const ConvTarget& target, int threads)
    : shape_(shape), target_(target), threads_(std::max(threads, 1)) {
  const int64_t channels = shape_.c / shape_.groups;
  inputElements_ = shape_.n * shape_.h * shape_.w * shape_.c;
  k_ = channels;
  n_ = shape_.o / shape_.groups;
  nStride_ = shape_.kh * shape_.kw * channels;
  const int64_t pixelStep = (shape_.transposed ? 1 : shape_.strideW) * shape_.c;
  if (!shape_.transposed && shape_.groups == 1 && shape_.kw > 1 && shape_.dilationW == 1 &&
      channels <= target_.fewChannels) {
    rowMode_ = RowMode::segments;
    k_ = shape_.kw * channels;
    copyStride_ = k_;
  } else if (!target_.gathers && pixelStep * target_.elementBytes % kAliasingBytes == 0 &&
             n_ >= kCopyColumns) {
    rowMode_ = RowMode::copied;
    copyStride_ = k_ + kCopyPad;
  }
  const int64_t phasesH = shape_.transposed ? std::min(shape_.strideH, shape_.oh) : 1;
  const int64_t phasesW = shape_.transposed ? std::min(shape_.strideW, shape_.ow) : 1;
  for (int64_t h = 0; h < phasesH; ++h) {
    for (int64_t w = 0; w < phasesW; ++w) planPhase(h, w);
  }
  planWork(shape_.n * shape_.oh * shape_.ow * shape_.o * shape_.kh * shape_.kw * channels);
}

ConvPlan::ConvPlan(const MatMulShape& shape, const ConvTarget& target, int threads)
    : ConvPlan({.w = shape.m, .c = shape.k, .ow = shape.m, .o = shape.n}, target, threads) {
  kStride_ = shape.n;
  nStride_ = 1;
  const int64_t panels = packedElements_;
  packs_.clear();
  for (int64_t i = 0; i < shape.bCount; ++i) {
    packs_.push_back({0, i * shape.k * shape.n, i * panels, {0}});
  }
  packedElements_ = shape.bCount * panels;
  inputElements_ = 0;
  for (const int64_t index : shape.aIndex) {
    inputElements_ = std::max(inputElements_, (index + 1) * shape.m * shape.k);
  }
  slices_.clear();
  for (size_t i = 0; i < shape.aIndex.size(); ++i) {
    slices_.push_back({0, static_cast<size_t>(shape.bIndex[i]), shape.aIndex[i] * shape.m * shape.k,
                       0, static_cast<int64_t>(i) * shape.m * shape.n, 0});
  }
  planWork(static_cast<int64_t>(slices_.size()) * shape.m * shape.k * shape.n);
}

// Conv: input = q·stride − pad + tap·dilation. ConvTranspose, whose output o gets input i through
// tap t where o = i·stride − pad + t·dilation: outputs o = phase + q·stride have the taps for which
// phase + pad − t·dilation is a multiple of the stride, and input i = q + that multiple.
void ConvPlan::planPhase(int64_t phaseH, int64_t phaseW) {
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
  phase.depth =
      ceilDiv(static_cast<int64_t>(phase.taps.size()) * k_, target_.kStep) * target_.kStep;
  pack.phase = phases_.size();
  for (int64_t g = 0; g < s.groups; ++g) {
    slices_.push_back({pack.phase, packs_.size(), g * channels, g * n_, g * n_, 0});
    pack.b = g * n_ * s.kh * s.kw * channels;
    pack.panels = packedElements_;
    packs_.push_back(pack);
    packedElements_ += panelCount() * target_.nr * phase.depth;
  }
  phases_.push_back(std::move(phase));
}

void ConvPlan::planWork(int64_t macs) {
  // Small tasks even out threads that others disturb, but each begins with rows of A of its own.
  const int64_t perThread = std::clamp<int64_t>(macs / (threads_ * target_.taskMacs), 1, kTasksPerThread);
  const int64_t wanted = threads_ == 1 ? 1 : threads_ * perThread;
  const int64_t panels = panelCount();
  const auto slices = static_cast<int64_t>(slices_.size());
  small_ = macs < target_.serialMacs;
  serial_ = threads_ == 1 || small_;
  maxTaps_ = maxDepth_ = maxChunkBlocks_ = taskCount_ = 0;
  for (Phase& phase : phases_) {
    const auto taps = static_cast<int64_t>(phase.taps.size());
    phase.blocks = ceilDiv(shape_.n * phase.rows * phase.columns, target_.mr);
    const int64_t rowElements = target_.gathers || rowMode_ == RowMode::copied
                                    ? phase.depth
                                    : k_ * std::min(taps, phase.ihStep * phase.iwStep);
    const int64_t rowBytes = std::max<int64_t>(1, rowElements) * target_.elementBytes;
    const bool largeB = panels * target_.nr * phase.depth * target_.elementBytes > largeBBytes();
    const bool fewChunks = largeB && !target_.gathers;
    phase.chunkBlocks =
        std::clamp<int64_t>((fewChunks ? largeBBytes() : chunkBytes()) / (rowBytes * target_.mr), 1,
                            fewChunks ? kLargeBChunkBlocks : kChunkBlocks);
    if (!largeB) {
      phase.chunkBlocks =
          std::min(phase.chunkBlocks, std::max<int64_t>(1, ceilDiv(phase.blocks * slices, wanted)));
    }
    phase.chunks = ceilDiv(phase.blocks, phase.chunkBlocks);
    const int64_t tasks = rowMode_ == RowMode::copied ? threads_ : wanted;  // each task copies its rows
    phase.columnSplits =
        std::clamp<int64_t>(ceilDiv(tasks, std::max<int64_t>(1, phase.chunks * slices)), 1,
                            std::max<int64_t>(1, panels));
    maxTaps_ = std::max(maxTaps_, taps);
    maxDepth_ = std::max(maxDepth_, phase.depth);
    maxChunkBlocks_ = std::max(maxChunkBlocks_, phase.chunkBlocks);
  }
  for (Slice& slice : slices_) {
    slice.firstTask = taskCount_;
    const Phase& phase = phases_[slice.phase];
    taskCount_ += n_ == 0 ? 0 : phase.chunks * phase.columnSplits;
  }
}

std::string ConvPlan::packKey() const {
  const ConvShape& s = shape_;
  std::string key = concat("x", target_.nr, "_k", k_, "_n", n_, "_g", s.groups, "_w", s.kh, 'x', s.kw,
                           "_by", kStride_, ',', nStride_, "_p", packs_.size());
  if (s.transposed) {  // then the taps of a phase depend on all of these
    key += concat("_t", s.strideH, ',', s.strideW, ',', s.dilationH, ',', s.dilationW, ',',
                  s.padTop, ',', s.padLeft, ',', s.oh, ',', s.ow);
  }
  return key;
}

ConvPlan::Work ConvPlan::work(int64_t task) const {
  const auto next = std::upper_bound(slices_.begin(), slices_.end(), task,
                                     [](int64_t t, const Slice& s) { return t < s.firstTask; });
  const Slice& slice = *(next - 1);
  const Phase& phase = phases_[slice.phase];
  const int64_t part = (task - slice.firstTask) % phase.columnSplits;
  const int64_t firstBlock = (task - slice.firstTask) / phase.columnSplits * phase.chunkBlocks;
  return {slice,
          phase,
          shape_.n * phase.rows * phase.columns,
          firstBlock,
          std::min(firstBlock + phase.chunkBlocks, phase.blocks),
          panelCount() * part / phase.columnSplits,
          panelCount() * (part + 1) / phase.columnSplits};
}

int64_t ConvPlan::units() const {
  const bool inOrder = shape_.n == 1 && !shape_.transposed && slices_.size() == 1 && n_ > 0;
  return inOrder && !small_ ? phases_[0].chunks : 0;
}

RowRange ConvPlan::rowsWritten(int64_t unit) const {
  const Phase& phase = phases_[0];
  const int64_t outputs = phase.chunkBlocks * target_.mr, all = phase.rows * phase.columns;
  return {unit * outputs / phase.columns, ceilDiv(std::min((unit + 1) * outputs, all), phase.columns)};
}

RowRange ConvPlan::rowsRead(int64_t unit) const { return windowRows(shape_, rowsWritten(unit)); }

// The range of output positions, scaled to input pixels, whose windows do not hang over the border.
void ConvPlan::findInside(Phase& phase) const {
  const int64_t width = rowMode_ == RowMode::segments ? shape_.kw : 1;
  phase.insideBottom = shape_.h;
  phase.insideRight = shape_.w;
  for (const Tap& tap : phase.taps) {
    phase.insideTop = std::max(phase.insideTop, -tap.ih);
    phase.insideLeft = std::max(phase.insideLeft, -tap.iw);
    phase.insideBottom = std::min(phase.insideBottom, shape_.h - tap.ih);
    phase.insideRight = std::min(phase.insideRight, shape_.w - tap.iw - width + 1);
  }
  phase.plain = phase.taps.size() == 1 && phase.taps[0].offset == 0 && phase.ihStep == 1 &&
                phase.iwStep == 1 && phase.ohStep == 1 && phase.owStep == 1 &&
                phase.insideTop <= 0 && phase.insideLeft <= 0 && phase.rows == shape_.h &&
                phase.columns == shape_.w && shape_.oh == shape_.h && shape_.ow == shape_.w &&
                phase.insideBottom >= shape_.h && phase.insideRight >= shape_.w;
}

template <class T>
void ConvPlan::fillRows(const Phase& phase, const T* x, int64_t first, int count, const T* padding,
                        const T** rows, int64_t* dst, int64_t yStep, T* copies) const {
  const ConvShape& s = shape_;
  const auto tapCount = static_cast<int64_t>(phase.taps.size());
  if (phase.plain) {
    for (int i = 0; i < count; ++i) {
      rows[i] = x + (first + i) * s.c;
      dst[i] = (first + i) * yStep;
    }
  } else {
    int64_t qw = first % phase.columns;
    int64_t qh = first / phase.columns % phase.rows;
    int64_t image = first / (phase.columns * phase.rows);
    for (int i = 0; i < count;) {
      const int run = static_cast<int>(std::min<int64_t>(count - i, phase.columns - qw));
      const int64_t line = (image * s.oh + phase.oh0 + qh * phase.ohStep) * s.ow + phase.ow0;
      for (int j = 0; j < run; ++j) dst[i + j] = (line + (qw + j) * phase.owStep) * yStep;
      fillLine(phase, x + image * s.h * s.w * s.c, qh, qw, run, padding, rows + i,
               copies + i * copyStride_);
      i += run;
      qw = 0;
      if (++qh == phase.rows) {
        qh = 0;
        ++image;
      }
    }
  }
  if (rowMode_ != RowMode::copied) return;
  for (int64_t t = 0; t < tapCount; ++t) {
    for (int64_t row = t * target_.mr; row < t * target_.mr + count; ++row) {
      if (rows[row] == padding) continue;
      T* copy = copies + row * copyStride_;
      std::memcpy(copy, rows[row], static_cast<size_t>(k_) * sizeof(T));
      rows[row] = copy;
    }
  }
}

// Outputs qw … qw + count − 1 of one line.
template <class T>
void ConvPlan::fillLine(const Phase& phase, const T* image, int64_t qh, int64_t qw, int count,
                        const T* padding, const T** rows, T* copies) const {
  const ConvShape& s = shape_;
  const int mr = target_.mr;
  const Tap* taps = phase.taps.data();
  const auto tapCount = static_cast<int64_t>(phase.taps.size());
  const int64_t ih = qh * phase.ihStep;
  const auto border = [&](int from, int to) {
    for (int i = from; i < to; ++i) {
      const int64_t iw = (qw + i) * phase.iwStep;
      for (int64_t t = 0; t < tapCount; ++t) {
        const int64_t row = t * mr + i;
        rows[row] =
            borderRow(image, ih + taps[t].ih, iw + taps[t].iw, padding, copies + row * copyStride_);
      }
    }
  };
  // The part of the line whose windows lie inside; all of it is border if there is none.
  const auto place = [&](int64_t iw) {
    return static_cast<int>(std::clamp<int64_t>(ceilDiv(iw, phase.iwStep) - qw, 0, count));
  };
  const bool rowInside = ih >= phase.insideTop && ih < phase.insideBottom;
  const int left = rowInside ? place(std::max<int64_t>(0, phase.insideLeft)) : count;
  const int right = std::max(left, place(std::max<int64_t>(0, phase.insideRight)));
  border(0, left);
  const T* pixel = image + (ih * s.w + (qw + left) * phase.iwStep) * s.c;
  for (int64_t t = 0; t < tapCount; ++t) {
    const T* row = pixel + taps[t].offset;
    for (int i = left; i < right; ++i, row += phase.iwStep * s.c) rows[t * mr + i] = row;
  }
  border(right, count);
}

// The row of a tap that may lie outside. Of a segment, pixels iw … iw + kw − 1, the part inside is
// copied.
template <class T>
const T* ConvPlan::borderRow(const T* image, int64_t ih, int64_t iw, const T* padding,
                             T* copy) const {
  const int64_t c = shape_.c;
  if (ih < 0 || ih >= shape_.h) return padding;
  const T* line = image + ih * shape_.w * c;
  if (rowMode_ != RowMode::segments) {
    return iw < 0 || iw >= shape_.w ? padding : line + iw * c;
  }
  if (iw >= 0 && iw + shape_.kw <= shape_.w) return line + iw * c;
  const int64_t begin = std::clamp<int64_t>(-iw, 0, shape_.kw);
  const int64_t end = std::clamp<int64_t>(shape_.w - iw, begin, shape_.kw);
  std::copy_n(padding, begin * c, copy);
  std::copy_n(line + (iw + begin) * c, (end - begin) * c, copy + begin * c);
  std::copy_n(padding, (shape_.kw - end) * c, copy + end * c);
  return copy;
}

template void ConvPlan::fillRows(const Phase&, const float*, int64_t, int, const float*,
                                 const float**, int64_t*, int64_t, float*) const;
template void ConvPlan::fillRows(const Phase&, const int8_t*, int64_t, int, const int8_t*,
                                 const int8_t**, int64_t*, int64_t, int8_t*) const;

}  // namespace qrt
