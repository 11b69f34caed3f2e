// Layers that do nothing, and views: Reshape, Flatten, Squeeze and Unsqueeze of any length become
// one Reshape as soon as their result's shape is known but for one dim.
#include <algorithm>

#include "graph/op.h"
#include "passes/passes.h"
#include "passes/permutation.h"

namespace qrt {
namespace {

class Simplifier {
 public:
  explicit Simplifier(GraphEditor& editor) : editor_(editor) {}

  void run(int i) {
    const Layer& layer = editor_.layer(i);
    if (doesNothing(layer)) {
      editor_.bypass(i, layer.inputs[0]);
    } else if (layer.op == OpType::Transpose) {
      transpose(i);
    } else if (isView(layer.op)) {
      view(i);
    }
  }

 private:
  static bool isView(OpType op) {
    return op == OpType::Reshape || op == OpType::Flatten || op == OpType::Squeeze ||
           op == OpType::Unsqueeze;
  }

  bool doesNothing(const Layer& layer) const {
    const Tensor& in = editor_.tensor(layer.inputs[0]);
    const Tensor& out = editor_.tensor(layer.outputs[0]);
    if (in.dtype != out.dtype || in.quant != out.quant) return false;
    if (layer.op == OpType::Identity) return true;
    const auto all = [&](size_t input, int64_t wanted) {
      const auto values = constantInts(editor_.graph(), layer.input(input));
      return values && std::all_of(values->begin(), values->end(),
                                   [&](int64_t value) { return value == wanted; });
    };
    switch (layer.op) {
      case OpType::Cast:
        return true;
      case OpType::Concat:
        return layer.inputs.size() == 1;
      case OpType::Split:
        return layer.outputs.size() == 1;
      case OpType::Expand:
        return in.shape.known() && in.shape == out.shape;
      case OpType::Tile:
        return all(1, 1);
      case OpType::Pad:
        return all(1, 0);
      case OpType::Slice:
        return in.shape.known() && in.shape == out.shape &&
               (layer.input(4) == kNoTensor || all(4, 1));
      default:
        return false;
    }
  }

  // A shape as Reshape wants it: −1 for the only open dim; nullopt if there are more.
  static std::optional<std::vector<int64_t>> target(const Shape& shape) {
    const auto dims = shape.dims();
    if (!shape.ranked() || std::count(dims.begin(), dims.end(), Shape::kUnknown) > 1 ||
        std::count(dims.begin(), dims.end(), 0) > 0) {
      return std::nullopt;
    }
    return std::vector<int64_t>(dims.begin(), dims.end());
  }

  bool perAxis(TensorId id) const {
    const Tensor& tensor = editor_.tensor(id);
    return tensor.quant && tensor.quant->axis >= 0;
  }

  void transpose(int i) {
    const Layer& layer = editor_.layer(i);
    const Perm& perm = layer.attrs<TransposeAttrs>().perm;
    const Shape& in = editor_.tensor(layer.inputs[0]).shape;
    if (perm.empty() || isIdentity(perm) || !movesNothing(perm, in) || perAxis(layer.inputs[0]))
      return;
    const auto dims = target(editor_.tensor(layer.outputs[0]).shape);
    if (dims) reshape(i, layer.inputs[0], *dims);
  }

  void view(int i) {
    const Layer& layer = editor_.layer(i);
    const Tensor& out = editor_.tensor(layer.outputs[0]);
    const auto dims = target(out.shape);
    if (!dims || perAxis(layer.inputs[0]) || perAxis(layer.outputs[0])) return;
    TensorId source = layer.inputs[0];
    for (int maker; (maker = editor_.producer(source)) >= 0 && isView(editor_.layer(maker).op);) {
      const TensorId before = editor_.layer(maker).inputs[0];
      if (perAxis(before) || editor_.tensor(before).quant != editor_.tensor(source).quant) break;
      source = before;
    }
    if (editor_.tensor(source).shape == out.shape && editor_.tensor(source).quant == out.quant &&
        editor_.bypass(i, source)) {
      return;
    }
    if (layer.op == OpType::Reshape && layer.inputs[0] == source &&
        constantInts(editor_.graph(), layer.inputs[1]) == dims) {
      return;
    }
    reshape(i, source, *dims);
  }

  void reshape(int i, TensorId source, const std::vector<int64_t>& dims) {
    const TensorId shape = editor_.addConstant<int64_t>(editor_.layer(i).name + "_shape",
                                                        {static_cast<int64_t>(dims.size())}, dims);
    editor_.become(i, OpType::Reshape, NoAttrs{}, {source, shape});
  }

  GraphEditor& editor_;
};

}  // namespace

void simplify(GraphEditor& editor) {
  Simplifier simplifier(editor);
  for (int i = 0; i < editor.layerCount(); ++i) {
    if (editor.alive(i)) simplifier.run(i);
  }
}

}  // namespace qrt
