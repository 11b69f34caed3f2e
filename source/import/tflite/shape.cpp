// Operators that move values, resize, and reduce.
#include <algorithm>
#include <limits>

#include "import/tflite/translators.h"

namespace qrt::tflite_import {
namespace {

void reduce(Op& op, OpType type) {
  const auto* options = op.options<tfl::ReducerOptions>();
  const std::vector<int64_t> axes = op.ints(1);
  if (!op.ok()) return;
  op.output(op.add(type, ReduceAttrs{axes, options->keep_dims()}, {op.in(0)}));
}

// [rank,2] → begins, ends.
std::optional<std::vector<int64_t>> padsOf(Op& op) {
  const std::vector<int64_t> pairs = op.ints(1);
  if (!op.ok()) return std::nullopt;
  const size_t rank = pairs.size() / 2;
  std::vector<int64_t> pads(2 * rank);
  for (size_t i = 0; i < rank; ++i) {
    pads[i] = pairs[2 * i];
    pads[rank + i] = pairs[2 * i + 1];
  }
  return pads;
}

// Mirrored with the border itself, as no Pad does: for each dim the first and the last values backwards, put in front and
// behind.
TensorId symmetricPad(Op& op, const std::vector<int64_t>& pads) {
  TensorId x = op.in(0);
  const size_t rank = pads.size() / 2;
  if (!op.ok() || op.shape(x).rank() != static_cast<int>(rank)) {
    op.refuse("pads of ", rank, " dims");
    return x;
  }
  const Shape shape = op.shape(x);
  for (size_t d = 0; d < rank; ++d) {
    const int64_t size = shape[static_cast<int>(d)], before = pads[d], after = pads[rank + d];
    if (before < 0 || after < 0 || before > size || after > size) {
      op.refuse("pads of ", before, " and ", after, " around ", size);
      return x;
    }
    const auto backwards = [&](int64_t from, int64_t count) {
      const auto whole = [&](int64_t value) { return op.constant(std::vector<int64_t>{value}); };
      return op.add(OpType::Slice, {x, whole(from), whole(from - count - size), whole(static_cast<int64_t>(d)), whole(-1)});
    };
    std::vector<TensorId> parts;
    if (before > 0) parts.push_back(backwards(before - 1, before));
    parts.push_back(x);
    if (after > 0) parts.push_back(backwards(size - 1, after));
    if (parts.size() > 1) x = op.add(OpType::Concat, AxisAttrs{static_cast<int32_t>(d)}, std::move(parts));
  }
  return x;
}

template <class Options>
void resize(Op& op, ResizeMode mode) {
  const auto* options = op.options<Options>();
  const std::vector<int64_t> size = op.ints(1);
  const TensorId x = op.in(0);
  if (!op.ok()) return;
  if (size.size() != 2 || op.shape(x).rank() != 4) return op.refuse(size.size(), " sizes");
  ResizeAttrs attrs;
  attrs.mode = mode;
  const bool nearest = mode == ResizeMode::nearest;
  if (options->align_corners()) {
    attrs.coordinates = ResizeCoordinates::alignCorners;
    attrs.rounding = ResizeRounding::preferCeil;
  } else if (options->half_pixel_centers()) {
    attrs.coordinates = nearest ? ResizeCoordinates::tfHalfPixelForNearest : ResizeCoordinates::halfPixel;
    attrs.rounding = ResizeRounding::floor;
  } else {
    attrs.coordinates = ResizeCoordinates::asymmetric;
    attrs.rounding = ResizeRounding::floor;
  }
  if (!nearest) attrs.rounding = ResizeRounding::preferFloor;
  const Shape& in = op.shape(x);
  op.output(op.add(OpType::Resize, attrs, {x, kNoTensor, op.constant({in[0], size[0], size[1], in[3]})}));
}

}  // namespace

void translateReshape(Op& op) {
  std::vector<int64_t> shape;
  if (op.has(1)) {
    shape = op.ints(1);
  } else if (const auto* options = op.options<tfl::ReshapeOptions>(); options && options->new_shape()) {
    shape.assign(options->new_shape()->begin(), options->new_shape()->end());
  } else {
    op.refuse("it has no shape");
  }
  if (op.ok()) op.output(op.add(OpType::Reshape, {op.in(0), op.constant(shape)}));
}

void translateSqueeze(Op& op) {
  const auto* options = op.options<tfl::SqueezeOptions>();
  if (options == nullptr) return;
  std::vector<int64_t> axes;
  if (options->squeeze_dims() != nullptr) {
    axes.assign(options->squeeze_dims()->begin(), options->squeeze_dims()->end());
  }
  op.output(op.add(OpType::Squeeze, AxesAttrs{axes}, {op.in(0)}));
}

void translateExpandDims(Op& op) {
  const std::vector<int64_t> axes = op.ints(1);
  if (op.ok()) op.output(op.add(OpType::Unsqueeze, AxesAttrs{axes}, {op.in(0)}));
}

void translateTranspose(Op& op) {
  const std::vector<int64_t> perm = op.ints(1);
  if (op.ok()) op.output(op.add(OpType::Transpose, TransposeAttrs{perm}, {op.in(0)}));
}

void translateConcatenation(Op& op) {
  const auto* options = op.options<tfl::ConcatenationOptions>();
  if (options == nullptr) return;
  std::vector<TensorId> parts;
  for (size_t i = 0; i < op.inputCount(); ++i) parts.push_back(op.in(i));
  const TensorId y = op.add(OpType::Concat, AxisAttrs{options->axis()}, std::move(parts));
  op.output(op.activated(y, options->activation()));
}

void translateSplit(Op& op) {
  const std::vector<int64_t> axis = op.ints(0);
  const TensorId x = op.in(1);
  if (!op.ok()) return;
  if (axis.size() != 1) return op.refuse(axis.size(), " axes");
  const auto pieces = op.addMany(OpType::Split, SplitAttrs{static_cast<int32_t>(axis[0]), {}}, {x},
                                 std::vector<Tensor>(op.outputCount()));
  for (size_t i = 0; i < op.outputCount(); ++i) op.output(i, pieces[i]);
}

void translateSlice(Op& op) {
  const TensorId x = op.in(0);
  const std::vector<int64_t> begin = op.ints(1), size = op.ints(2);
  if (!op.ok()) return;
  if (begin.size() != size.size()) return op.refuse(begin.size(), " begins and ", size.size(), " sizes");
  std::vector<int64_t> end, axes;
  for (size_t i = 0; i < begin.size(); ++i) {
    if (begin[i] < 0 || size[i] < -1) return op.refuse("begin ", begin[i], ", size ", size[i]);
    end.push_back(size[i] == -1 ? std::numeric_limits<int64_t>::max() : begin[i] + size[i]);
    axes.push_back(static_cast<int64_t>(i));
  }
  op.output(op.add(OpType::Slice, {x, op.constant(begin), op.constant(end), op.constant(axes)}));
}

void translateStridedSlice(Op& op) {
  const auto* options = op.options<tfl::StridedSliceOptions>();
  const TensorId x = op.in(0);
  std::vector<int64_t> begin = op.ints(1), end = op.ints(2);
  const std::vector<int64_t> step = op.ints(3);
  if (!op.ok()) return;
  if (options->ellipsis_mask() != 0 || options->new_axis_mask() != 0) return op.refuse("ellipsis or new axis mask");
  const size_t rank = begin.size();
  if (rank > 32 || end.size() != rank || step.size() != rank) {
    return op.refuse(rank, " begins, ", end.size(), " ends, ", step.size(), " strides");
  }
  constexpr int64_t kFar = std::numeric_limits<int64_t>::max();
  std::vector<int64_t> axes, shrunk;
  for (size_t i = 0; i < rank; ++i) {
    const bool back = step[i] < 0;
    const auto masked = [&](int32_t mask) { return (static_cast<uint32_t>(mask) >> i & 1) != 0; };
    if (masked(options->begin_mask())) begin[i] = back ? kFar : 0;
    if (masked(options->end_mask())) end[i] = back ? -kFar : kFar;
    if (masked(options->shrink_axis_mask())) {
      end[i] = begin[i] == -1 ? kFar : begin[i] + 1;
      shrunk.push_back(static_cast<int64_t>(i));
    }
    axes.push_back(static_cast<int64_t>(i));
  }
  TensorId y = op.add(OpType::Slice, {x, op.constant(begin), op.constant(end), op.constant(axes), op.constant(step)});
  if (!shrunk.empty()) y = op.add(OpType::Squeeze, AxesAttrs{shrunk}, {y});
  op.output(y);
}

void translatePack(Op& op) {
  const auto* options = op.options<tfl::PackOptions>();
  if (options == nullptr) return;
  std::vector<TensorId> parts;
  for (size_t i = 0; i < op.inputCount(); ++i) {
    parts.push_back(op.add(OpType::Unsqueeze, AxesAttrs{{options->axis()}}, {op.in(i)}));
  }
  op.output(op.add(OpType::Concat, AxisAttrs{options->axis()}, std::move(parts)));
}

void translateUnpack(Op& op) {
  const auto* options = op.options<tfl::UnpackOptions>();
  if (options == nullptr) return;
  const auto pieces = op.addMany(OpType::Split, SplitAttrs{options->axis(), {}}, {op.in(0)},
                                 std::vector<Tensor>(op.outputCount()));
  for (size_t i = 0; i < op.outputCount(); ++i) {
    op.output(i, op.add(OpType::Squeeze, AxesAttrs{{options->axis()}}, {pieces[i]}));
  }
}

void translateGather(Op& op) {
  const auto* options = op.options<tfl::GatherOptions>();
  if (options == nullptr) return;
  if (options->batch_dims() != 0) return op.refuse("batch_dims ", options->batch_dims());
  op.output(op.add(OpType::Gather, AxisAttrs{options->axis()}, {op.in(0), op.raw(1)}));
}

// PADV2 has the value as an input.
void translatePad(Op& op) {
  const auto pads = padsOf(op);
  if (!pads) return;
  std::vector<TensorId> inputs{op.in(0), op.constant(*pads)};
  if (op.has(2)) inputs.push_back(op.in(2));
  op.output(op.add(OpType::Pad, PadAttrs{PadMode::constant}, std::move(inputs)));
}

void translateMirrorPad(Op& op) {
  const auto* options = op.options<tfl::MirrorPadOptions>();
  const auto pads = padsOf(op);
  if (!op.ok()) return;
  if (options->mode() != 0) return op.output(symmetricPad(op, *pads));
  op.output(op.add(OpType::Pad, PadAttrs{PadMode::reflect}, {op.in(0), op.constant(*pads)}));
}

void translateDepthToSpace(Op& op) {
  const auto* options = op.options<tfl::BlockOptions>();
  if (options == nullptr) return;
  op.output(op.add(OpType::DepthToSpace, DepthToSpaceAttrs{options->block_size(), DepthToSpaceMode::dcr}, {op.in(0)}));
}

void translateSpaceToDepth(Op& op) {
  const auto* options = op.options<tfl::BlockOptions>();
  if (options == nullptr) return;
  op.output(op.add(OpType::SpaceToDepth, SpaceToDepthAttrs{options->block_size()}, {op.in(0)}));
}

void translateResizeBilinear(Op& op) { resize<tfl::ResizeBilinearOptions>(op, ResizeMode::linear); }
void translateResizeNearest(Op& op) { resize<tfl::ResizeNearestOptions>(op, ResizeMode::nearest); }
void translateMean(Op& op) { reduce(op, OpType::ReduceMean); }
void translateSum(Op& op) { reduce(op, OpType::ReduceSum); }

void translateArgMax(Op& op) {
  const std::vector<int64_t> axis = op.ints(1);
  if (!op.ok()) return;
  if (axis.size() != 1) return op.refuse(axis.size(), " axes");
  const TensorId y = op.add(OpType::ArgMax, ArgMaxAttrs{static_cast<int32_t>(axis[0]), false, false}, {op.in(0)});
  op.output(op.add(OpType::Cast, CastAttrs{op.outputTensor(0).dtype}, {y}));
}

}  // namespace qrt::tflite_import
