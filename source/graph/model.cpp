// Model: what it tells of the graph inside. Loading and saving are in format/model_file.cpp.
#include "qrt/model.h"

#include <algorithm>

#include "graph/attribute_io.h"
#include "graph/model_data.h"

namespace qrt {
namespace {

std::vector<TensorInfo> describe(const Graph& graph, const std::vector<TensorId>& ids) {
  std::vector<TensorInfo> infos;
  for (const TensorId id : ids) infos.push_back(describeTensor(graph.tensor(id)));
  return infos;
}

}  // namespace

Model makeModel(Graph graph) {
  auto data = std::make_shared<Model::Data>();
  data->graph = std::move(graph);
  return Model(std::move(data));
}

TensorInfo describeTensor(const Tensor& tensor) {
  return {tensor.name, tensor.dtype, tensor.shape, tensor.quant, tensor.isConstant()};
}

LayerInfo describeLayer(const Graph& graph, const Layer& layer) {
  const auto names = [&](const std::vector<TensorId>& ids) {
    std::vector<std::string> result;
    for (const TensorId id : ids) result.push_back(id == kNoTensor ? "" : graph.tensor(id).name);
    return result;
  };
  return {layer.name,
          std::string(opName(layer.op)),
          names(layer.inputs),
          names(layer.outputs),
          attributesText(layer.op, layer.attributes),
          layerMacs(graph, layer)};
}

const std::string& Model::name() const { return data_->graph.name; }

std::vector<TensorInfo> Model::inputs() const {
  return describe(data_->graph, data_->graph.inputs);
}

std::vector<TensorInfo> Model::outputs() const {
  return describe(data_->graph, data_->graph.outputs);
}

std::vector<LayerInfo> Model::layers() const {
  std::vector<LayerInfo> infos;
  for (const Layer& layer : data_->graph.layers)
    infos.push_back(describeLayer(data_->graph, layer));
  return infos;
}

std::optional<TensorInfo> Model::tensor(std::string_view name) const {
  const std::vector<Tensor>& tensors = data_->graph.tensors;
  const auto found = std::find_if(tensors.begin(), tensors.end(),
                                  [&](const Tensor& tensor) { return tensor.name == name; });
  if (found == tensors.end()) return std::nullopt;
  return describeTensor(*found);
}

size_t Model::constantBytes() const {
  size_t bytes = 0;
  for (const Tensor& tensor : data_->graph.tensors) {
    if (tensor.isConstant()) bytes += tensor.constant->bytes.size();
  }
  return bytes;
}

const std::map<std::string, std::string>& Model::metadata() const { return data_->graph.metadata; }

Model Model::withMetadata(const std::string& key, std::string value) const {
  auto copy = std::make_shared<Data>(*data_);
  if (value.empty()) {
    copy->graph.metadata.erase(key);
  } else {
    copy->graph.metadata[key] = std::move(value);
  }
  return Model(std::move(copy));
}

}  // namespace qrt
