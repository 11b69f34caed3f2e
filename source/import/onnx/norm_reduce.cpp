#include "import/onnx/norm_reduce.h"

#include "graph/op.h"
#include "import/onnx/node.h"

namespace qrt::onnx_import {

void translateBatchNormalization(Node& n) {
  NormAttrs attrs;
  attrs.epsilon = n.getFloat("epsilon", 1e-5f);
  n.ignore({"momentum"});
  if (n.opset() < 7 && !n.getBool("is_test", false)) return n.refuse("training (is_test is 0)");
  if (n.opset() < 9 && !n.getBool("spatial", true)) return n.refuse("spatial = 0");
  if (n.getBool("training_mode", false)) return n.refuse("training_mode");
  n.output(0,
           n.add(OpType::BatchNormalization, attrs, {n.in(0), n.in(1), n.in(2), n.in(3), n.in(4)}));
}

void translateInstanceNormalization(Node& n) {
  NormAttrs attrs;
  attrs.epsilon = n.getFloat("epsilon", 1e-5f);
  n.output(0, n.add(OpType::InstanceNormalization, attrs, {n.in(0), n.in(1), n.in(2)}));
}

void translateLayerNormalization(Node& n) {
  const TensorId x = n.in(0);
  const int rank = n.shape(x).rank();
  NormAttrs attrs{n.getFloat("epsilon", 1e-5f), n.getInt32("axis", -1)};
  if (n.getInt("stash_type", 1) != 1) return n.refuse("stash_type other than 1 (f32)");
  n.output(0, n.add(OpType::LayerNormalization, attrs, {x, n.in(1), n.in(2)}));
  if (!n.wants(1) && !n.wants(2)) return;
  // The statistics, where somebody asks for them.
  const auto axis = normalizeAxis(attrs.axis, rank);
  if (!axis) return n.refuse("outputs 1 and 2 for an input of shape ", n.shape(x).toString());
  ReduceAttrs reduce;
  for (int i = *axis; i < rank; ++i) reduce.axes.push_back(i);
  const TensorId mean = n.add(OpType::ReduceMean, reduce, {x}, "mean");
  n.output(1, mean);
  if (!n.wants(2)) return;
  const TensorId centred = n.add(OpType::Sub, {x, mean}, "centred");
  const TensorId squares = n.add(OpType::Mul, {centred, centred}, "squares");
  const TensorId variance = n.add(OpType::ReduceMean, reduce, {squares}, "variance");
  const TensorId epsilon = n.scalar("epsilon", n.dtype(x), attrs.epsilon);
  const TensorId deviation =
      n.add(OpType::Sqrt, {n.add(OpType::Add, {variance, epsilon}, "biased")}, "deviation");
  n.output(2, n.add(OpType::Reciprocal, {deviation}, "inverse"));
}

void translateLrn(Node& n) {
  if (!n.hasAttribute("size")) return n.wrong("attribute 'size' is missing");
  LrnAttrs attrs;
  attrs.size = n.getInt32("size", 1);
  attrs.alpha = n.getFloat("alpha", 1e-4f);
  attrs.beta = n.getFloat("beta", 0.75f);
  attrs.bias = n.getFloat("bias", 1.0f);
  n.output(0, n.add(OpType::Lrn, attrs, {n.in(0)}));
}

void translateSoftmax(Node& n) {
  const TensorId x = n.in(0);
  const Shape shape = n.shape(x);
  const int32_t given = n.getInt32("axis", n.opset() < 13 ? 1 : -1);
  const auto axis = normalizeAxis(given, shape.rank());
  if (shape.ranked() && !axis) return n.wrong("axis ", given, " for shape ", shape.toString());
  const int32_t start = axis.value_or(given);
  if (n.opset() >= 13) return n.output(0, n.add(n.op(), AxisAttrs{start}, {x}));

  // Before opset 13 the dims from the axis on count as one. That is the same if all of them but one
  // are 1.
  int32_t last = start;
  int wide = 0;
  for (int i = shape.ranked() ? start : 0; i < shape.rank(); ++i) {
    if (shape[i] == 1) continue;
    last = i;
    ++wide;
  }
  if (shape.ranked() && wide <= 1) return n.output(0, n.add(n.op(), AxisAttrs{last}, {x}));
  const TensorId flat = n.add(OpType::Flatten, AxisAttrs{start}, {x}, "flat");
  const TensorId y = n.add(n.op(), AxisAttrs{1}, {flat});
  n.output(0, n.add(OpType::Reshape, {y, n.add(OpType::Shape, {x}, "shape")}, "reshaped"));
}

void translateReduce(Node& n) {
  const Shape x = n.shape(n.in(0));
  ReduceAttrs attrs;
  attrs.keepDims = n.getBool("keepdims", true);
  const bool keepIfEmpty = n.getBool("noop_with_empty_axes", false);
  for (const int64_t axis : n.intsFrom("axes", 1).value_or(std::vector<int64_t>{})) {
    const auto positive = normalizeAxis(axis, x.rank());
    if (x.ranked() && !positive) return n.wrong("axis ", axis, " for shape ", x.toString());
    attrs.axes.push_back(positive.value_or(static_cast<int>(axis)));
  }
  if (attrs.axes.empty() && keepIfEmpty) {
    return n.output(0, n.add(OpType::Identity, {n.in(0)}));
  }
  n.output(0, n.add(n.op(), attrs, {n.in(0)}));
}

void translateArgMax(Node& n) {
  ArgMaxAttrs attrs;
  attrs.axis = n.getInt32("axis", 0);
  const Shape x = n.shape(n.in(0));
  if (const auto axis = normalizeAxis(attrs.axis, x.rank())) attrs.axis = *axis;
  attrs.keepDims = n.getBool("keepdims", true);
  attrs.selectLast = n.getBool("select_last_index", false);
  n.output(0, n.add(OpType::ArgMax, attrs, {n.in(0)}));
}

}  // namespace qrt::onnx_import
