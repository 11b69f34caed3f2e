#include "passes/layout_apply.h"

#include <algorithm>
#include <numeric>

#include "base/error.h"
#include "graph/op.h"
#include "passes/layout_rules.h"
#include "passes/reshape_layout.h"

namespace qrt {

std::optional<std::vector<bool>> keptDims(const std::vector<int64_t>& axes, int rank) {
  std::vector<bool> keep(static_cast<size_t>(rank), true);
  for (const int64_t axis : axes) {
    const auto dim = normalizeAxis(axis, rank);
    if (!dim) return std::nullopt;
    keep[static_cast<size_t>(*dim)] = false;
  }
  return keep;
}

std::optional<std::vector<int64_t>> sliceAxes(const Graph& graph, const Layer& slice) {
  const Shape& shape = graph.tensor(slice.inputs[0]).shape;
  if (!shape.ranked()) return std::nullopt;
  std::vector<int64_t> axes;
  if (slice.input(3) != kNoTensor) {
    const auto values = constantInts(graph, slice.input(3));
    if (!values) return std::nullopt;
    axes = *values;
  } else {
    const Shape& starts = graph.tensor(slice.inputs[1]).shape;
    if (!starts.known() || starts.rank() != 1 || starts[0] > shape.rank()) return std::nullopt;
    axes = identityPerm(static_cast<int>(starts[0]));
  }
  for (int64_t& axis : axes) {
    const auto dim = normalizeAxis(axis, shape.rank());
    if (!dim) return std::nullopt;
    axis = *dim;
  }
  return axes;
}

bool flattensForFullyConnected(const GraphEditor& editor, const Layer& reshape, const Perm& perm) {
  const Shape& from = editor.tensor(reshape.inputs[0]).shape;
  const TensorId out = reshape.outputs[0];
  const Shape& to = editor.tensor(out).shape;
  if (perm[0] != 0 || !from.ranked() || !to.ranked() || to.rank() != 2 || from[0] != to[0])
    return false;
  double rest = 1;
  for (const int64_t dim : from.dims().subspan(1)) {
    if (dim <= 0) return false;
    rest *= static_cast<double>(dim);
  }
  if (rest != static_cast<double>(to[1]) || editor.isOutput(out)) return false;
  const std::vector<int>& readers = editor.readers(out);
  return !readers.empty() && std::all_of(readers.begin(), readers.end(), [&](int reader) {
    const Layer& layer = editor.layer(reader);
    if (layer.op != OpType::FullyConnected || layer.inputs[0] != out) return false;
    const Tensor* weights = editor.graph().constant(layer.inputs[1]);
    return weights != nullptr && weights->shape.rank() == 2 && weights->shape[1] == to[1] &&
           (!weights->quant || weights->quant->axis <= 0) &&
           std::count(layer.inputs.begin(), layer.inputs.end(), out) == 1;
  });
}

namespace {

class Applier {
 public:
  Applier(GraphEditor& editor, int layer, const LayoutPorts& ports, PermutedConstants& cache)
      : editor_(editor), i_(layer), ports_(ports), cache_(cache) {}

  void apply() {
    const std::vector<TensorId> inputs = layer().inputs;
    for (size_t slot = 0; slot < inputs.size(); ++slot) {
      if (ports_.inputs[slot].empty() || editor_.graph().constant(inputs[slot]) == nullptr)
        continue;
      editor_.setInput(i_, slot, permutedConstant(inputs[slot], ports_.inputs[slot]));
    }
    rewrite();
    editor_.touch();
  }

 private:
  Layer& layer() { return editor_.layer(i_); }
  const Perm& in() const { return ports_.inputs[0]; }
  const Perm& out() const { return ports_.outputs[0]; }

  void rewrite() {
    Attributes& attributes = layer().attributes;
    switch (layer().op) {
      case OpType::Concat:
      case OpType::Gather:
      case OpType::GatherElements:
      case OpType::LogSoftmax:
      case OpType::Softmax:
        return moveAxis(std::get<AxisAttrs>(attributes).axis);
      case OpType::ArgMax:
        return moveAxis(std::get<ArgMaxAttrs>(attributes).axis);
      case OpType::Split:
        return moveAxis(std::get<SplitAttrs>(attributes).axis);
      case OpType::Lrn:
        return moveAxis(std::get<LrnAttrs>(attributes).axis);
      case OpType::BatchNormalization:
      case OpType::InstanceNormalization:
        return moveAxis(std::get<NormAttrs>(attributes).axis);
      case OpType::ReduceMax:
      case OpType::ReduceMean:
      case OpType::ReduceMin:
      case OpType::ReduceSum:
        return moveAxes(std::get<ReduceAttrs>(attributes).axes, in());
      case OpType::Squeeze:
        return moveAxes(std::get<AxesAttrs>(attributes).axes, in());
      case OpType::Unsqueeze:
        return moveAxes(std::get<AxesAttrs>(attributes).axes, out());
      case OpType::Slice:
        return setInts(3, "_axes", movedAxes(*sliceAxes(editor_.graph(), layer()), in()));
      case OpType::Pad:
      case OpType::Tile:
        return permuteInts(1);
      case OpType::Expand:
        return expand();
      case OpType::Resize:
        permuteInts(2);
        return permuteScales();
      case OpType::Flatten:
      case OpType::Reshape:
        return reshape();
      case OpType::Shape:
        return shapeOf();
      default:
        return;  // elementwise
    }
  }

  static std::vector<int64_t> movedAxes(std::vector<int64_t> axes, const Perm& perm) {
    for (int64_t& axis : axes) {
      axis = positionOf(perm, axis < 0 ? axis + static_cast<int64_t>(perm.size()) : axis);
    }
    return axes;
  }

