// Reshape → activation becomes activation → Reshape, and the same for arithmetic with a constant,
// so that it meets the layer which made the data and the next reshape: a 1-D convolution is a 2-D
// one between two reshapes.
#include "passes/passes.h"

namespace qrt {
namespace {

bool isUnary(OpType op) {
  switch (op) {
    case OpType::Clip:
    case OpType::Elu:
    case OpType::HardSigmoid:
    case OpType::HardSwish:
    case OpType::LeakyRelu:
    case OpType::Relu:
    case OpType::Sigmoid:
    case OpType::Tanh:
      return true;
    default:
      return false;
  }
}

bool isBinary(OpType op) {
  return op == OpType::Add || op == OpType::Sub || op == OpType::Mul || op == OpType::Div;
}

// The shape of a constant that broadcasts to `from` as one of shape `constant` does to `to`, where
// the two differ in dims of 1 only; nullopt if it is not so simple.
std::optional<Shape> shapeBefore(const Shape& from, const Shape& to, const Shape& constant) {
  if (constant.rank() > to.rank()) return std::nullopt;
  Shape result = Shape::filled(from.rank(), 1);
  int i = 0;
  for (int j = 0; j < to.rank(); ++j) {
    const int at = j - (to.rank() - constant.rank());
    const int64_t dim = at < 0 ? 1 : constant[at];
    if (to[j] == 1) {
      if (dim != 1) return std::nullopt;
      continue;
    }
    while (i < from.rank() && from[i] == 1) ++i;
    if (i == from.rank() || from[i] != to[j] || (dim != 1 && dim != to[j])) return std::nullopt;
    result[i++] = dim;
  }
  return result;
}

class Sinker {
 public:
  explicit Sinker(GraphEditor& editor) : editor_(editor) {}

  // One step; false if there is none.
  bool sink(int view) {
    const Layer& reshape = editor_.layer(view);
    const TensorId out = reshape.outputs[0];
    const TensorId in = reshape.inputs[0];
    if (!editor_.hasOneReader(out) || editor_.tensor(in).quant || editor_.tensor(out).quant)
      return false;
    const int reader = editor_.readers(out)[0];
    const Layer& layer = editor_.layer(reader);
    if (isBinary(layer.op)) {
      const size_t slot = layer.inputs[0] == out ? 1 : 0;
      if (!reshapeConstant(reader, slot, editor_.tensor(in).shape, editor_.tensor(out).shape))
        return false;
    } else if (!isUnary(layer.op)) {
      return false;
    }
    swap(view, reader);
    return true;
  }

 private:
  bool reshapeConstant(int layer, size_t slot, const Shape& from, const Shape& to) {
    const TensorId id = editor_.layer(layer).inputs[slot];
    const Tensor* constant = editor_.graph().constant(id);
    const Shape& result = editor_.tensor(editor_.layer(layer).outputs[0]).shape;
    if (constant == nullptr || constant->quant || !from.known() || !to.known() || result != to)
      return false;
    const auto shape =
        constant->shape.elementCount() == 1 ? Shape() : shapeBefore(from, to, constant->shape);
    if (!shape) return false;
    Tensor moved = *constant;
    moved.shape = *shape;
    editor_.setInput(layer, slot, editor_.addTensor(std::move(moved)));
    return true;
  }

  // in → view → out → layer → result  becomes  in → layer → fresh → view → result
  void swap(int view, int layer) {
    const TensorId in = editor_.layer(view).inputs[0];
    const TensorId out = editor_.layer(view).outputs[0];
    const TensorId result = editor_.layer(layer).outputs[0];
    Tensor fresh = editor_.tensor(result);
    fresh.shape = editor_.tensor(in).shape;
    const TensorId before = editor_.addTensor(std::move(fresh));
    editor_.replaceReaders(out, in);
    editor_.setOutput(layer, 0, before);
    editor_.setInput(view, 0, before);
    editor_.setOutput(view, 0, result);
  }

  GraphEditor& editor_;
};

}  // namespace

void sinkViews(GraphEditor& editor) {
  Sinker sinker(editor);
  for (int i = 0; i < editor.layerCount(); ++i) {
    if (editor.alive(i) && editor.layer(i).op == OpType::Reshape) {
      while (sinker.sink(i)) {
      }
    }
  }
}

}  // namespace qrt
