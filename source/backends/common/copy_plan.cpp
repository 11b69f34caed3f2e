#include "backends/common/copy_plan.h"

#include <algorithm>
#include <cstring>
#include <numeric>

#include "base/error.h"
#include "graph/op.h"

namespace qrt {
namespace {

using Dims = std::vector<CopyDim>;
using Strides = std::array<int64_t, Shape::kMaxRank>;

// A layer's tensors, and the plan as it grows.
struct Builder {
  const Graph& graph;
  const Layer& layer;
  CopyPlan plan;

  const Tensor& in(size_t i) const { return graph.tensor(layer.inputs[i]); }
  const Tensor& out(size_t i = 0) const { return graph.tensor(layer.outputs[i]); }
  int64_t elementBytes() const { return static_cast<int64_t>(dtypeSize(in(0).dtype)); }

  void add(const Dims& dims, int input = 0, int output = 0, int64_t srcOffset = 0,
           int64_t dstOffset = 0) {
    plan.pieces.push_back(
        {StridedCopy::plan(elementBytes(), dims, srcOffset, dstOffset), input, output});
  }

  // Input `i`, which must be a constant of integers.
  Result<std::vector<int64_t>> ints(size_t i, std::string_view what) const {
    auto values = constantInts(graph, layer.input(i));
    if (!values) return unsupported(what, " is computed by the graph, wanted a constant");
    return *std::move(values);
  }
};

size_t at(int i) { return static_cast<size_t>(i); }

// Loops over all of `shape`.
Dims denseDims(const Shape& shape, const Strides& src, const Strides& dst) {
  Dims dims;
  for (int i = 0; i < shape.rank(); ++i) dims.push_back({shape[i], dst[at(i)], src[at(i)]});
  return dims;
}

Status view(Builder& b) {
  b.add({{b.in(0).shape.elements(), b.elementBytes(), b.elementBytes()}});
  return {};
}

Status transpose(Builder& b) {
  const Shape& shape = b.in(0).shape;
  std::vector<int64_t> perm = b.layer.attrs<TransposeAttrs>().perm;
  if (perm.empty()) {
    for (int i = shape.rank(); i-- > 0;) perm.push_back(i);
  }
  const Strides src = byteStrides(b.in(0));
  const Strides dst = byteStrides(b.out());
  Dims dims;
  for (size_t i = 0; i < perm.size(); ++i) {
    dims.push_back({shape[static_cast<int>(perm[i])], dst[i], src[at(static_cast<int>(perm[i]))]});
  }
  b.add(dims);
  return {};
}

Status slice(Builder& b) {
  const Shape& shape = b.in(0).shape;
  QRT_ASSIGN_OR_RETURN(const std::vector<int64_t> starts, b.ints(1, "starts"));
  std::vector<int64_t> axes(starts.size());
  std::iota(axes.begin(), axes.end(), 0);
  if (b.layer.input(3) != kNoTensor) { QRT_ASSIGN_OR_RETURN(axes, b.ints(3, "axes")); }
  std::vector<int64_t> steps(starts.size(), 1);
  if (b.layer.input(4) != kNoTensor) { QRT_ASSIGN_OR_RETURN(steps, b.ints(4, "steps")); }
  Strides src = byteStrides(b.in(0));
  int64_t offset = 0;
  for (size_t i = 0; i < starts.size(); ++i) {
    const int axis = normalizeAxis(axes[i], shape.rank()).value_or(0);
    const int64_t size = shape[axis];
    int64_t start = starts[i] < 0 ? starts[i] + size : starts[i];
    start = std::clamp<int64_t>(start, 0, std::max<int64_t>(0, steps[i] < 0 ? size - 1 : size));
    offset += start * src[at(axis)];
    src[at(axis)] *= b.out().shape[axis] > 1 ? steps[i] : 1;
  }
  b.add(denseDims(b.out().shape, src, byteStrides(b.out())), 0, 0, offset);
  return {};
}

Status concatenate(Builder& b) {
  const int axis = *normalizeAxis(b.layer.attrs<AxisAttrs>().axis, b.out().shape.rank());
  const Strides dst = byteStrides(b.out());
  int64_t offset = 0;
  for (size_t i = 0; i < b.layer.inputs.size(); ++i) {
    if (b.in(i).quant != b.out().quant) {
      return unsupported("input ", i, " is quantized unlike the output");
    }
    b.add(denseDims(b.in(i).shape, byteStrides(b.in(i)), dst), static_cast<int>(i), 0, 0, offset);
    offset += b.in(i).shape[axis] * dst[at(axis)];
  }
  return {};
}

Status split(Builder& b) {
  const int axis = *normalizeAxis(b.layer.attrs<SplitAttrs>().axis, b.in(0).shape.rank());
  const Strides src = byteStrides(b.in(0));
  int64_t offset = 0;
  for (size_t i = 0; i < b.layer.outputs.size(); ++i) {
    if (b.layer.outputs[i] == kNoTensor) return unsupported("output ", i, " is absent");
    const Tensor& out = b.out(i);
    b.add(denseDims(out.shape, src, byteStrides(out)), 0, static_cast<int>(i), offset);
    offset += out.shape[axis] * src[at(axis)];
  }
  return {};
}

Status tile(Builder& b) {
  const Shape& shape = b.in(0).shape;
  const Strides src = byteStrides(b.in(0));
  const Strides dst = byteStrides(b.out());
  Dims dims;
  for (int i = 0; i < shape.rank(); ++i) {
    const int64_t repeats = shape[i] == 0 ? 0 : b.out().shape[i] / shape[i];
    dims.push_back({repeats, shape[i] * dst[at(i)], 0});
    dims.push_back({shape[i], dst[at(i)], src[at(i)]});
  }
  b.add(dims);
  return {};
}

Status expand(Builder& b) {
  const Shape& shape = b.in(0).shape;
  const Strides src = byteStrides(b.in(0));
  const Strides dst = byteStrides(b.out());
  const int added = b.out().shape.rank() - shape.rank();
  Dims dims;
  for (int i = 0; i < b.out().shape.rank(); ++i) {
    const bool repeats = i < added || shape[i - added] == 1;
    dims.push_back({b.out().shape[i], dst[at(i)], repeats ? 0 : src[at(i - added)]});
  }
  b.add(dims);
  return {};
}

// The two meet in [N, H, by, W, bx, C]; `deep` is the tensor with C·b² channels, `wide` the other.
Dims depthSpaceDims(const Shape& deep, const Strides& deepStrides, const Strides& wideStrides,
                    int64_t block, DepthToSpaceMode mode, bool toSpace) {
  const int64_t channels = deep[3] / (block * block);
  const int64_t element = deepStrides[3];
  const bool dcr = mode == DepthToSpaceMode::dcr;
  struct Loop {
    int64_t size, wide, deep;
  };
  const Loop loops[] = {
      {deep[0], wideStrides[0], deepStrides[0]},
      {deep[1], wideStrides[1] * block, deepStrides[1]},
      {block, wideStrides[1], element * (dcr ? block * channels : block)},
      {deep[2], wideStrides[2] * block, deepStrides[2]},
      {block, wideStrides[2], element * (dcr ? channels : 1)},
      {channels, wideStrides[3], element * (dcr ? 1 : block * block)},
  };
  Dims dims;
  for (const Loop& loop : loops) {
    dims.push_back({loop.size, toSpace ? loop.wide : loop.deep, toSpace ? loop.deep : loop.wide});
  }
  return dims;
}

Status depthToSpace(Builder& b) {
  const auto& attrs = b.layer.attrs<DepthToSpaceAttrs>();
  b.add(depthSpaceDims(b.in(0).shape, byteStrides(b.in(0)), byteStrides(b.out()), attrs.blockSize,
                       attrs.mode, true));
  return {};
}

Status spaceToDepth(Builder& b) {
  b.add(depthSpaceDims(b.out().shape, byteStrides(b.out()), byteStrides(b.in(0)),
                       b.layer.attrs<SpaceToDepthAttrs>().blockSize, DepthToSpaceMode::dcr, false));
  return {};
}

// The source index of each index of a padded dim, times `stride`.
std::unique_ptr<int64_t[]> padTable(PadMode mode, int64_t size, int64_t begin, int64_t padded,
                                    int64_t stride) {
  auto table = std::make_unique<int64_t[]>(static_cast<size_t>(padded));
  const int64_t period = std::max<int64_t>(1, 2 * (size - 1));
  for (int64_t o = 0; o < padded; ++o) {
    int64_t i = o - begin;
    if (mode == PadMode::edge) {
      i = std::clamp<int64_t>(i, 0, size - 1);
    } else {
      i = (i % period + period) % period;
      i = std::min(i, period - i);
    }
    table[static_cast<size_t>(o)] = (size == 1 ? 0 : i) * stride;
  }
  return table;
}

// The middle, and in front of and behind it along each dim a block of the value: the dims before it
// within the middle, the dims after it in full.
void padConstant(Builder& b, const std::vector<int64_t>& pads) {
  const int rank = b.in(0).shape.rank();
  const Strides src = byteStrides(b.in(0));
  const Strides dst = byteStrides(b.out());
  Dims fill = denseDims(b.out().shape, Strides{}, dst);
  int64_t srcOffset = 0;
  int64_t dstOffset = 0;
  for (int i = 0; i < rank; ++i) {
    const int64_t before = std::max<int64_t>(0, pads[at(i)]);
    const int64_t after = std::max<int64_t>(0, pads[at(i + rank)]);
    const int64_t size = b.out().shape[i];
    fill[at(i)].size = before;
    if (before > 0) b.add(fill, CopyPlan::kValue, 0, 0, dstOffset);
    fill[at(i)].size = after;
    if (after > 0) b.add(fill, CopyPlan::kValue, 0, 0, dstOffset + (size - after) * dst[at(i)]);
    fill[at(i)].size = size - before - after;
    dstOffset += before * dst[at(i)];
    srcOffset += std::max<int64_t>(0, -pads[at(i)]) * src[at(i)];
  }
  for (int i = 0; i < rank; ++i) fill[at(i)].src = src[at(i)];
  b.add(fill, 0, 0, srcOffset, dstOffset);
}

Status pad(Builder& b) {
  const Shape& shape = b.in(0).shape;
  const PadMode mode = b.layer.attrs<PadAttrs>().mode;
  if (b.in(0).quant) return unsupported("the tensor is quantized");
  QRT_ASSIGN_OR_RETURN(const std::vector<int64_t> pads, b.ints(1, "pads"));
  if (mode == PadMode::constant) {
    if (b.layer.input(2) != kNoTensor) {
      const Tensor* value = b.graph.constant(b.layer.input(2));
      if (value == nullptr) return unsupported("value is computed by the graph, wanted a constant");
      if (value->dtype != b.in(0).dtype || value->constant->bytes.empty()) {
        return unsupported("value is ", dtypeName(value->dtype), ", wanted one ",
                           dtypeName(b.in(0).dtype));
      }
      std::memcpy(b.plan.value.data(), value->constant->bytes.data(), at(int(b.elementBytes())));
    }
    padConstant(b, pads);
    return {};
  }
  const Strides src = byteStrides(b.in(0));
  Dims dims = denseDims(b.out().shape, src, byteStrides(b.out()));
  for (int i = 0; i < shape.rank(); ++i) {
    if (pads[at(i)] == 0 && pads[at(i + shape.rank())] == 0) continue;
    if (shape[i] == 0) return unsupported("dim ", i, " is 0, so there is nothing to repeat");
    b.plan.tables.push_back(padTable(mode, shape[i], pads[at(i)], b.out().shape[i], src[at(i)]));
    dims[at(i)].table = b.plan.tables.back().get();
  }
  b.add(dims);
  return {};
}

}  // namespace

std::array<int64_t, Shape::kMaxRank> byteStrides(const Tensor& tensor) {
  Strides strides{};
  int64_t stride = static_cast<int64_t>(dtypeSize(tensor.dtype));
  for (int i = tensor.shape.rank(); i-- > 0;) {
    strides[at(i)] = stride;
    stride *= tensor.shape[i];
  }
  return strides;
}

Result<CopyPlan> planCopyLayer(const Graph& graph, const Layer& layer) {
  Builder b{graph, layer, {}};
  const auto build = [&]() -> Status {
    switch (layer.op) {
      case OpType::Concat: return concatenate(b);
      case OpType::DepthToSpace: return depthToSpace(b);
      case OpType::Expand: return expand(b);
      case OpType::Pad: return pad(b);
      case OpType::Slice: return slice(b);
      case OpType::SpaceToDepth: return spaceToDepth(b);
      case OpType::Split: return split(b);
      case OpType::Tile: return tile(b);
      case OpType::Transpose: return transpose(b);
      default: return view(b);
    }
  };
  QRT_RETURN_IF_ERROR(build());
  return std::move(b.plan);
}

}  // namespace qrt
