// What the machine can do at most, measured: kernels' figures are given as a share of it.
#pragma once

#include <cstdint>

#include "base/isa.h"

namespace qrt::bench {

/// Multiply-accumulates per second of one core in registers alone, with the vectors of `level`.
double fmaPeak(IsaLevel level);
/// The same of s8 values summed in s32.
double dotPeak(IsaLevel level);

}  // namespace qrt::bench
