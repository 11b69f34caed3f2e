// Depthwise convolution of s8, exact. Vectors run over channels, and dot products over the taps: four
// lines of input are interleaved to a band, in which each channel of each column is a dword of four
// taps one below the other. A band is made once for the one or two output rows that see it, with
// borders of the zero point, so that windows never hang over. Then every window is kw products per four
// lines, whatever its size, stride or dilation.
//
//   lines       band                        output row 0        output row 1
//   a a a …     (a b c d) (a b c d) …       · (w0 w1 w2 0)      · (0 w0 w1 w2)
//   b b b …      column 0  column 1         summed over kw columns, for 3 lines of weights
//   c c c …
//   d d d …
//
// Channels are done in blocks of one register of bytes; see simd/bytes_s8.h.
//
// Weights are packed without their zero point. Where that does not fit the s8 that a kernel multiplies by, a block
// sees its lines two or three times, and its weights are as many parts that do fit.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/isa.h"
#include "kernels/conv/conv_plan.h"

namespace qrt {

/// The channels [first, first + count) in a register of `width` bytes.
struct DepthwiseBlockS8 {
  int64_t first;
  int count, width;
  int64_t quads;    ///< of lines, with their repetitions
  int64_t weights;  ///< where its packed weights begin
};

/// What a kernel wants of its weights.
struct DepthwiseLayoutS8 {
  int widest, narrowest;  ///< bytes in a block, and powers of two between
  int weightBytes;        ///< 1: dwords of four s8; 2: two dwords of two s16, lines 0 and 2, then 1 and 3
  int dataOffset;         ///< added to x before it is multiplied
};

/// One or two rows of outputs of one image.
struct DepthwiseRowsS8 {
  /// Lines of the input, [w][c], for each quad of a block four. Those beyond kh + strideH have weights of zero.
  const int8_t* const* lines;
  const int8_t* weights;       ///< packDepthwiseS8()
  const int32_t* bias;         ///< by block, in the order of quarters
  const float* scales;         ///< the same
  const int8_t* residual;      ///< as y, or null
  int8_t* y;                   ///< [rows][ow][c]
  int8_t* band;                ///< scratch of kDepthwiseBandBytes, aligned to 64
  const DepthwiseBlockS8* blocks;
  int64_t blockCount;
  int64_t rows;                ///< 1, or 2 if packed for 2
  int64_t packedRows;          ///< that the weights are packed for
  int64_t w, c, ow, kw;
  int64_t strideW, dilationW, padLeft;
  int32_t zeroX, zeroY, zeroResidual;
  float scaleResidual;
  int32_t low, high;           ///< of the results
};

/// A band of this size stays in L1 beside the weights.
inline constexpr int64_t kDepthwiseBandBytes = 16 * 1024;
/// How often lines are repeated at most.
inline constexpr int64_t kDepthwiseParts = 3;

struct DepthwiseKernelS8 {
  IsaLevel isa;
  DepthwiseLayoutS8 layout;
  void (*rows)(const DepthwiseRowsS8& rows);
};

/// The kernels of this build, best last.
std::span<const DepthwiseKernelS8* const> depthwiseKernelsS8();
/// The best kernel for a CPU at `level`.
const DepthwiseKernelS8& depthwiseKernelS8(IsaLevel level);

/// A depthwise convolution as the kernels see it.
class DepthwisePlanS8 {
 public:
  /// For weights [c][kh][kw] and their zero point.
  DepthwisePlanS8(const DepthwiseLayoutS8& layout, const ConvShape& shape, const int8_t* weights, int32_t zeroW);

  /// Whether a window fits a band at all.
  bool fits() const;
  /// Output rows that one call makes.
  int64_t rowsPerCall() const { return rows_; }
  /// Of the lines that a call sees, without repetitions.
  int64_t quads() const { return quads_; }
  std::span<const DepthwiseBlockS8> blocks() const { return blocks_; }
  int64_t packedBytes() const { return packedBytes_; }
  int64_t channels() const { return blocks_.empty() ? 0 : blocks_.back().first + blocks_.back().width; }

  /// The weights to the layout's order.
  void packWeights(const int8_t* weights, int8_t* packed) const;
  /// bias − (zeroX + dataOffset)·Σ (weights − zeroW) by block, `bias` null for zeros; channels() of them.
  void packBias(const int8_t* weights, const int32_t* bias, int32_t zeroX, int32_t* packed) const;
  /// [c] → by block; channels() of them.
  void packScales(const float* scales, float* packed) const;

 private:
  template <class Fn>
  void eachChannel(Fn fn) const;
  int partsOf(const DepthwiseBlockS8& block, const int8_t* weights) const;

  DepthwiseLayoutS8 layout_;
  int64_t c_, kh_, kw_, strideH_, dilationW_;
  int32_t zeroW_;
  int64_t rows_ = 1, quads_ = 0, packedBytes_ = 0;
  std::vector<DepthwiseBlockS8> blocks_;
};

}  // namespace qrt
