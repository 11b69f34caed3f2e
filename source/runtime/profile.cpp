#include "runtime/profile.h"

#include <set>

namespace qrt {
namespace {

// Inputs, weights and outputs, each once.
int64_t layerBytes(const Graph& graph, const Layer& layer) {
  std::set<TensorId> ids(layer.inputs.begin(), layer.inputs.end());
  ids.insert(layer.outputs.begin(), layer.outputs.end());
  int64_t bytes = 0;
  for (const TensorId id : ids) {
    if (id != kNoTensor) bytes += static_cast<int64_t>(tensorBytes(graph.tensor(id)));
  }
  return bytes;
}

}  // namespace

Profile makeProfile(const Execution& execution, const Placement& placement, bool perLayer) {
  const Recorder& recorder = execution.recorder();
  const Recorder::Times whole = recorder.run();
  Profile profile{recorder.runs(), whole.medianMs, whole.minMs, {}, {}};
  if (!perLayer) return profile;
  std::vector<int> order;  // steps may run in another order than the graph lists its layers in
  for (const Step& step : execution.steps()) {
    order.insert(order.end(), step.partition.layers.begin(), step.partition.layers.end());
  }
  int lastPartition = -1;
  size_t inPartition = 0;
  for (size_t i = 0; i < placement.layers.size(); ++i) {
    const LayerPlacement& placed = placement.layers[i];
    if (placed.actual.empty()) break;  // pins on layers that do not run come last
    const Layer& layer = execution.graph().layers[static_cast<size_t>(order[i])];
    // What one backend runs in one go has one time, which stands at its first layer.
    Recorder::Times times;
    inPartition = placed.partition == lastPartition ? inPartition + 1 : 0;
    if (inPartition == 0) times = recorder.step(static_cast<size_t>(placed.partition));
    lastPartition = placed.partition;
    profile.layers.push_back({placed.layer, placed.op, placed.actual, placed.kernel,
                              layerMacs(execution.graph(), layer),
                              layerBytes(execution.graph(), layer), times.medianMs, times.minMs,
                              execution.deviceMs(static_cast<size_t>(placed.partition), inPartition), placed.reason});
  }
  return profile;
}

void timeTransfers(const Execution& execution, Placement& placement) {
  for (Transfer& transfer : placement.transfers) {
    for (const LayerPlacement& layer : placement.layers) {
      if (layer.layer != transfer.layer || layer.partition < 0) continue;
      const auto step = static_cast<size_t>(layer.partition);
      const bool alone = execution.steps()[step].partition.layers.size() == 1;
      if (alone) transfer.ms = execution.recorder().step(step).medianMs;
    }
  }
}

}  // namespace qrt
