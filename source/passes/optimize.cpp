// The passes in order, repeated until nothing changes.
#include "base/error.h"
#include "passes/passes.h"

namespace qrt {
namespace {

constexpr int kMostRounds = 10;  // two or three are usual; only hand-made graphs come near

Status rounds(GraphEditor& editor, FoldBudget& budget) {
  const auto run = [&](void (*pass)(GraphEditor&)) {
    pass(editor);
    editor.sort();
  };
  for (int round = 0; round < kMostRounds; ++round) {
    const int64_t before = editor.edits();
    QRT_RETURN_IF_ERROR(foldConstants(editor, budget));
    editor.sort();
    run(simplify);
    run(recognizeHardSwish);  // before the activations in it are fused away
    run(fuseFullyConnected);  // before optimizeLayout(), which can permute its weights
    run(optimizeLayout);
    run(foldBatchNorm);
    run(sinkViews);
    run(foldAffine);
    run(fuseResidual);
    run(fuseActivation);
    // Float layers of a file that has none of their weights as integers are meant to be float.
    if (budget.quantized == Quantized::keep) run(lowerQuantized);
    run(removeDeadLayers);
    if (editor.edits() == before && round > 0) break;
  }
  return {};
}

bool hasQuantizedWeights(const GraphEditor& editor) {
  for (int i = 0; i < editor.layerCount(); ++i) {
    const Layer& layer = editor.layer(i);
    if (layer.op == OpType::Dequantize && editor.tensor(layer.inputs[0]).isConstant()) return true;
  }
  return false;
}

}  // namespace

Status optimize(Graph& graph, Quantized quantized) {
  GraphEditor editor(graph);
  FoldBudget budget = FoldBudget::of(graph);
  if (quantized == Quantized::keep || hasQuantizedWeights(editor)) {
    QRT_RETURN_IF_ERROR(rounds(editor, budget));
  }
  if (quantized == Quantized::fold) {
    budget.quantized = Quantized::fold;
    QRT_RETURN_IF_ERROR(rounds(editor, budget));
  }
  graph.compact();
  return {};
}

}  // namespace qrt
