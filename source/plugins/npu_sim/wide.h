// Loops compiled for the widest vectors that this machine has. On real hardware they would be silicon; here they
// must be fast enough for the times that a profile models. Results do not depend on the width: integers are exact,
// and every f32 operation rounds by itself.
#pragma once

#include <cstdint>

namespace npu_sim {

struct Range;

/// Sums over a block of 4 pixels times 4 output channels: sums[p·4 + o] = Σ x[p·stride + i]·w[o·stride + i].
using DotBlock = void (*)(const int16_t* x, const int16_t* w, int64_t stride, int32_t* sums);
/// sums[c] += x[c]·w[c], x less its zero point.
using AddProducts = void (*)(const int8_t* x, int32_t zeroPoint, const int16_t* w, int64_t count, int32_t* sums);
/// dst[i] = requantize(f32(sums[i])·m[i] + f32(residual[i] − zero)·mr), the second term only with a residual.
struct StoreArgs {
  const int32_t* sums;
  const float* multipliers;
  const int8_t* residual;
  int32_t residualZero;
  float residualMultiplier;
  int64_t count;
  int8_t* dst;
};
using StoreRow = void (*)(const StoreArgs& args, const Range& range);

struct WideLoops {
  DotBlock dotBlock;
  AddProducts addProducts;
  StoreRow storeRow;
};
/// Those for this machine.
const WideLoops& wideLoops();

}  // namespace npu_sim
