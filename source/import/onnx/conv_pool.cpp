#include "import/onnx/conv_pool.h"

#include <algorithm>
#include <limits>

#include "import/onnx/quant.h"
#include "import/onnx/weights.h"
#include "import/onnx/window.h"

namespace qrt::onnx_import {
namespace {

// Dims 2 and 3 of weights [·,·,KH,KW]; 0 where unknown.
std::array<int32_t, 2> kernelOf(Node& n, const Shape& weights) {
  std::array<int32_t, 2> kernel{};
  if (!weights.ranked()) return kernel;
  if (weights.rank() != 4) {
    n.wrong("weights of shape ", weights.toString(), " for an input of another rank");
    return kernel;
  }
  for (size_t i = 0; i < 2; ++i) {
    const int64_t size = weights[static_cast<int>(i) + 2];
    if (size > std::numeric_limits<int32_t>::max()) n.wrong("a kernel of ", size);
    kernel[i] = size == Shape::kUnknown ? 0 : static_cast<int32_t>(size);
  }
  return kernel;
}

// x, weights and bias as ONNX has them → the result as ONNX has it.
TensorId addConv(Node& n, TensorId x, TensorId weights, TensorId bias) {
  const int spatial = spatialDims(n, weights);
  if (!n.ok()) return x;
  x = withTwoSpatialDims(n, x, spatial, "unsqueezed");
  weights = rearrangeWeights(
      n, weights, 0, 0, [&](TensorId w) { return withTwoSpatialDims(n, w, spatial, "weights"); });
  const Window window = readWindow(n, spatial, kernelOf(n, n.shape(weights)));
  weights = rearrangeWeights(n, weights, 0, 0, [&](TensorId w) {
    return n.transpose(w, {0, 2, 3, 1}, "ohwi", Fold::always);
  });
  ConvAttrs attrs;
  attrs.strides = window.strides;
  attrs.dilations = window.dilations;
  attrs.pads = window.pads;
  attrs.autoPad = window.autoPad;
  attrs.groups = n.getInt32("group", 1);
  const TensorId y = n.add(OpType::Conv, attrs, {toChannelsLast(n, x), weights, bias});
  return toChannelsFirst(n, y, spatial);
}

// [I,O/groups,KH,KW] → [O,KH,KW,I/groups].
TensorId transposedConvWeights(Node& n, TensorId weights, int32_t groups) {
  return rearrangeWeights(n, weights, groups == 1 ? 1 : -2, 0, [&](TensorId w) {
    if (groups == 1) return n.transpose(w, {1, 2, 3, 0}, "ohwi", Fold::always);
    const Shape s = n.shape(w);
    if (!s.known() || groups < 1 || s[0] % groups != 0) {
      n.refuse(groups, " groups with weights of shape ", s.toString());
      return w;
    }
    const TensorId split = n.constant("split", {groups, s[0] / groups, s[1], s[2], s[3]});
    const TensorId merged = n.constant("merged", {groups * s[1], s[2], s[3], s[0] / groups});
    w = n.add(OpType::Reshape, {w, split}, "grouped", Fold::always);
    w = n.transpose(w, {0, 2, 3, 4, 1}, "gohwi", Fold::always);
    return n.add(OpType::Reshape, {w, merged}, "ohwi", Fold::always);
  });
}

// pads and outputPads of a ConvTranspose whose output size is given, by output_shape or by SAME.
void resolveOutputShape(Node& n, const Window& window, const Shape& x, int spatial,
                        ConvTransposeAttrs& attrs) {
  const bool same = window.autoPad != AutoPad::none;
  const bool given = n.hasAttribute("output_shape");
  if (!same && !given) return;
  const auto wanted = spatialPair(n, "output_shape", spatial, {1, 1});
  for (size_t i = 0; i < 2; ++i) {
    if (spatial == 1 && i == 0) continue;
    const int64_t size = x.ranked() ? x[static_cast<int>(i) + 2] : Shape::kUnknown;
    if (window.kernel[i] == 0 || (given && size == Shape::kUnknown)) {
      return n.refuse(given ? "output_shape" : "auto_pad",
                      " needs an input whose height and width are known; found ", x.toString());
    }
    const int64_t stride = attrs.strides[i];
    const int64_t extent = int64_t{window.kernel[i] - 1} * attrs.dilations[i] + 1;
    const int64_t cut = given ? stride * (size - 1) + attrs.outputPads[i] + extent - wanted[i]
                              : attrs.outputPads[i] + extent - stride;
    if (cut < std::numeric_limits<int32_t>::min() / 2 ||
        cut > std::numeric_limits<int32_t>::max()) {
      return n.wrong("output_shape is ", wanted[i], " for an input of ", size);
    }
    if (cut < 0) attrs.outputPads[i] += static_cast<int32_t>(-cut);
    const auto total = static_cast<int32_t>(std::max<int64_t>(cut, 0));
    const bool upper = window.autoPad == AutoPad::sameUpper;
    attrs.pads[i] = upper ? total / 2 : total - total / 2;
    attrs.pads[i + 2] = total - attrs.pads[i];
  }
}

}  // namespace

void translateConv(Node& n) { n.output(0, addConv(n, n.in(0), n.in(1), n.in(2))); }

void translateConvTranspose(Node& n) {
  const int spatial = spatialDims(n, n.in(1));
  if (!n.ok()) return;
  const TensorId x = withTwoSpatialDims(n, n.in(0), spatial, "unsqueezed");
  const TensorId weights = rearrangeWeights(
      n, n.in(1), 1, 1, [&](TensorId w) { return withTwoSpatialDims(n, w, spatial, "weights"); });
  const Window window = readWindow(n, spatial, kernelOf(n, n.shape(weights)));
  ConvTransposeAttrs attrs;
  attrs.strides = window.strides;
  attrs.dilations = window.dilations;
  attrs.pads = window.pads;
  attrs.groups = n.getInt32("group", 1);
  attrs.outputPads = spatialPair(n, "output_padding", spatial, {0, 0});
  resolveOutputShape(n, window, n.shape(x), spatial, attrs);
  if (!n.ok()) return;
  const TensorId ohwi = transposedConvWeights(n, weights, attrs.groups);
  const TensorId y = n.add(OpType::ConvTranspose, attrs, {toChannelsLast(n, x), ohwi, n.in(2)});
  n.output(0, toChannelsFirst(n, y, spatial));
}

void translatePool(Node& n) {
  const int spatial = spatialDims(n);
  if (!n.hasAttribute("kernel_shape")) return n.wrong("attribute 'kernel_shape' is missing");
  if (n.op() == OpType::MaxPool && n.wants(1)) return n.refuse("output 'Indices'");
  if (!n.ok()) return;
  Window window = readWindow(n, spatial, {0, 0});
  if (spatial == 1) window.kernel[0] = 1;
  const TensorId x = withTwoSpatialDims(n, n.in(0), spatial, "unsqueezed");
  PoolAttrs attrs;
  attrs.kernel = window.kernel;
  attrs.strides = window.strides;
  attrs.dilations = window.dilations;
  attrs.pads = window.pads;
  attrs.autoPad = window.autoPad;
  attrs.ceilMode = n.getBool("ceil_mode", false);
  if (n.op() == OpType::AveragePool) {
    attrs.countIncludePad = n.getBool("count_include_pad", false);
  } else {
    n.ignore({"storage_order"});  // matters to the output that is refused
  }
  const TensorId y = n.add(n.op(), attrs, {toChannelsLast(n, x)});
  n.output(0, toChannelsFirst(n, y, spatial));
}

void translateGlobalPool(Node& n) {
  const Shape x = n.shape(n.in(0));
  if (!x.ranked()) return n.refuse("input of unknown rank");
  if (x.rank() < 2) return n.wrong("input of shape ", x.toString());
  if (x.rank() == 2) return n.output(0, n.add(OpType::Identity, {n.in(0)}));
  ReduceAttrs attrs;
  for (int axis = 2; axis < x.rank(); ++axis) attrs.axes.push_back(axis);
  n.output(0, n.add(n.op(), attrs, {n.in(0)}));
}

void translateDepthToSpace(Node& n) {
  DepthToSpaceAttrs attrs{n.getInt32("blocksize", 0)};
  const std::string mode = n.getString("mode", "DCR");
  if (mode == "CRD") attrs.mode = DepthToSpaceMode::crd;
  if (mode != "CRD" && mode != "DCR") return n.wrong("mode is '", mode, "', wanted DCR or CRD");
  const TensorId y = n.add(OpType::DepthToSpace, attrs, {toChannelsLast(n, n.in(0))});
  n.output(0, toChannelsFirst(n, y));
}

void translateSpaceToDepth(Node& n) {
  const SpaceToDepthAttrs attrs{n.getInt32("blocksize", 0)};
  const TensorId y = n.add(OpType::SpaceToDepth, attrs, {toChannelsLast(n, n.in(0))});
  n.output(0, toChannelsFirst(n, y));
}

// Dequantize → Conv → Quantize: rounding happens where ONNX rounds.
void translateQLinearConv(Node& n) {
  const TensorId x = addDequantize(n, n.in(0), n.in(1), n.in(2), 1, "x");
  const TensorId weights = addDequantize(n, n.in(3), n.in(4), n.in(5), 0, "w");
  TensorId bias = kNoTensor;
  if (n.has(8)) {
    const TensorId scale = n.add(OpType::Mul, {n.in(1), n.in(4)}, "bias_scale");
    bias = addDequantize(n, n.in(8), scale, kNoTensor, 0, "bias");
  }
  if (!n.ok()) return;
  const TensorId y = addConv(n, x, weights, bias);
  n.output(0, addQuantize(n, y, n.in(6), n.in(7), 1));
}

}  // namespace qrt::onnx_import
