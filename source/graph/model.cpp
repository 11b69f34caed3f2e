#include "qrt/model.h"

#include "graph/model_data.h"

namespace qrt {

Model makeModel(Graph graph) {
  auto data = std::make_shared<Model::Data>();
  data->graph = std::move(graph);
  return Model(std::move(data));
}

}  // namespace qrt
