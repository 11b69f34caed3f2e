// What a Model is inside. Made by format/ and import/, read by runtime/.
#pragma once

#include <memory>

#include "base/weight_cache.h"
#include "graph/graph.h"
#include "qrt/model.h"

namespace qrt {

struct Model::Data {
  Graph graph;  ///< validated, shapes inferred as far as known
  std::shared_ptr<WeightCache> weights = std::make_shared<WeightCache>();
};

/// Wraps a graph that validate() and inferShapes() accepted.
Model makeModel(Graph graph);

/// What Model and Session say of a tensor.
TensorInfo describeTensor(const Tensor& tensor);
/// The same of a layer.
LayerInfo describeLayer(const Graph& graph, const Layer& layer);

}  // namespace qrt
