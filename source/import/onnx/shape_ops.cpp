#include "import/onnx/shape_ops.h"

#include <algorithm>
#include <limits>

#include "graph/op.h"
#include "import/onnx/node.h"

namespace qrt::onnx_import {
namespace {

// Axis → [0, rank) where the rank is known; as it is where not.
int64_t normalized(Node& n, int64_t axis, int rank, bool ranked) {
  if (!ranked) return axis;
  const auto result = normalizeAxis(axis, rank);
  if (!result) n.wrong("axis ", axis, " for ", rank, " dimensions");
  return result.value_or(0);
}

// `values`, given for some `axes`, for all dims: `fallback` elsewhere. For pads, `groups` is 2.
std::vector<int64_t> spreadOverAxes(Node& n, const std::vector<int64_t>& values,
                                    const std::vector<int64_t>& axes, const Shape& x,
                                    size_t groups) {
  const auto rank = static_cast<size_t>(x.rank());
  std::vector<int64_t> result(groups * rank);
  if (!x.ranked() || values.size() != groups * axes.size()) {
    n.refuse(values.size(), " values for ", axes.size(), " axes of shape ", x.toString());
    return result;
  }
  for (size_t i = 0; i < axes.size(); ++i) {
    const auto axis = static_cast<size_t>(normalized(n, axes[i], x.rank(), true));
    for (size_t g = 0; g < groups && n.ok(); ++g) {
      result[g * rank + axis] = values[g * axes.size() + i];
    }
  }
  return result;
}

}  // namespace

void translateConstant(Node& n) {
  for (const char* name : {"value", "value_float", "value_floats", "value_int", "value_ints"}) {
    if (n.hasAttribute(name)) return n.output(0, n.getConstant(name));
  }
  n.refuse("only values of numbers are supported");
}

void translateConstantOfShape(Node& n) {
  const TensorId value = n.getConstant("value");
  if (value != kNoTensor && n.shape(value).elements() != 1) {
    return n.wrong("attribute 'value' has shape ", n.shape(value).toString(),
                   ", wanted one element");
  }
  n.output(0, n.add(OpType::ConstantOfShape, {n.in(0), value}));
}

void translateShape(Node& n) {
  const ShapeAttrs attrs{n.getInt32("start", 0),
                         n.getInt32("end", std::numeric_limits<int32_t>::max())};
  n.output(0, n.add(OpType::Shape, attrs, {n.in(0)}));
}

void translateConcat(Node& n) {
  if (!n.hasAttribute("axis")) return n.wrong("attribute 'axis' is missing");
  std::vector<TensorId> inputs;
  for (size_t i = 0; i < n.inputCount(); ++i) {
    if (!n.has(i)) return n.wrong("input ", i, " is missing");
    inputs.push_back(n.in(i));
  }
  const Shape x = n.shape(n.in(0));
  const AxisAttrs attrs{
      static_cast<int32_t>(normalized(n, n.getInt32("axis", 0), x.rank(), x.ranked()))};
  n.output(0, n.add(OpType::Concat, attrs, std::move(inputs)));
}

void translateSplit(Node& n) {
  const Shape x = n.shape(n.in(0));
  SplitAttrs attrs;
  attrs.axis = static_cast<int32_t>(normalized(n, n.getInt32("axis", 0), x.rank(), x.ranked()));
  attrs.sizes = n.intsFrom("split", 1).value_or(std::vector<int64_t>{});
  const auto outputs = static_cast<int64_t>(n.outputCount());
  const int64_t pieces = n.getInt("num_outputs", outputs);
  if (pieces != outputs || (!attrs.sizes.empty() && attrs.sizes.size() != n.outputCount())) {
    return n.wrong(outputs, " outputs for a split in ",
                   attrs.sizes.empty() ? pieces : static_cast<int64_t>(attrs.sizes.size()));
  }
  const auto ids = n.addMany(OpType::Split, attrs, {n.in(0)}, std::vector<Tensor>(n.outputCount()));
  for (size_t i = 0; i < ids.size(); ++i) n.output(i, ids[i]);
}

void translateSlice(Node& n) {
  if (n.opset() >= 10) {
    if (!n.has(1) || !n.has(2)) return n.wrong("starts or ends are missing");
    return n.output(0, n.add(OpType::Slice, {n.in(0), n.in(1), n.in(2), n.in(3), n.in(4)}));
  }
  const auto starts = n.getInts("starts");
  const auto ends = n.getInts("ends");
  const auto axes = n.getInts("axes");
  if (!starts || !ends) return n.wrong("attribute 'starts' or 'ends' is missing");
  const TensorId s = n.constant("starts", *starts);
  const TensorId e = n.constant("ends", *ends);
  const TensorId a = axes ? n.constant("axes", *axes) : kNoTensor;
  n.output(0, n.add(OpType::Slice, {n.in(0), s, e, a}));
}

void translatePad(Node& n) {
  const std::string mode = n.getString("mode", "constant");
  PadAttrs attrs;
  if (mode == "reflect") {
    attrs.mode = PadMode::reflect;
  } else if (mode == "edge") {
    attrs.mode = PadMode::edge;
  } else if (mode != "constant") {
    return n.refuse("mode '", mode, "'");
  }
  TensorId pads = n.in(1);
  TensorId value = n.in(2);
  if (n.opset() < 11) {
    const auto given = n.getInts("pads");
    if (!given) return n.wrong("attribute 'pads' is missing");
    pads = n.constant("pads", *given);
    value = n.scalar("value", n.dtype(n.in(0)), n.getFloat("value", 0));
  } else if (pads == kNoTensor) {
    return n.wrong("input 1, pads, is missing");
  } else if (n.has(3)) {
    const auto given = n.ints(pads);
    const auto axes = n.ints(n.in(3));
    if (!given || !axes) return n.refuse("pads with axes must be constants");
    pads = n.constant("pads", spreadOverAxes(n, *given, *axes, n.shape(n.in(0)), 2));
  }
  if (attrs.mode != PadMode::constant) value = kNoTensor;
  n.output(0, n.add(OpType::Pad, attrs, {n.in(0), pads, value}));
}

void translateReshape(Node& n) {
  if (n.getBool("allowzero", false)) {
    const auto shape = n.ints(n.in(1));
    if (!shape || std::find(shape->begin(), shape->end(), 0) != shape->end()) {
      return n.refuse("allowzero with a shape that has, or may have, a 0");
    }
  }
  n.output(0, n.add(OpType::Reshape, {n.in(0), n.in(1)}));
}

void translateFlatten(Node& n) {
  const Shape x = n.shape(n.in(0));
  int32_t axis = n.getInt32("axis", 1);
  if (x.ranked() && axis < 0) axis += x.rank();
  n.output(0, n.add(OpType::Flatten, AxisAttrs{axis}, {n.in(0)}));
}

void translateAxes(Node& n) {
  auto axes = n.intsFrom("axes", 1);
  const Shape x = n.shape(n.in(0));
  const bool unsqueeze = n.op() == OpType::Unsqueeze;
  if (unsqueeze && !axes) return n.wrong("axes are missing");
  // To our Squeeze, no axes means all of size 1.
  if (axes && axes->empty()) return n.output(0, n.add(OpType::Identity, {n.in(0)}));
  AxesAttrs attrs;
  const int rank = x.rank() + (unsqueeze ? static_cast<int>(axes->size()) : 0);
  if (rank > Shape::kMaxRank) {
    return n.refuse(rank, " dimensions, supported are up to ", Shape::kMaxRank);
  }
  for (const int64_t axis : axes.value_or(std::vector<int64_t>{})) {
    attrs.axes.push_back(normalized(n, axis, rank, x.ranked()));
  }
  n.output(0, n.add(n.op(), attrs, {n.in(0)}));
}

void translateGather(Node& n) {
  const Shape x = n.shape(n.in(0));
  const AxisAttrs attrs{
      static_cast<int32_t>(normalized(n, n.getInt32("axis", 0), x.rank(), x.ranked()))};
  n.output(0, n.add(n.op(), attrs, {n.in(0), n.in(1)}));
}

void translateTranspose(Node& n) {
  n.output(0, n.transpose(n.in(0), n.getInts("perm").value_or(std::vector<int64_t>{}), ""));
}

}  // namespace qrt::onnx_import
