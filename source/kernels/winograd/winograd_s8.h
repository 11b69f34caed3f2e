// Winograd's convolution F(4×4, 3×3) of s8 in whole numbers, to the same bytes as a direct sum. Start here.
//
//   Y = Aᵀ [ (G g Gᵀ) ⊙ (Bᵀ d B) ] A      d: 6 × 6 inputs, g: 3 × 3 weights, Y: 4 × 4 outputs
//
// (Lavin & Gray, "Fast Algorithms for Convolutional Neural Networks", 2016, section 4.) For the points 0, 1,
// −1, 2, −½ and ∞, the denominators of G cleared, all matrices are of whole numbers and the result is 30 per
// direction too large:
//
//          2  3 −4 −3  2  0          15   0   0
//          0 −2 −5 −1  2  0           5   5   5           1 −1  1  1  8  0
//   Bᵀ =   0  2  1 −5  2  0     G =   5  −5   5     Aᵀ =  0 −1 −1  2 −4  0      Aᵀ[(G g)⊙(Bᵀ d)] = 30·Y
//          0 −1 −2  1  2  0           1   2   4           0 −1  1  4  2  0
//          0  2 −1 −2  1  0          −4   2  −1           0 −1 −1  8 −1  1
//          0  2  3 −4 −3  2           0   0  15
//
// Why it is exact:
//   - Rows of Bᵀ sum to at most 14 in absolute values, those of G to 15: transformed inputs are at most
//     14²·128 = 25,088, transformed weights 15²·128 = 28,800. Both fit s16.
//   - All that follows is sums and products modulo 2³², which vector units compute by wrapping. So the output
//     transform gives 30²·acc modulo 2³². 30² = 4·225 and 225 has an inverse modulo 2³², 0x87654321: times
//     that it is 4·acc modulo 2³², whose arithmetic shift by 2 is acc itself if −2²⁹ ≤ acc < 2²⁹.
//   - acc = Σ x·w over 9·c products of at most 2¹⁴ (zero points are folded into the bias, pixels outside are
//     the zero point): c ≤ kMostChannels is enough, whatever the weights.
// The points ±1, ±2 of the literature would leave acc only 26 bits: their factor is 24² = 2⁶·9.
//
// Tiles go through in chunks, output channels in panels of nr, depths in steps of kStep, as in gemm_s8.h:
//
//   weights   s8   [depth/kr][9][nr][kr]       the panel as packed
//   U         s16  [36][depth/kr][nr][kr]
//   V         s16  [36][tile][c]
//   products  s32  [36][tile][nr]
#pragma once

#include "kernels/gemm/gemm_s8.h"

namespace qrt {

struct WinogradS8 {
  static constexpr int kOutputs = 4, kInputs = 6, kTaps = 3;  ///< per direction
  static constexpr int kPositions = kInputs * kInputs;
  static constexpr int64_t kMostChannels = ((int64_t{1} << 29) - 1) / (kTaps * kTaps * 128 * 128);
};

/// V = Bᵀ d B for all channels of one tile, with zeros up to a multiple of `words` elements.
struct WinogradInputS8 {
  const int8_t* const* pixels;  ///< 36 rows of c, by lines
  int64_t c;
  int16_t* v;           ///< of position 0
  int64_t planeStride;  ///< from one position to the next, here and below
};

/// U = G g Gᵀ for `depth` channels of a panel.
struct WinogradWeightsS8 {
  const int8_t* weights;
  int64_t depth;
  int16_t* u;
  int64_t planeStride;
};

/// products = V·U, added to what is there if `add`, of m ≤ mr tiles at one position.
struct WinogradProductS8 {
  const int16_t* v;
  int64_t vStride;  ///< from one tile to the next
  const int16_t* u;
  int64_t depth;
  int32_t* products;
  int m;
  bool add;
};

/// Y = Aᵀ M A of one tile and panel, and the end of the layer. `end` says to where and how; its rows are the
/// outputs inside the image, `columns` of each line.
struct WinogradOutputS8 {
  const int32_t* products;
  int64_t planeStride;
  int lines, columns;
  GemmTileS8 end;
};

/// The family at one ISA level.
struct WinogradKernelS8 {
  IsaLevel isa;
  int mr, nr, kr, kStep;
  int words;  ///< channels in a vector
  void (*input)(const WinogradInputS8&);
  void (*weights)(const WinogradWeightsS8&);
  void (*product)(const WinogradProductS8&);
  void (*output)(const WinogradOutputS8&);
};

/// The kernels of this build, best last.
std::span<const WinogradKernelS8* const> winogradKernelsS8();
/// The best kernel for a CPU at `level`.
const WinogradKernelS8& winogradKernelS8(IsaLevel level);

}  // namespace qrt
