// Resize and its predecessor Upsample: one op inside, five opsets outside.
#include <algorithm>
#include <iterator>

#include "graph/op.h"
#include "import/onnx/node.h"
#include "import/onnx/shape_ops.h"

namespace qrt::onnx_import {
namespace {

// Sets `out` to the value whose ONNX name `attribute` has; refuses the node if it has none.
template <class E>
void readEnum(Node& n, std::string_view attribute, std::string_view fallback, E& out) {
  const std::string found = n.getString(attribute, fallback);
  const auto names = kEnumNames<E>;
  const auto match = std::find(names.begin(), names.end(), found);
  if (match == names.end()) return n.refuse(attribute, " '", found, "'");
  out = static_cast<E>(match - names.begin());
}

TensorId floats(Node& n, std::string_view suffix, const std::vector<float>& values) {
  return n.addTensor({{},
                      DType::f32,
                      Shape{static_cast<int64_t>(values.size())},
                      {},
                      ConstantData::copyOf(std::as_bytes(std::span(values)))},
                     suffix);
}

// Scales or sizes that are given for some axes only (opset 18) → for all: scale 1, the input's
// size.
TensorId forAllAxes(Node& n, TensorId given, const std::vector<int64_t>& axes, bool sizes) {
  const Shape x = n.shape(n.in(0));
  const auto values = n.numbers(given);
  if (!values || values->size() != axes.size() || !x.ranked() || (sizes && !x.known())) {
    n.refuse("axes with ", sizes ? "sizes" : "scales", " that are not constant, for shape ",
             x.toString());
    return given;
  }
  std::vector<float> allScales(static_cast<size_t>(x.rank()), 1);
  std::vector<int64_t> allSizes(x.dims().begin(), x.dims().end());
  for (size_t i = 0; i < axes.size(); ++i) {
    const auto axis = normalizeAxis(axes[i], x.rank());
    if (!axis) {
      n.wrong("axis ", axes[i], " for shape ", x.toString());
      return given;
    }
    allScales[static_cast<size_t>(*axis)] = static_cast<float>((*values)[i]);
    allSizes[static_cast<size_t>(*axis)] = static_cast<int64_t>((*values)[i]);
  }
  return sizes ? n.constant("sizes", allSizes) : floats(n, "scales", allScales);
}

// Before Resize-11: pixel i of the result is pixel floor(i / scale) of the input, or between it and
// the next one.
void resizeByScales(Node& n, TensorId scales) {
  if (scales == kNoTensor) return n.wrong("scales are missing");
  ResizeAttrs attrs;
  readEnum(n, "mode", "nearest", attrs.mode);
  if (attrs.mode == ResizeMode::cubic) return n.wrong("mode is 'cubic'");
  attrs.coordinates = ResizeCoordinates::asymmetric;
  attrs.rounding = ResizeRounding::floor;
  n.output(0, n.add(OpType::Resize, attrs, {n.in(0), scales}));
}

}  // namespace

void translateUpsample(Node& n) {
  if (n.opset() >= 10) return n.refuse("removed from ONNX in opset 10");
  resizeByScales(n, n.opset() < 9 ? n.getConstant("scales") : n.in(1));
}

void translateResize(Node& n) {
  if (n.opset() < 11) return resizeByScales(n, n.in(1));
  ResizeAttrs attrs;
  // Only cropping reads the region of interest and the value outside of it.
  n.ignore({"extrapolation_value"});
  readEnum(n, "mode", "nearest", attrs.mode);
  readEnum(n, "coordinate_transformation_mode", "half_pixel", attrs.coordinates);
  readEnum(n, "nearest_mode", "round_prefer_floor", attrs.rounding);
  attrs.cubicCoefficient = n.getFloat("cubic_coeff_a", -0.75f);
  attrs.excludeOutside = n.getBool("exclude_outside", false);
  if (n.getBool("antialias", false)) return n.refuse("antialias");
  const std::string policy = n.getString("keep_aspect_ratio_policy", "stretch");
  if (policy != "stretch") return n.refuse("keep_aspect_ratio_policy '", policy, "'");

  // Resize-11 has empty scales where sizes are given.
  const auto present = [&](size_t i) {
    if (!n.has(i)) return kNoTensor;
    const auto count = n.shape(n.in(i)).elementCount();
    return count && *count == 0 ? kNoTensor : n.in(i);
  };
  TensorId scales = present(2);
  TensorId sizes = present(3);
  if ((scales == kNoTensor) == (sizes == kNoTensor)) {
    return n.wrong("exactly one of scales and sizes is wanted");
  }
  if (const auto axes = n.getInts("axes")) {
    if (scales != kNoTensor) scales = forAllAxes(n, scales, *axes, false);
    if (sizes != kNoTensor) sizes = forAllAxes(n, sizes, *axes, true);
  }
  n.output(0, n.add(OpType::Resize, attrs, {n.in(0), scales, sizes}));
}

}  // namespace qrt::onnx_import
