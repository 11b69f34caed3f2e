#include "import/onnx/window.h"

#include <algorithm>
#include <limits>

namespace qrt::onnx_import {
namespace {

// Values of a list attribute, each within [0, 2³¹); empty if it is absent or wrong.
std::vector<int32_t> smallInts(Node& n, std::string_view name, size_t wanted) {
  const auto values = n.getInts(name);
  if (!values) return {};
  if (values->size() != wanted) {
    n.wrong("attribute '", name, "' has ", values->size(), " numbers, wanted ", wanted);
    return {};
  }
  std::vector<int32_t> result;
  for (const int64_t value : *values) {
    if (value < 0) {
      n.refuse("attribute '", name, "' has a negative number, ", value);
      return {};
    }
    if (value > std::numeric_limits<int32_t>::max()) {
      n.wrong("attribute '", name, "' has the number ", value);
      return {};
    }
    result.push_back(static_cast<int32_t>(value));
  }
  return result;
}

}  // namespace

int spatialDims(Node& n, TensorId weights) {
  const Shape x = n.shape(n.in(0));
  int rank = x.rank();
  if (!x.ranked() && weights != kNoTensor) rank = n.shape(weights).rank();
  if (const auto kernel = n.getInts("kernel_shape"); rank == 0 && kernel) {
    rank = static_cast<int>(std::min<size_t>(kernel->size(), 3)) + 2;
  }
  if (rank == 5) {
    n.refuse("3 spatial dims, supported are 1 and 2");
  } else if (rank != 3 && rank != 4) {
    n.wrong("input of shape ", x.toString(), ", wanted 3 or 4 dimensions");
  }
  return rank == 3 ? 1 : 2;
}

std::array<int32_t, 2> spatialPair(Node& n, std::string_view name, int spatial,
                                   std::array<int32_t, 2> fallback) {
  const std::vector<int32_t> values = smallInts(n, name, static_cast<size_t>(spatial));
  if (values.empty()) return fallback;
  if (spatial == 1) return {fallback[0], values[0]};
  return {values[0], values[1]};
}

Window readWindow(Node& n, int spatial, std::array<int32_t, 2> kernel) {
  Window window;
  window.kernel = spatialPair(n, "kernel_shape", spatial, kernel);
  for (size_t i = 0; i < 2; ++i) {
    if (kernel[i] != 0 && kernel[i] != window.kernel[i]) {
      n.wrong("kernel_shape has ", window.kernel[i], ", the weights have ", kernel[i]);
    }
  }
  window.strides = spatialPair(n, "strides", spatial, {1, 1});
  window.dilations = spatialPair(n, "dilations", spatial, {1, 1});
  const std::vector<int32_t> pads = smallInts(n, "pads", static_cast<size_t>(2 * spatial));
  if (pads.size() == 2) window.pads = {0, pads[0], 0, pads[1]};
  if (pads.size() == 4) window.pads = {pads[0], pads[1], pads[2], pads[3]};
  const std::string autoPad = n.getString("auto_pad", "NOTSET");
  if (autoPad == "SAME_UPPER") window.autoPad = AutoPad::sameUpper;
  if (autoPad == "SAME_LOWER") window.autoPad = AutoPad::sameLower;
  const bool same = window.autoPad != AutoPad::none;
  if (same || autoPad == "VALID") window.pads = {};
  if (!same && autoPad != "VALID" && autoPad != "NOTSET") n.wrong("auto_pad is '", autoPad, "'");
  if (std::min(window.strides[0], window.strides[1]) < 1) n.wrong("a stride of 0");
  return window;
}

TensorId withTwoSpatialDims(Node& n, TensorId x, int spatial, std::string_view suffix) {
  return spatial == 2 ? x : n.add(OpType::Unsqueeze, AxesAttrs{{2}}, {x}, suffix, Fold::always);
}

TensorId toChannelsLast(Node& n, TensorId x) { return n.transpose(x, {0, 2, 3, 1}, "nhwc"); }

TensorId toChannelsFirst(Node& n, TensorId x, int spatial) {
  const TensorId result = n.transpose(x, {0, 3, 1, 2}, "nchw");
  return spatial == 2 ? result : n.add(OpType::Squeeze, AxesAttrs{{2}}, {result}, "squeezed");
}

}  // namespace qrt::onnx_import
