// Add(Conv(x), y) → Conv with y as its residual input.
#include <algorithm>

#include "passes/matching.h"
#include "passes/passes.h"

namespace qrt {
namespace {

bool canTakeResidual(const GraphEditor& editor, int conv, TensorId sum) {
  if (conv < 0) return false;
  const Layer& layer = editor.layer(conv);
  const Tensor& out = editor.tensor(layer.outputs[0]);
  return layer.input(3) == kNoTensor && !hasActivation(layer) &&
         editor.hasOneReader(layer.outputs[0]) && out.dtype == DType::f32 && out.shape.known() &&
         out.shape == editor.tensor(sum).shape;
}

}  // namespace

void fuseResidual(GraphEditor& editor) {
  for (int i = 0; i < editor.layerCount(); ++i) {
    if (!editor.alive(i) || editor.layer(i).op != OpType::Add) continue;
    const Layer& add = editor.layer(i);
    const TensorId sum = add.outputs[0];
    // Of two convolutions the later one, so that the other's result is there. The conv's result has
    // no other reader, so the other operand cannot depend on it, and sort() can put it first.
    int conv = -1;
    size_t slot = 0;
    for (const size_t s : {0, 1}) {
      const int maker = editor.producer(add.inputs[s], OpType::Conv);
      const TensorId other = add.inputs[1 - s];
      if (maker <= conv || !canTakeResidual(editor, maker, sum) ||
          editor.tensor(other).shape != editor.tensor(sum).shape) {
        continue;
      }
      conv = maker;
      slot = s;
    }
    if (conv < 0) continue;
    const TensorId residual = add.inputs[1 - slot];
    editor.layer(conv).attrs<ConvAttrs>().activation = add.attrs<BinaryAttrs>().activation;
    editor.remove(i);
    editor.setInput(conv, 3, residual);
    editor.setOutput(conv, 0, sum);
  }
}

}  // namespace qrt
