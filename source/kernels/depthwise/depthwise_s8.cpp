// The kernels' list, and how their weights are packed.
#include "kernels/depthwise/depthwise_s8.h"

#include <algorithm>
#include <cstring>

#include "kernels/isa_table.h"
#include "kernels/quarters.h"

namespace qrt {

#define QRT_DECLARE(level)                       \
  namespace level {                              \
  extern const DepthwiseKernelS8 kDepthwiseS8;   \
  }
QRT_INT8_LEVELS(QRT_DECLARE)
#undef QRT_DECLARE

std::span<const DepthwiseKernelS8* const> depthwiseKernelsS8() {
#define QRT_ENTRY(level) &level::kDepthwiseS8,
  static constexpr const DepthwiseKernelS8* kernels[] = {QRT_INT8_LEVELS(QRT_ENTRY)};
#undef QRT_ENTRY
  return kernels;
}

const DepthwiseKernelS8& depthwiseKernelS8(IsaLevel level) {
  return selectKernel(depthwiseKernelsS8(), level);
}

DepthwisePlanS8::DepthwisePlanS8(const DepthwiseLayoutS8& layout, const ConvShape& shape,
                                 const int8_t* weights, int32_t zeroW)
    : layout_(layout),
      c_(shape.c),
      kh_(shape.kh),
      kw_(shape.kw),
      strideH_(shape.strideH),
      dilationW_(shape.dilationW),
      zeroW_(zeroW) {
  // Two rows if their lines are no more quads than one row's: 3 × 3 and 7 × 7 at stride 1, not at 2.
  const auto quadsOf = [&](int64_t rows) { return (kh_ + (rows - 1) * strideH_ + 3) / 4; };
  rows_ = shape.dilationH == 1 && quadsOf(2) == quadsOf(1) ? 2 : 1;
  quads_ = quadsOf(rows_);
  for (int64_t first = 0; first < c_;) {
    int width = layout.widest;
    while (width > layout.narrowest && width / 2 >= c_ - first) width /= 2;
    const auto count = static_cast<int>(std::min<int64_t>(width, c_ - first));
    DepthwiseBlockS8 block = {first, count, width, quads_, packedBytes_};
    block.quads *= partsOf(block, weights);
    packedBytes_ += width * block.quads * kw_ * rows_ * 4 * layout.weightBytes;
    blocks_.push_back(block);
    first += width;
  }
}

int DepthwisePlanS8::partsOf(const DepthwiseBlockS8& block, const int8_t* weights) const {
  int parts = 1;
  if (layout_.weightBytes != 1) return parts;
  for (int64_t i = block.first * kh_ * kw_; i < (block.first + block.count) * kh_ * kw_; ++i) {
    const int32_t weight = weights[i] - zeroW_;
    while (weight < -128 * parts || weight > 127 * parts) ++parts;
  }
  return parts;
}

bool DepthwisePlanS8::fits() const {
  return std::all_of(blocks_.begin(), blocks_.end(), [&](const DepthwiseBlockS8& block) {
    return block.quads * layout_.widest * 4 * ((kw_ - 1) * dilationW_ + 1) <= kDepthwiseBandBytes;
  });
}

// Calls fn(channel, packed position), channel −1 where a block has none.
template <class Fn>
void DepthwisePlanS8::eachChannel(Fn fn) const {
  for (const DepthwiseBlockS8& block : blocks_) {
    for (int64_t i = 0; i < block.width; ++i) {
      const int64_t at = quarterOrder(i, block.width);
      fn(at < block.count ? block.first + at : -1, block.first + i);
    }
  }
}

// Order: blocks, quads, kw, rows, quarters, then for each channel of a quarter four taps.
void DepthwisePlanS8::packWeights(const int8_t* weights, int8_t* packed) const {
  const auto tap = [&](int64_t channel, int64_t line, int64_t column, int64_t row) -> int32_t {
    const int64_t kh = line % (4 * quads_) - row * strideH_;
    if (channel < 0 || kh < 0 || kh >= kh_) return 0;
    int32_t rest = weights[(channel * kh_ + kh) * kw_ + column] - zeroW_;
    if (layout_.weightBytes != 1) return rest;
    for (int64_t part = line / (4 * quads_); part > 0; --part) rest -= std::clamp(rest, -128, 127);
    return std::clamp(rest, -128, 127);
  };
  for (const DepthwiseBlockS8& block : blocks_) {
    for (int64_t i = 0; i < block.quads * kw_ * rows_; ++i) {
      const int64_t row = i % rows_, column = i / rows_ % kw_, line = i / rows_ / kw_ * 4;
      for (int64_t k = 0; k < block.width; ++k) {
        const int64_t at = quarterOrder(k, block.width);
        const int64_t channel = at < block.count ? block.first + at : -1;
        if (layout_.weightBytes == 1) {
          for (int64_t t = 0; t < 4; ++t) {
            packed[k * 4 + t] = static_cast<int8_t>(tap(channel, line + t, column, row));
          }
          continue;
        }
        // Per quarter: the even taps of its channels, then the odd ones.
        const int64_t quarter = block.width / 4;
        int8_t* const even = packed + (k / quarter * 2 * quarter + k % quarter) * 4;
        for (int64_t t = 0; t < 4; ++t) {
          const auto word = static_cast<int16_t>(tap(channel, line + t, column, row));
          std::memcpy(even + t % 2 * quarter * 4 + t / 2 * 2, &word, sizeof word);
        }
      }
      packed += block.width * 4 * layout_.weightBytes;
    }
  }
}

void DepthwisePlanS8::packBias(const int8_t* weights, const int32_t* bias, int32_t zeroX,
                               int32_t* packed) const {
  eachChannel([&](int64_t channel, int64_t at) {
    if (channel < 0) {
      packed[at] = 0;
      return;
    }
    int64_t sum = bias != nullptr ? bias[channel] : 0;
    for (int64_t t = 0; t < kh_ * kw_; ++t) {
      sum -= int64_t{zeroX + layout_.dataOffset} * (weights[channel * kh_ * kw_ + t] - zeroW_);
    }
    packed[at] = static_cast<int32_t>(sum);  // sums wrap, and end where they are wanted
  });
}

void DepthwisePlanS8::packScales(const float* scales, float* packed) const {
  eachChannel([&](int64_t channel, int64_t at) { packed[at] = channel < 0 ? 0 : scales[channel]; });
}

}  // namespace qrt
