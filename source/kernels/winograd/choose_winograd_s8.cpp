// Which of Winograd and a direct sum is expected to be faster.
#include <algorithm>

#include "kernels/winograd/conv_winograd_s8.h"

namespace qrt {
namespace {

/// What the work takes at a level.
struct Rates {
  double direct, products;        ///< multiply-accumulates per cycle
  double input, output, weights;  ///< cycles per vector: of channels or outputs of a tile, of weights
};

// Measured on a Xeon (Emerald Rapids) with layers of ResNet and VGG-16; for Arm, instructions of the loops at
// two per cycle. No rates: direct. Scalar code stays what others are compared to.
Rates ratesAt(IsaLevel level) {
  switch (level) {
    case IsaLevel::sse41: return {8.3, 9.3, 140, 140, 85};
    case IsaLevel::avx2: return {21.3, 22.5, 175, 155, 85};
    case IsaLevel::avxvnni: return {59, 30.5, 175, 155, 90};
    case IsaLevel::avx512: return {29.5, 31.5, 230, 215, 160};
    case IsaLevel::avx512vnni: return {119, 59, 230, 215, 170};
    case IsaLevel::neon: return {10.7, 8, 210, 210, 100};
    default: return {};
  }
}

// Cycles of a direct sum beside its products: to end a vector of outputs, and per byte that is gathered.
constexpr double kEndCycles = 10, kGatherCycles = 0.1;
// What a tile of products costs beside them, as depth.
constexpr double kProductDepth = 8;
// Tiles of a chunk, where there are many: for each chunk weights are transformed anew.
constexpr double kChunkTiles = 64;

constexpr double ceilDiv(int64_t a, int64_t b) { return static_cast<double>((a + b - 1) / b); }

}  // namespace

bool winogradAppliesS8(const ConvShape& s) {
  return !s.transposed && s.kh == WinogradS8::kTaps && s.kw == WinogradS8::kTaps && s.groups == 1 &&
         s.strideH == 1 && s.strideW == 1 && s.dilationH == 1 && s.dilationW == 1 &&
         s.c <= WinogradS8::kMostChannels;
}

bool chooseWinogradS8(const ConvShape& s, const WinogradKernelS8& kernel, IsaLevel level) {
  const Rates rates = ratesAt(level);
  if (!winogradAppliesS8(s) || rates.direct == 0) return false;
  const double window = 9 * static_cast<double>(s.c), depth = ceilDiv(s.c, kernel.kStep) * kernel.kStep;
  const double columns = ceilDiv(s.o, kernel.nr) * kernel.nr, vectors = columns / kernel.words * 2;
  const double direct = static_cast<double>(s.n * s.oh * s.ow) *
                        (window * columns / rates.direct + vectors * kEndCycles + window * kGatherCycles);
  const double tiles = static_cast<double>(s.n) * ceilDiv(s.oh, WinogradS8::kOutputs) *
                       ceilDiv(s.ow, WinogradS8::kOutputs);
  const double tile = WinogradS8::kPositions * columns * (depth + kProductDepth) / rates.products +
                      ceilDiv(s.c, kernel.words) * rates.input + vectors * rates.output;
  const double chunks = std::max(1.0, tiles / kChunkTiles);
  return tiles * tile + chunks * depth * columns / kernel.words * rates.weights < direct;
}

}  // namespace qrt
