// Convolutions, fully connected layers and pools: NHWC in the file as in our graph.
#include <algorithm>

#include "import/tflite/translators.h"

namespace qrt::tflite_import {
namespace {

enum class Padding : int8_t { same, valid };

AutoPad autoPadOf(Op& op, int8_t padding) {
  if (padding != 0 && padding != 1) op.refuse("padding number ", int{padding});
  return static_cast<Padding>(padding) == Padding::same ? AutoPad::sameUpper : AutoPad::none;
}

template <class Options>
ConvAttrs convAttrs(Op& op, const Options& options) {
  ConvAttrs attrs;
  attrs.strides = {options.stride_h(), options.stride_w()};
  attrs.dilations = {options.dilation_h(), options.dilation_w()};
  attrs.autoPad = autoPadOf(op, options.padding());
  return attrs;
}

void addPool(Op& op, OpType type) {
  const auto* options = op.options<tfl::Pool2DOptions>();
  if (options == nullptr) return;
  PoolAttrs attrs;
  attrs.kernel = {options->filter_height(), options->filter_width()};
  attrs.strides = {options->stride_h(), options->stride_w()};
  attrs.autoPad = autoPadOf(op, options->padding());
  const TensorId x = op.raw(0);
  if (!op.ok()) return;
  const Tensor& in = op.tensor(x);
  if (type == OpType::AveragePool && in.quant && in.quant == op.outputTensor(0).quant && options->activation() == 0) {
    attrs.ties = in.dtype == DType::u8 ? PoolTies::up : PoolTies::away;
  }
  op.output(op.activated(op.add(type, attrs, {op.in(0)}), options->activation()));
}

}  // namespace

void translateConv(Op& op) {
  const auto* options = op.options<tfl::Conv2DOptions>();
  const TensorId x = op.in(0), weights = op.weights(1);
  if (!op.ok()) return;
  ConvAttrs attrs = convAttrs(op, *options);
  const Shape &in = op.shape(x), &w = op.shape(weights);
  if (in.rank() != 4 || w.rank() != 4 || w[3] < 1 || in[3] % w[3] != 0) {
    return op.refuse("weights ", w.toString(), " for an input ", in.toString());
  }
  attrs.groups = static_cast<int32_t>(in[3] / w[3]);
  const TensorId y = op.add(OpType::Conv, attrs, {x, weights, op.optional(2)});
  op.output(op.activated(y, options->activation()));
}

// Weights [1,KH,KW,C·M] → [C·M,KH,KW,1]: a convolution of C groups.
void translateDepthwiseConv(Op& op) {
  const auto* options = op.options<tfl::DepthwiseConv2DOptions>();
  const TensorId x = op.in(0), weights = op.weights(1, {3, 1, 2, 0});
  if (!op.ok()) return;
  ConvAttrs attrs = convAttrs(op, *options);
  const Shape &in = op.shape(x), &w = op.shape(weights);
  if (in.rank() != 4 || w.rank() != 4 || w[3] != 1 || in[3] < 1 || w[0] % in[3] != 0) {
    return op.refuse("weights ", w.toString(), " (of ours) for an input ", in.toString());
  }
  attrs.groups = static_cast<int32_t>(in[3]);
  const TensorId y = op.add(OpType::Conv, attrs, {x, weights, op.optional(2)});
  op.output(op.activated(y, options->activation()));
}

// The output's size is an input; what it implies is cut off at both ends, the odd one at the end.
void translateTransposeConv(Op& op) {
  const auto* options = op.options<tfl::TransposeConvOptions>();
  const std::vector<int64_t> size = op.ints(0);
  const TensorId weights = op.weights(1), x = op.in(2);
  if (!op.ok()) return;
  const Shape &in = op.shape(x), &w = op.shape(weights);
  if (in.rank() != 4 || w.rank() != 4 || size.size() != 4 || !in.known()) {
    return op.refuse("weights ", w.toString(), " for an input ", in.toString(), " and ", size.size(),
                     " sizes");
  }
  autoPadOf(op, options->padding());
  ConvTransposeAttrs attrs;
  attrs.strides = {options->stride_h(), options->stride_w()};
  for (size_t d = 0; d < 2; ++d) {
    const auto dim = static_cast<int>(d) + 1;
    const int64_t whole = (in[dim] - 1) * attrs.strides[d] + w[dim];
    const int64_t cut = whole - size[d + 1];
    if (size[d + 1] < 1 || cut >= whole || -cut > attrs.strides[d]) {
      return op.refuse("output size ", size[d + 1], " where ", whole, " come out");
    }
    attrs.pads[d] = static_cast<int32_t>(std::max<int64_t>(cut, 0) / 2);
    attrs.pads[d + 2] = static_cast<int32_t>(std::max<int64_t>(cut, 0)) - attrs.pads[d];
    attrs.outputPads[d] = static_cast<int32_t>(std::max<int64_t>(-cut, 0));
  }
  const TensorId y = op.add(OpType::ConvTranspose, attrs, {x, weights, op.optional(3)});
  op.output(op.activated(y, options->activation()));
}

void translateFullyConnected(Op& op) {
  const auto* options = op.options<tfl::FullyConnectedOptions>();
  TensorId x = op.in(0);
  const TensorId weights = op.weights(1);
  if (!op.ok()) return;
  if (options->weights_format() != 0) return op.refuse("shuffled weights");
  const Shape w = op.shape(weights), in = op.shape(x);
  if (w.rank() != 2) return op.refuse("weights of shape ", w.toString());
  const bool flatten = in.rank() != 2 || in[1] != w[1];
  if (flatten) x = op.add(OpType::Reshape, {x, op.constant({-1, w[1]})});
  TensorId y = op.add(OpType::FullyConnected, FullyConnectedAttrs{}, {x, weights, op.optional(2)});
  y = op.activated(y, options->activation());
  if (flatten && options->keep_num_dims()) {
    std::vector<int64_t> dims(in.dims().begin(), in.dims().end());
    dims.back() = w[0];
    y = op.add(OpType::Reshape, {y, op.constant(dims)});
  }
  op.output(y);
}

void translateMaxPool(Op& op) { addPool(op, OpType::MaxPool); }
void translateAveragePool(Op& op) { addPool(op, OpType::AveragePool); }

}  // namespace qrt::tflite_import
