#include "backends/plugin/graph_view.h"

#include <algorithm>

namespace qrt {

GraphView::GraphView(const Graph& graph, std::span<const int> layers, std::span<const TensorId> inputs,
                     std::span<const TensorId> outputs) {
  for (const int index : layers) addLayer(graph, graph.layers[static_cast<size_t>(index)]);
  addBorder(graph, inputs, inputs_, inputArguments_);
  addBorder(graph, outputs, outputs_, outputArguments_);
  for (const TensorStore& stored : tensors_) tensorPointers_.push_back(&stored.tensor);
  for (const LayerStore& stored : layers_) layerPointers_.push_back(&stored.layer);
  view_ = {sizeof(QrtGraph), tensorPointers_.size(), tensorPointers_.data(), layerPointers_.size(),
           layerPointers_.data(), inputs_.size(), inputs_.data(), outputs_.size(), outputs_.data()};
}

int32_t GraphView::indexOf(const Graph& graph, TensorId id) {
  if (id == kNoTensor) return -1;
  const auto [at, added] = indices_.try_emplace(id, static_cast<int32_t>(tensors_.size()));
  if (added) addTensor(graph.tensor(id));
  return at->second;
}

void GraphView::addTensor(const Tensor& source) {
  TensorStore& stored = tensors_.emplace_back();
  const Tensor& tensor = stored.source = source;
  if (tensor.quant) {
    stored.quantization = {sizeof(QrtQuantization), tensor.quant->axis, tensor.quant->scales.size(),
                           tensor.quant->scales.data(), tensor.quant->zeroPoints.data()};
  }
  const void* constant = nullptr;
  if (tensor.isConstant()) {
    static const std::byte nothing{};  // an empty constant is one all the same
    constant = tensor.constant->bytes.empty() ? &nothing : tensor.constant->bytes.data();
    owners_.push_back(tensor.constant->owner);
  }
  const std::span<const int64_t> dims = tensor.shape.dims();
  stored.tensor = {sizeof(QrtTensor), static_cast<uint32_t>(tensor.dtype), tensor.name.c_str(), dims.size(),
                   dims.data(), tensor.quant ? &stored.quantization : nullptr,
                   static_cast<uint64_t>(tensor.shape.elements()) * dtypeSize(tensor.dtype), constant};
}

void GraphView::addLayer(const Graph& graph, const Layer& layer) {
  LayerStore& stored = layers_.emplace_back();
  stored.name = layer.name;
  stored.op = opName(layer.op);
  stored.values = attributeValues(layer.attributes);
  for (const AttributeValue& value : stored.values) {
    stored.attributes.push_back({sizeof(QrtAttribute), value.name.c_str(), value.ints.size(), value.ints.data(),
                                 value.floats.size(), value.floats.data(), value.text.c_str()});
  }
  for (const QrtAttribute& attribute : stored.attributes) stored.pointers.push_back(&attribute);
  for (const TensorId id : layer.inputs) stored.inputs.push_back(indexOf(graph, id));
  for (const TensorId id : layer.outputs) stored.outputs.push_back(indexOf(graph, id));
  stored.layer = {sizeof(QrtLayer), stored.name.c_str(), stored.op.c_str(), stored.pointers.size(),
                  stored.pointers.data(), stored.inputs.size(), stored.inputs.data(), stored.outputs.size(),
                  stored.outputs.data()};
}

void GraphView::addBorder(const Graph& graph, std::span<const TensorId> ids, std::vector<int32_t>& indices,
                          std::vector<size_t>& arguments) {
  for (size_t i = 0; i < ids.size(); ++i) {
    if (ids[i] == kNoTensor || graph.constant(ids[i]) != nullptr) continue;
    const int32_t index = indexOf(graph, ids[i]);
    if (std::find(indices.begin(), indices.end(), index) != indices.end()) continue;
    indices.push_back(index);
    arguments.push_back(i);
  }
}

}  // namespace qrt
