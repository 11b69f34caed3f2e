#include "quantize/layer_runner.h"

#include <algorithm>

#include "base/error.h"
#include "graph/model_data.h"

namespace qrt {

Result<LayerRunner> LayerRunner::create(const Graph& graph, size_t layer, int threads) {
  LayerRunner result;
  Graph one;
  Layer copy = graph.layers[layer];
  std::vector<TensorId> ids;  // in `one`, of result.inputs_
  for (TensorId& id : copy.inputs) {
    if (id == kNoTensor) continue;
    const auto known = std::find(result.inputs_.begin(), result.inputs_.end(), id);
    if (known != result.inputs_.end()) {
      id = ids[static_cast<size_t>(known - result.inputs_.begin())];
      continue;
    }
    const TensorId added = one.addTensor(graph.tensor(id));
    if (!graph.tensor(id).isConstant()) {
      result.inputs_.push_back(id);
      ids.push_back(added);
    }
    id = added;
  }
  one.inputs = ids;
  for (TensorId& id : copy.outputs) {
    if (id == kNoTensor) continue;
    id = one.addTensor(graph.tensor(id));
    one.outputs.push_back(id);
  }
  one.layers.push_back(std::move(copy));
  QRT_ASSIGN_OR_RETURN(result.runner_, GraphRunner::create(makeModel(std::move(one)), {}, threads));
  return result;
}

Status LayerRunner::run() {
  return runner_->run([](const std::string&, const ConstTensorView&) { return Status(); });
}

}  // namespace qrt
