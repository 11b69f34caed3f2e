// The attributes of sliding windows, and the way into channels-last layout and back.
#pragma once

#include <array>
#include <optional>

#include "import/onnx/node.h"

namespace qrt::onnx_import {

/// kernel_shape, strides, dilations and pads; one spatial dim is two of which the first is 1.
struct Window {
  std::array<int32_t, 2> kernel{1, 1};  ///< 0 where unknown
  std::array<int32_t, 2> strides{1, 1};
  std::array<int32_t, 2> dilations{1, 1};
  std::array<int32_t, 4> pads{};  ///< top, left, bottom, right
  AutoPad autoPad = AutoPad::none;  ///< other than none: the pads are 0
};

/// 1 or 2: the spatial dims of the node's input 0, as its rank, the rank of `weights` or
/// kernel_shape tells; refuses all else.
int spatialDims(Node& n, TensorId weights = kNoTensor);

/// A list attribute of one number per spatial dim; `fallback` where absent.
std::array<int32_t, 2> spatialPair(Node& n, std::string_view name, int spatial,
                                   std::array<int32_t, 2> fallback);

/// The window's attributes. `kernel`: what the weights say, 0 where unknown.
Window readWindow(Node& n, int spatial, std::array<int32_t, 2> kernel);

/// x [N,C,W] or [N,C,H,W] → [N,C,H,W].
TensorId withTwoSpatialDims(Node& n, TensorId x, int spatial, std::string_view suffix);
/// [N,C,H,W] → [N,H,W,C].
TensorId toChannelsLast(Node& n, TensorId x);
/// [N,H,W,C] → [N,C,H,W], or [N,C,W] for one spatial dim.
TensorId toChannelsFirst(Node& n, TensorId x, int spatial = 2);

}  // namespace qrt::onnx_import
