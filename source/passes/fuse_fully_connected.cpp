// MatMul of a matrix and constant weights [I,O] → FullyConnected with weights [O,I].
#include <map>

#include "passes/passes.h"
#include "passes/permutation.h"

namespace qrt {

void fuseFullyConnected(GraphEditor& editor) {
  std::map<TensorId, TensorId> transposed;  // shared weights stay shared
  for (int i = 0; i < editor.layerCount(); ++i) {
    if (!editor.alive(i) || editor.layer(i).op != OpType::MatMul) continue;
    const std::vector<TensorId> inputs = editor.layer(i).inputs;
    const Tensor* weights = editor.graph().constant(inputs[1]);
    if (weights == nullptr || weights->dtype != DType::f32 || weights->shape.rank() != 2 ||
        editor.tensor(inputs[0]).shape.rank() != 2) {
      continue;
    }
    const auto [found, added] = transposed.try_emplace(inputs[1], kNoTensor);
    if (added) {
      const Perm swap = {1, 0};
      Tensor moved = *weights;
      moved.constant = permutedBytes(weights->constant->bytes, sizeof(float), weights->shape, swap);
      moved.shape = permuted(weights->shape, swap);
      found->second = editor.addTensor(std::move(moved));
    }
    editor.become(i, OpType::FullyConnected, FullyConnectedAttrs{}, {inputs[0], found->second});
  }
}

}  // namespace qrt
