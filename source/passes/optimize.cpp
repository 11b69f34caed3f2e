// The passes in order, repeated until nothing changes.
#include "base/error.h"
#include "passes/passes.h"

namespace qrt {
namespace {

constexpr int kMostRounds = 10;  // two or three are usual; only hand-made graphs come near

}  // namespace

Status optimize(Graph& graph, Quantized quantized) {
  GraphEditor editor(graph);
  FoldBudget budget = FoldBudget::of(graph);
  budget.quantized = quantized;
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
    run(removeDeadLayers);
    if (editor.edits() == before && round > 0) break;
  }
  graph.compact();
  return {};
}

}  // namespace qrt
