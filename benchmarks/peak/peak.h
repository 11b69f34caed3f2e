// What one core can do at most, measured: the figures of kernels are given as a share of it. A library of its
// own, for benchmarks and for `qrt bench`.
#pragma once

namespace qrt::bench {

/// f32 multiply-accumulates per second of one core in registers alone, at the ISA level in force (the lowest if
/// QRT_ISA is wrong). Measured at each call, for some milliseconds.
double fmaPeak();
/// The same of s8 values summed in s32.
double dotPeak();

}  // namespace qrt::bench
