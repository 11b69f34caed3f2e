// Windows that slide over height and width: what convolutions and pools share.
#pragma once

#include <algorithm>

#include "graph/op.h"
#include "graph/ops/checks.h"

namespace qrt {

inline constexpr const char* kSpatialNames[2] = {"height", "width"};

/// A window along one axis. The kernel size may be unknown.
struct Window {
  int64_t kernel;
  int64_t stride;
  int64_t dilation;
  int64_t padBegin;
  int64_t padEnd;

  /// Input positions from its first to its last tap.
  int64_t extent() const { return (kernel - 1) * dilation + 1; }
  /// Input position of tap `k` of output `o`; negative or ≥ the input's size in the padding.
  int64_t position(int64_t o, int64_t k) const { return o * stride - padBegin + k * dilation; }
  /// The taps [firstTap, endTap) of output `o` are those inside an input of size `in`.
  int64_t firstTap(int64_t o) const {
    return std::max<int64_t>(0, (dilation - 1 - position(o, 0)) / dilation);
  }
  int64_t endTap(int64_t o, int64_t in) const {
    return std::clamp<int64_t>((in - position(o, 0) + dilation - 1) / dilation, 0, kernel);
  }
};

/// The window of `attrs` along axis 0 (height) or 1 (width).
template <class Attrs>
Window windowOf(const Attrs& attrs, int axis, int64_t kernel) {
  const auto i = static_cast<size_t>(axis);
  return {kernel, attrs.strides[i], attrs.dilations[i], attrs.pads[i], attrs.pads[i + 2]};
}

/// All padding along an axis over `in` inputs that gives ⌈in / stride⌉ outputs; nullopt where size or
/// kernel is unknown, or an attribute is one that checkWindow() refuses.
std::optional<int32_t> samePadding(const Window& window, int64_t in);

/// Turns AutoPad into pads where all that they depend on is known; x is [N,H,W,C] or unranked.
template <class Attrs>
void resolveAutoPad(Attrs& attrs, const Shape& x, const std::array<int64_t, 2>& kernel) {
  if (attrs.autoPad == AutoPad::none) return;
  bool resolved = true;
  for (size_t i = 0; i < 2; ++i) {
    const int axis = static_cast<int>(i);
    const auto total = samePadding(windowOf(attrs, axis, kernel[i]), dimOf(x, axis + 1));
    resolved &= total.has_value();
    const int32_t less = total.value_or(0) / 2;
    const int32_t more = total.value_or(0) - less;
    attrs.pads[i] = attrs.autoPad == AutoPad::sameUpper ? less : more;
    attrs.pads[i + 2] = attrs.autoPad == AutoPad::sameUpper ? more : less;
  }
  if (resolved) attrs.autoPad = AutoPad::none;
}

/// Checks attributes, which are untrusted: strides, dilations, kernels ≥ 1, pads ≥ 0, all at most
/// 2²⁴, so that no arithmetic on positions overflows.
Status checkWindow(const Window& window, int axis);

/// Output size over `in` inputs for a checked window: ⌊(in + pads − extent) / stride⌋ + 1, or rounded
/// up, then without windows that would start behind the input. Unknown where `in` or the kernel is.
Result<int64_t> slidingOutput(int64_t in, const Window& window, int axis, bool ceilMode = false);

/// Output size of a transposed convolution with a checked window and 0 ≤ outputPad <
/// max(stride, dilation), as ONNX has it: (in − 1)·stride + extent + outputPad − pads.
Result<int64_t> transposedOutput(int64_t in, const Window& window, int axis, int64_t outputPad);

}  // namespace qrt
