// How depthwise convolutions are cut into calls of a row kernel, for any element type.
#pragma once

#include <algorithm>
#include <cstdint>

#include "kernels/conv/conv_plan.h"

namespace qrt {

/// Calls of `rowsPerCall` output rows of one image, bundled to tasks.
class DepthwiseRows {
 public:
  DepthwiseRows(const ConvShape& shape, int64_t rowsPerCall, int threads)
      : shape_(shape),
        rowsPerCall_(rowsPerCall),
        callsPerImage_((shape.oh + rowsPerCall - 1) / rowsPerCall) {
    // Below so many multiply-accumulates waking a thread costs more than it brings.
    constexpr int64_t kSerialMacs = 50'000;
    constexpr int64_t kTasksPerThread = 4;
    const int64_t macs = shape.n * shape.oh * shape.ow * shape.o * shape.kh * shape.kw;
    small_ = macs < kSerialMacs;
    tasks_ = std::min(calls(), small_ ? 1 : threads * kTasksPerThread);
  }

  const ConvShape& shape() const { return shape_; }
  int64_t calls() const { return shape_.n * callsPerImage_; }
  int64_t tasks() const { return tasks_; }

  /// fn(image, oh, rows): output rows oh … oh + rows − 1, for calls first … last − 1.
  template <class Fn>
  void forEachCall(int64_t first, int64_t last, Fn&& fn) const {
    for (int64_t i = first; i < last; ++i) {
      const int64_t oh = i % callsPerImage_ * rowsPerCall_;
      fn(i / callsPerImage_, oh, std::min(rowsPerCall_, shape_.oh - oh));
    }
  }

  /// The calls of one image as units of Rowwise.
  int64_t units() const { return shape_.n == 1 && !small_ ? callsPerImage_ : 0; }
  RowRange rowsWritten(int64_t unit) const {
    return {unit * rowsPerCall_, std::min((unit + 1) * rowsPerCall_, shape_.oh)};
  }
  RowRange rowsRead(int64_t unit) const { return windowRows(shape_, rowsWritten(unit)); }

  /// Where lines[0 … count) of the window of output row oh begin: in x, or `outside` the image.
  template <class T>
  void lines(const T* x, const T* outside, int64_t image, int64_t oh, int64_t count,
             const T** lines) const {
    for (int64_t i = 0; i < count; ++i) {
      const int64_t ih = oh * shape_.strideH - shape_.padTop + i * shape_.dilationH;
      const bool inside = ih >= 0 && ih < shape_.h;
      lines[i] = inside ? x + (image * shape_.h + ih) * shape_.w * shape_.c : outside;
    }
  }

 private:
  ConvShape shape_;
  int64_t rowsPerCall_, callsPerImage_;
  int64_t tasks_ = 0;
  bool small_ = false;
};

}  // namespace qrt
