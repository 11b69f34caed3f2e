#include "graph/graph.h"

#include <algorithm>
#include <cstring>

#include "base/aligned_buffer.h"
#include "base/error.h"
#include "graph/op.h"
#include "graph/quantized.h"

namespace qrt {
void NameIndex::clear() {
  seen_ = 0;
  nextSuffix_.clear();
}

template <class Named>
std::string NameIndex::unique(std::string_view wanted, const std::vector<Named>& named) {
  if (named.size() < seen_) clear();
  for (; seen_ < named.size(); ++seen_) nextSuffix_.try_emplace(named[seen_].name, 1);
  std::string name(wanted);
  if (!name.empty() && nextSuffix_.try_emplace(name, 1).second) return name;
  int& suffix = nextSuffix_.try_emplace(name, 1).first->second;
  do {
    name = concat(wanted, '_', suffix++);
  } while (nextSuffix_.count(name) > 0);
  nextSuffix_.emplace(name, 1);
  return name;
}

ConstantData ConstantData::copyOf(std::span<const std::byte> bytes) {
  auto buffer = AlignedBuffer::shared(bytes.size());  // not null: that would be an absent input
  const std::span<const std::byte> copy(buffer->data(), bytes.size());
  if (!copy.empty()) std::memcpy(buffer->data(), bytes.data(), copy.size());
  return {std::move(buffer), copy};
}

TensorId Graph::addTensor(Tensor added) {
  added.name = tensorNames_.unique(added.name, tensors);
  tensors.push_back(std::move(added));
  return static_cast<TensorId>(tensors.size() - 1);
}

TensorId Graph::addConstant(std::string wanted, DType dtype, const Shape& shape,
                            std::span<const std::byte> bytes) {
  return addTensor({std::move(wanted), dtype, shape, {}, ConstantData::copyOf(bytes)});
}

std::string Graph::uniqueLayerName(std::string_view wanted) {
  return layerNames_.unique(wanted, layers);
}

std::vector<int> Graph::producers() const {
  std::vector<int> result(tensors.size(), -1);
  for (size_t i = 0; i < layers.size(); ++i) {
    for (const TensorId id : layers[i].outputs) {
      if (id != kNoTensor) result[static_cast<size_t>(id)] = static_cast<int>(i);
    }
  }
  return result;
}

std::vector<std::vector<int>> Graph::consumers() const {
  std::vector<std::vector<int>> result(tensors.size());
  for (size_t i = 0; i < layers.size(); ++i) {
    for (const TensorId id : layers[i].inputs) {
      if (id == kNoTensor) continue;
      std::vector<int>& readers = result[static_cast<size_t>(id)];
      if (readers.empty() || readers.back() != static_cast<int>(i)) {
        readers.push_back(static_cast<int>(i));
      }
    }
  }
  return result;
}

bool Graph::isOutput(TensorId id) const {
  return std::find(outputs.begin(), outputs.end(), id) != outputs.end();
}

void Graph::replaceUses(TensorId from, TensorId to) {
  for (Layer& layer : layers) std::replace(layer.inputs.begin(), layer.inputs.end(), from, to);
  std::replace(outputs.begin(), outputs.end(), from, to);
}

void Graph::compact() {
  std::vector<TensorId> newId(tensors.size(), kNoTensor);
  std::vector<Tensor> kept;
  const auto visit = [&](std::vector<TensorId>& ids) {
    for (TensorId& id : ids) {
      if (id == kNoTensor) continue;
      TensorId& target = newId[static_cast<size_t>(id)];
      if (target == kNoTensor) {
        target = static_cast<TensorId>(kept.size());
        kept.push_back(std::move(tensors[static_cast<size_t>(id)]));
      }
      id = target;
    }
  };
  visit(inputs);
  for (Layer& layer : layers) {
    visit(layer.inputs);
    visit(layer.outputs);
  }
  visit(outputs);
  tensors = std::move(kept);
  tensorNames_.clear();
}

std::optional<std::vector<int64_t>> constantInts(const Graph& graph, TensorId id) {
  const Tensor* tensor = graph.constant(id);
  if (tensor == nullptr) return std::nullopt;
  const ConstTensorView view = tensor->constantView();
  if (const auto values = view.as<int64_t>(); values.ok()) {
    return std::vector<int64_t>(values->begin(), values->end());
  }
  if (const auto values = view.as<int32_t>(); values.ok()) {
    return std::vector<int64_t>(values->begin(), values->end());
  }
  return std::nullopt;
}

Status inferShapes(Graph& graph) {
  for (Layer& layer : graph.layers) {
    InferContext ctx(graph, layer);
    Status status = checkInt8(graph, layer);
    if (status.ok()) status = opDef(layer.op).infer(ctx);
    for (const TensorId id : layer.outputs) {
      if (status.ok() && id != kNoTensor) status = checkTensor(graph.tensor(id));
    }
    if (!status.ok()) return annotate(status, "layer '", layer.name, "' (", opName(layer.op), ")");
  }
  return {};
}

int64_t layerMacs(const Graph& graph, const Layer& layer) {
  const auto known = [&](TensorId id) { return id == kNoTensor || graph.tensor(id).shape.known(); };
  const OpDef& def = opDef(layer.op);
  if (def.macs == nullptr || !std::all_of(layer.inputs.begin(), layer.inputs.end(), known) ||
      !std::all_of(layer.outputs.begin(), layer.outputs.end(), known)) {
    return 0;
  }
  return def.macs(graph, layer);
}

}  // namespace qrt
