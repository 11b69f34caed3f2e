// The int8 matrix multiplication under Conv, ConvTranspose, FullyConnected and MatMul. Start here.
//
// One microkernel family serves them all. It computes a tile of m × n outputs in registers:
//
//   acc[i][j] = bias[j] + rowBias[i] + Σ_k a[i][k]·b[k][j]                     exact, s32
//   v         = f32(acc)·multipliers[j] + f32(residual − residualZero)·residualMultiplier
//   out[i][j] = rint_even(clamp(v, low, high)) + zeroPoint       (base/requantize.h has the rule)
//
// Zero points do not appear in the sums, since Σ (x − zx)·w = Σ x·w − zx·Σ w: they are folded into
// the bias, which needs the sum of each column of B. Where B has a zero point too, rowBias takes it off
// by the sum of each row of A.
//
// A is gathered: copyRow() puts rows of the input together in scratch, in the type that the dot
// primitive wants (simd/dot_s8.h), the rows of all taps one behind the other. The copy costs about
// 1/n of the product, and makes K long and aligned whatever the channels are. Rows stand `stride`
// elements apart; each is filled up to `depth`, a multiple of kStep, with anything, because B has
// zeros there. Where the input has such rows already, they are A.
//
// B is packed once, ahead of time, into panels of nr columns, kr consecutive k side by side:
//
//   panel p:  [depth/kr][nr][kr],  columns p·nr … p·nr + nr, zeros beyond n and K
#pragma once

#include <cstdint>
#include <span>

#include "base/isa.h"

namespace qrt {

/// One tile: m ≤ mr rows and n ≤ nr columns.
struct GemmTileS8 {
  const void* a;  ///< rows, gathered or as they stand in the input
  int64_t stride;
  const int8_t* panel;  ///< [depth/kr][nr][kr]
  int64_t depth;
  const int32_t* bias;       ///< nr values, everything folded in
  const int32_t* rowBias;    ///< m values, or null
  const float* multipliers;  ///< nr values
  const int8_t* residual;    ///< base that dst[] counts from, as for out; or null
  int32_t residualZero;
  float residualMultiplier;
  float low, high;  ///< range of the output − zeroPoint
  int32_t zeroPoint;
  int8_t* out;
  const int64_t* dst;  ///< row i goes to out + dst[i]
  int m, n;
  bool wide;  ///< B may hold -128
  uintptr_t ahead;      ///< fetched into L2 meanwhile (fetch_ahead.h),
  uintptr_t aheadStep;  ///< so many bytes for each kStep
};

/// Rows of the input that make rows of A: `k` bytes of tap t for row i at rows[t·rowStep + i].
struct GemmGatherS8 {
  const int8_t* const* rows;
  int64_t rowStep, taps, k;
  /// Rows that begin 64 bytes before this may be read beyond their end.
  const int8_t* end;
};

/// The family at one ISA level.
struct GemmKernelS8 {
  IsaLevel isa;
  int mr, nr, kr;
  int kStep;         ///< depth is a multiple
  int rowGroup;      ///< of A, which is read in groups of so many rows
  int elementBytes;  ///< of a gathered A
  int offset;        ///< which a gathered element is above the s8 it was made from
  void (*run)(const GemmTileS8& tile);
  /// Gathers m rows; may write 64 bytes too many behind each.
  void (*gather)(const GemmGatherS8& rows, void* a, int64_t stride, int m);
  /// The sums of the bytes of m rows, over all taps.
  void (*sumRows)(const GemmGatherS8& rows, int32_t* sums, int m);
  /// Before the first and after the last tile of a task on one thread; null if there is nothing to do.
  void (*begin)();
  void (*end)();
};

/// The kernels of this build, best last.
std::span<const GemmKernelS8* const> gemmKernelsS8();
/// The best kernel for a CPU at `level` and sums of `products` products.
const GemmKernelS8& gemmKernelS8(IsaLevel level, int64_t products);

/// Where B(tap, k, n) is: b[tapOffsets[tap] + k·kStride + n·nStride].
struct GemmBLayoutS8 {
  std::span<const int64_t> tapOffsets;
  int64_t k, n;
  int64_t kStride, nStride;
};

/// Packs panel `index` of B to `panel`, [depth/kr][nr][kr], and the sums of its columns to sums[nr].
/// True if B holds a -128.
bool packPanelS8(const GemmBLayoutS8& layout, const int8_t* b, const GemmKernelS8& kernel,
                 int64_t index, int64_t depth, int8_t* panel, int32_t* sums);

}  // namespace qrt
