// y = (x − mean) / √(variance + epsilon) · scale + bias, with statistics given or taken from x, and local
// response normalization. The variance is the mean of (x − mean)², taken in a second pass, which does
// not cancel as E[x²] − E[x]² does. y may be x in all of them.
#pragma once

#include <cstdint>
#include <span>

#include "base/isa.h"

namespace qrt {

struct NormalizeKernels {
  IsaLevel isa;
  /// Rows of n channels: y = (x − mean[c])·factor[c] + bias[c].
  void (*affineRows)(const float* x, const float* mean, const float* factor, const float* bias,
                     float* y, int64_t rows, int64_t n);
  /// One row of one channel: y = (x − mean)·factor + bias.
  void (*affineRow)(const float* x, float mean, float factor, float bias, float* y, int64_t n);
  /// One row of n, scale[i] and bias[i] (may be null) per element; statistics over the row.
  void (*layerRow)(const float* x, const float* scale, const float* bias, float* y, int64_t n,
                   float epsilon);
  /// One row of n of one channel; statistics over the row.
  void (*instanceRow)(const float* x, float scale, float bias, float* y, int64_t n, float epsilon);
  /// n channels of x[r·stride + c], r < rows; statistics over the rows.
  void (*instanceColumns)(const float* x, const float* scale, const float* bias, float* y,
                          int64_t rows, int64_t stride, int64_t n, float epsilon);
  /// y[c] = x[c] / (bias + alpha·Σ x²)^beta, the sum from c − before to c + after. `squares` holds
  /// lrnScratch(n, …) floats.
  void (*lrnRow)(const float* x, float* y, int64_t n, int64_t before, int64_t after, float alpha,
                 float beta, float bias, float* squares);
};

/// Floats that lrnRow() needs.
constexpr int64_t lrnScratch(int64_t n, int64_t before, int64_t after) {
  constexpr int64_t kWidest = 16;
  return before + n + after + kWidest;
}

/// The tables of all levels, for selectKernel().
std::span<const NormalizeKernels* const> normalizeKernels();

}  // namespace qrt
