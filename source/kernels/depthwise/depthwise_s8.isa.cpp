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
  for (int64_t q = 0; q < block.quads; ++q) {
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
      band += block.quads * kQuarters * Block::kBytes;
    }
  }
}

// What an output needs beside its sums, by quarters.
template <class Block>
struct End {
  typename Block::Floats scales[kQuarters];
  RequantizeBlock<Block> requantize;

  template <int Quarter>
  static void addResidual(const DepthwiseRowsS8& d, typename Block::Bytes r,
                          typename Block::Floats& v) {
    const auto steps = Block::sub(Block::template widen<Quarter>(r), Block::ints(d.zeroResidual));
    v = v + Block::toFloats(steps) * Block::floats(d.scaleResidual);
  }

  [[gnu::always_inline]] void operator()(const DepthwiseRowsS8& d, int count, int64_t at,
                                         const typename Block::Sum (&sums)[kQuarters]) const {
    const bool whole = count == Block::kBytes;
    typename Block::Floats v[kQuarters];
#pragma GCC unroll 4
    for (int q = 0; q < kQuarters; ++q) v[q] = Block::toFloats(Block::total(sums[q])) * scales[q];
    if (d.residual != nullptr) {
      const int8_t* residual = d.residual + at;
      const auto r = whole ? Block::load(residual) : Block::loadPartial(residual, count);
      addResidual<0>(d, r, v[0]);
      addResidual<1>(d, r, v[1]);
      addResidual<2>(d, r, v[2]);
      addResidual<3>(d, r, v[3]);
    }
    if (whole) {
      Block::store(d.y + at, requantize(v));
    } else {
      Block::storePartial(d.y + at, requantize(v), count);
    }
  }
};

// Outputs o … o + Columns − 1 of the first Rows rows, which begin at `band`.
template <class Block, int Rows, int Columns>
[[gnu::always_inline]] inline void tile(const DepthwiseRowsS8& d, const DepthwiseBlockS8& block,
                                        const int8_t* weights, const int8_t* band, int64_t o,
                                        const End<Block>& end) {
  constexpr int kDwords = kQuarters * Block::kBytes;
  typename Block::Sum sums[Rows][Columns][kQuarters];
#pragma GCC unroll 4
  for (int q = 0; q < kQuarters; ++q) {
    const auto start = Block::sum(Block::loadInts(d.bias + block.first + q * (Block::kBytes / 4)));
#pragma GCC unroll 2
    for (int r = 0; r < Rows; ++r) {
#pragma GCC unroll 4
      for (int i = 0; i < Columns; ++i) sums[r][i][q] = start;
    }
  }
  const int64_t pixel = block.quads * kDwords, step = d.strideW * pixel;
  for (int64_t quad = 0; quad < block.quads; ++quad) {
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
          for (int r = 0; r < Rows; ++r) sums[r][i][q] = Block::dot(sums[r][i][q], data, w[r]);
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
      end(d, block.count, (r * d.ow + o + i) * d.c + block.first, sums[r][i]);
    }
  }
}

template <class Block, int Rows>
void outputs(const DepthwiseRowsS8& rows, DepthwiseBlockS8 block, const int8_t* weights) {
  constexpr int kColumns = kSumsInRegisters / kQuarters / Rows;
  const DepthwiseRowsS8 d = rows;  // a copy, which stores of bytes cannot change
  End<Block> end{{}, {d.zeroY, d.low, d.high}};
  for (int q = 0; q < kQuarters; ++q) {
    end.scales[q] = Block::loadFloats(d.scales + block.first + q * (Block::kBytes / 4));
  }
  // As many outputs at a time as a band has columns for.
  const int64_t window = (d.kw - 1) * d.dilationW + 1;
  const int64_t pixel = block.quads * kQuarters * Block::kBytes, step = d.strideW * pixel;
  const int64_t most = (kDepthwiseBandBytes / pixel - window) / d.strideW + 1;
  for (int64_t begin = 0; begin < d.ow; begin += most) {
    const int64_t last = begin + most < d.ow ? begin + most : d.ow;
    const int64_t from = begin * d.strideW - d.padLeft;
    interleave<Block>(rows, block, from, (last - 1) * d.strideW - d.padLeft + window);
    const int8_t* band = d.band;
    int64_t o = begin;
    for (; o + kColumns <= last; o += kColumns, band += kColumns * step) {
      tile<Block, Rows, kColumns>(d, block, weights, band, o, end);
    }
    for (; o < last; ++o, band += step) tile<Block, Rows, 1>(d, block, weights, band, o, end);
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
  for (int64_t i = 0; i < d.blockCount; ++i) {
    const DepthwiseBlockS8& b = d.blocks[i];
    const int8_t* weights = d.weights + b.weights;
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
