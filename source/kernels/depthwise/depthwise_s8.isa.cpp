// The row kernel of depthwise_s8.h for one level.
#include "kernels/depthwise/depthwise_s8.h"

#include "simd/bytes_s8.h"

namespace qrt::QRT_ISA_NAMESPACE {
namespace {

constexpr int kQuarters = 4;

// Columns [begin, end) of the input interleaved to the band, [column][quads][quarters]; columns
// outside the image are the zero point.
template <class Block>
void interleave(const DepthwiseRowsS8& d, const DepthwiseBlockS8& block, int64_t begin, int64_t end) {
  const bool whole = block.count == Block::kBytes;
  const auto outside = Block::bytes(static_cast<int8_t>(d.zeroX));
  for (int64_t q = 0; q < d.quads; ++q) {
    const int8_t* const* lines = d.lines + 4 * q;
    int8_t* band = d.band + q * kQuarters * Block::kBytes;
    for (int64_t column = begin; column < end; ++column) {
      typename Block::Bytes taps[4];
      const bool inside = column >= 0 && column < d.w;
      const int64_t at = column * d.c + block.first;
#pragma GCC unroll 4
      for (int i = 0; i < 4; ++i) {
        taps[i] = Block::toData(!inside ? outside
                                : whole ? Block::load(lines[i] + at)
                                        : Block::loadPartial(lines[i] + at, block.count));
      }
      typename Block::Ints quarters[kQuarters];
      Block::interleave(taps, quarters);
#pragma GCC unroll 4
      for (int i = 0; i < kQuarters; ++i) Block::store(band + i * Block::kBytes, quarters[i]);
      band += d.quads * kQuarters * Block::kBytes;
    }
  }
}

template <class Block>
[[gnu::always_inline]] inline typename Block::Bytes finish(const DepthwiseRowsS8& d, const DepthwiseBlockS8& block,
                             const typename Block::Sum (&sums)[kQuarters], const int8_t* residual,
                             const RequantizeBlock<Block>& requantize) {
  typename Block::Floats v[kQuarters];
#pragma GCC unroll 4
  for (int i = 0; i < kQuarters; ++i) {
    const int64_t at = block.first + i * (Block::kBytes / 4);
    v[i] = Block::toFloats(Block::add(Block::total(sums[i]), Block::loadInts(d.bias + at))) *
           Block::loadFloats(d.scales + at);
  }
  if (residual != nullptr) {
    const auto r = block.count == Block::kBytes ? Block::load(residual)
                                                : Block::loadPartial(residual, block.count);
    const auto zero = Block::ints(d.zeroResidual);
    const auto scale = Block::floats(d.scaleResidual);
    v[0] = v[0] + Block::toFloats(Block::sub(Block::template widen<0>(r), zero)) * scale;
    v[1] = v[1] + Block::toFloats(Block::sub(Block::template widen<1>(r), zero)) * scale;
    v[2] = v[2] + Block::toFloats(Block::sub(Block::template widen<2>(r), zero)) * scale;
    v[3] = v[3] + Block::toFloats(Block::sub(Block::template widen<3>(r), zero)) * scale;
  }
  return requantize(v);
}

// Outputs o … o + Columns − 1 of the first Rows rows; the band begins at input column `from`.
template <class Block, int Rows, int Columns>
[[gnu::always_inline]] inline void tile(const DepthwiseRowsS8& d, const DepthwiseBlockS8& block, const int8_t* weights, int64_t o,
          int64_t from, const RequantizeBlock<Block>& requantize) {
  constexpr int kDwords = kQuarters * Block::kBytes;
  typename Block::Sum sums[Rows][Columns][kQuarters];
#pragma GCC unroll 2
  for (int r = 0; r < Rows; ++r) {
#pragma GCC unroll 4
    for (int i = 0; i < Columns; ++i) {
#pragma GCC unroll 4
      for (int q = 0; q < kQuarters; ++q) sums[r][i][q] = Block::noSum();
    }
  }
  const int64_t pixel = d.quads * kDwords, step = d.strideW * pixel;
  const int8_t* band = d.band + (o * d.strideW - d.padLeft - from) * pixel;
  for (int64_t quad = 0; quad < d.quads; ++quad) {
    const int8_t* x = band + quad * kDwords;
    for (int64_t kw = 0; kw < d.kw; ++kw) {
#pragma GCC unroll 4
      for (int q = 0; q < kQuarters; ++q) {
        typename Block::Weights w[Rows];
#pragma GCC unroll 2
        for (int r = 0; r < Rows; ++r) {
          w[r] = Block::weights(weights + (r * kQuarters + q) * Block::kBytes * kWeightBytes);
        }
#pragma GCC unroll 4
        for (int i = 0; i < Columns; ++i) {
          const auto data = Block::data(Block::loadInts(x + q * Block::kBytes + i * step));
#pragma GCC unroll 2
          for (int r = 0; r < Rows; ++r) {
            sums[r][i][q] = Block::dot(sums[r][i][q], data, w[r]);
          }
        }
      }
      x += d.dilationW * pixel;
      weights += d.packedRows * kDwords * kWeightBytes;
    }
  }
#pragma GCC unroll 2
  for (int r = 0; r < Rows; ++r) {
#pragma GCC unroll 4
    for (int i = 0; i < Columns; ++i) {
      const int64_t at = (r * d.ow + o + i) * d.c + block.first;
      const int8_t* residual = d.residual != nullptr ? d.residual + at : nullptr;
      const auto y = finish<Block>(d, block, sums[r][i], residual, requantize);
      if (block.count == Block::kBytes) {
        Block::store(d.y + at, y);
      } else {
        Block::storePartial(d.y + at, y, block.count);
      }
    }
  }
}

template <class Block, int Rows>
void outputs(const DepthwiseRowsS8& d, const DepthwiseBlockS8& block, const int8_t* weights) {
  constexpr int kColumns = kSumsInRegisters / kQuarters / Rows;
  const RequantizeBlock<Block> requantize(d.zeroY, d.low, d.high);
  // As many outputs at a time as a band has columns for.
  const int64_t window = (d.kw - 1) * d.dilationW + 1;
  const int64_t columns = kDepthwiseBandBytes / (d.quads * kQuarters * Block::kBytes);
  const int64_t most = (columns - window) / d.strideW + 1;
  for (int64_t begin = 0; begin < d.ow; begin += most) {
    const int64_t end = begin + most < d.ow ? begin + most : d.ow;
    const int64_t from = begin * d.strideW - d.padLeft;
    interleave<Block>(d, block, from, (end - 1) * d.strideW - d.padLeft + window);
    int64_t o = begin;
    for (; o + kColumns <= end; o += kColumns) {
      tile<Block, Rows, kColumns>(d, block, weights, o, from, requantize);
    }
    for (; o < end; ++o) tile<Block, Rows, 1>(d, block, weights, o, from, requantize);
  }
}

template <class Block>
void block(const DepthwiseRowsS8& d, const DepthwiseBlockS8& block, const int8_t* weights) {
  if (d.rows == 2) {
    outputs<Block, 2>(d, block, weights);
  } else {
    outputs<Block, 1>(d, block, weights);
  }
}

void rows(const DepthwiseRowsS8& d) {
  const int64_t perChannel = d.quads * d.kw * d.packedRows * 4 * kWeightBytes;
  for (int64_t i = 0; i < d.blockCount; ++i) {
    const DepthwiseBlockS8& b = d.blocks[i];
    const int8_t* weights = d.weights + b.first * perChannel;
#if defined(QRT_VECTOR)
#if defined(__AVX512F__)
    if (b.width == 64) block<Block64>(d, b, weights);
#endif
#if defined(__AVX2__)
    if (b.width == 32) block<Block32>(d, b, weights);
#endif
    if (b.width == 16) block<Block16>(d, b, weights);
#else
    block<Block4>(d, b, weights);
#endif
  }
}

}  // namespace

#if defined(QRT_VECTOR)
constexpr int kNarrowest = 16;
#else
constexpr int kNarrowest = 4;
#endif
extern const DepthwiseKernelS8 kDepthwiseS8;
constexpr DepthwiseKernelS8 kDepthwiseS8 = {
    IsaLevel::QRT_ISA_NAMESPACE,
    {BlockS8::kBytes, kNarrowest, kWeightBytes, kDataOffset},
    rows};

}  // namespace qrt::QRT_ISA_NAMESPACE