  void moveAxis(int32_t& axis) { axis = static_cast<int32_t>(movedAxes({axis}, in())[0]); }

  // A port without a permutation, of a layer whose other side has one, keeps its axes.
  static void moveAxes(std::vector<int64_t>& axes, const Perm& perm) {
    if (perm.empty()) return;
    axes = movedAxes(std::move(axes), perm);
    std::sort(axes.begin(), axes.end());
  }

  void setInts(size_t slot, const char* suffix, const std::vector<int64_t>& values) {
    editor_.setInput(i_, slot,
                     editor_.addConstant<int64_t>(layer().name + suffix,
                                                  {static_cast<int64_t>(values.size())}, values));
  }

  // One or more lists of a value for each dim.
  void permuteInts(size_t slot) {
    const auto values = constantInts(editor_.graph(), layer().input(slot));
    if (!values) return;
    std::vector<int64_t> moved;
    for (size_t list = 0; list < values->size(); list += in().size()) {
      for (const int64_t dim : in()) moved.push_back((*values)[list + static_cast<size_t>(dim)]);
    }
    setInts(slot, "_dims", moved);
  }

  void permuteScales() {
    const Tensor* scales = editor_.graph().constant(layer().input(1));
    if (scales == nullptr) return;
    const auto values = scales->constantView().as<float>();
    if (!values.ok()) return;
    const std::vector<float> moved =
        permuted(std::vector<float>(values->begin(), values->end()), in());
    editor_.setInput(
        i_, 1, editor_.addConstant<float>(layer().name + "_scales", Shape(scales->shape), moved));
  }

  void expand() {
    std::vector<int64_t> shape = *constantInts(editor_.graph(), layer().input(1));
    if (shape.size() < in().size()) shape.insert(shape.begin(), in().size() - shape.size(), 1);
    setInts(1, "_shape", permuted(shape, in()));
  }

  void reshape() {
    const Shape from = editor_.tensor(layer().inputs[0]).shape;
    Shape to = editor_.tensor(layer().outputs[0]).shape;
    if (out().empty() && !permThroughReshape(from, to, in())) permuteReadersWeights(from);
    if (!out().empty()) to = permuted(to, out());
    const std::vector<int64_t> dims(to.dims().begin(), to.dims().end());
    editor_.become(i_, OpType::Reshape, NoAttrs{}, {layer().inputs[0], kNoTensor});
    setInts(1, "_shape", dims);  // an unknown dim is −1, which Reshape infers
  }

  static PermutedConstants::Map::key_type keyOf(TensorId id, const Shape& shape, const Perm& perm) {
    return {id, {shape.dims().begin(), shape.dims().end()}, perm};
  }

  void permuteReadersWeights(const Shape& from) {
    // [O, rest] as [O, dims of one sample], transposed, and back.
    const std::vector<int> readers = editor_.readers(layer().outputs[0]);
    for (const int reader : readers) {
      const TensorId id = editor_.layer(reader).inputs[1];
      Tensor moved = editor_.tensor(id);
      Shape shape = from;
      shape[0] = moved.shape[0];
      const auto [found, added] = cache_.weights.try_emplace(keyOf(id, shape, in()), kNoTensor);
      if (added) {
        moved.constant = permutedBytes(moved.constant->bytes, dtypeSize(moved.dtype), shape, in());
        found->second = editor_.addTensor(std::move(moved));
      }
      editor_.setInput(reader, 1, found->second);
    }
  }

  // The dims of the permuted input, put back in order.
  void shapeOf() {
    auto& attrs = layer().attrs<ShapeAttrs>();
    const auto rank = static_cast<int64_t>(in().size());
    const auto clamped = [&](int64_t dim) {
      return std::clamp<int64_t>(dim < 0 ? dim + rank : dim, 0, rank);
    };
    std::vector<int64_t> indices;
    for (int64_t dim = clamped(attrs.start); dim < clamped(attrs.end); ++dim) {
      indices.push_back(positionOf(in(), dim));
    }
    attrs = {};
    const TensorId result = layer().outputs[0];
    const std::string name = layer().name;
    const TensorId all =
        editor_.addTensor({editor_.tensor(result).name + "_stored", DType::s64, Shape{rank}});
    editor_.setOutput(i_, 0, all);
    const TensorId order = editor_.addConstant<int64_t>(
        name + "_order", {static_cast<int64_t>(indices.size())}, indices);
    editor_.addLayer({name + "_gather", OpType::Gather, AxisAttrs{0}, {all, order}, {result}}, i_);
  }

  TensorId permutedConstant(TensorId id, const Perm& perm) {
    Tensor moved = editor_.tensor(id);
    const int missing = static_cast<int>(perm.size()) - moved.shape.rank();
    Shape full = Shape::filled(static_cast<int>(perm.size()), 1);
    std::copy(moved.shape.dims().begin(), moved.shape.dims().end(), full.dims().begin() + missing);
    const auto [found, added] = cache_.whole.try_emplace(keyOf(id, full, perm), kNoTensor);
    if (!added) return found->second;
    moved.constant = permutedBytes(moved.constant->bytes, dtypeSize(moved.dtype), full, perm);
    moved.shape = permuted(full, perm);
    if (moved.quant && moved.quant->axis >= 0) {
      moved.quant->axis = static_cast<int>(positionOf(perm, moved.quant->axis + missing));
    }
    return found->second = editor_.addTensor(std::move(moved));
  }

  GraphEditor& editor_;
  const int i_;
  const LayoutPorts& ports_;
  PermutedConstants& cache_;
};

}  // namespace

void applyLayout(GraphEditor& editor, int layer, const LayoutPorts& ports,
                 PermutedConstants& cache) {
  Applier(editor, layer, ports, cache).apply();
}

}  // namespace qrt
