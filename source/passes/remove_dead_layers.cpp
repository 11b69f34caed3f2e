// Layers that no graph output needs.
#include "passes/passes.h"

namespace qrt {

void removeDeadLayers(GraphEditor& editor) {
  std::vector<int> needed;
  std::vector<bool> seen(static_cast<size_t>(editor.layerCount()));
  const auto need = [&](TensorId id) {
    const int maker = editor.producer(id);
    if (maker < 0 || seen[static_cast<size_t>(maker)]) return;
    seen[static_cast<size_t>(maker)] = true;
    needed.push_back(maker);
  };
  for (const TensorId id : editor.graph().outputs) need(id);
  while (!needed.empty()) {
    const int i = needed.back();
    needed.pop_back();
    for (const TensorId id : editor.layer(i).inputs) need(id);
  }
  for (int i = 0; i < editor.layerCount(); ++i) {
    if (editor.alive(i) && !seen[static_cast<size_t>(i)]) editor.remove(i);
  }
}

}  // namespace qrt
