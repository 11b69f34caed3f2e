#include "passes/editor.h"

#include <algorithm>
#include <numeric>

#include "base/error.h"

namespace qrt {

GraphEditor::GraphEditor(Graph& graph)
    : graph_(graph), outputs_(graph.outputs.begin(), graph.outputs.end()) {
  index();
}

void GraphEditor::index() {
  producers_.assign(graph_.tensors.size(), -1);
  readers_.assign(graph_.tensors.size(), {});
  alive_.assign(graph_.layers.size(), true);
  position_.resize(graph_.layers.size());
  std::iota(position_.begin(), position_.end(), 0);
  for (int i = 0; i < layerCount(); ++i) {
    for (const TensorId id : layer(i).outputs) {
      if (id != kNoTensor) producers_[static_cast<size_t>(id)] = i;
    }
    for (const TensorId id : layer(i).inputs) {
      if (id != kNoTensor) readers_[static_cast<size_t>(id)].push_back(i);
    }
  }
}

void GraphEditor::unread(TensorId id, int layer) {
  if (id == kNoTensor) return;
  std::vector<int>& list = readers_[static_cast<size_t>(id)];
  list.erase(std::find(list.begin(), list.end(), layer));
}

void GraphEditor::setInput(int layer, size_t slot, TensorId id) {
  std::vector<TensorId>& inputs = this->layer(layer).inputs;
  if (slot >= inputs.size()) inputs.resize(slot + 1, kNoTensor);
  if (inputs[slot] == id) return;
  unread(inputs[slot], layer);
  inputs[slot] = id;
  if (id != kNoTensor) readers_[static_cast<size_t>(id)].push_back(layer);
  ++edits_;
}

void GraphEditor::setOutput(int layer, size_t slot, TensorId id) {
  TensorId& output = this->layer(layer).outputs[slot];
  if (output == id) return;
  if (producer(output) == layer) producers_[static_cast<size_t>(output)] = -1;
  output = id;
  if (id != kNoTensor) producers_[static_cast<size_t>(id)] = layer;
  ++edits_;
}

void GraphEditor::setInputs(int layer, std::vector<TensorId> ids) {
  for (const TensorId id : this->layer(layer).inputs) unread(id, layer);
  for (const TensorId id : ids) {
    if (id != kNoTensor) readers_[static_cast<size_t>(id)].push_back(layer);
  }
  this->layer(layer).inputs = std::move(ids);
  ++edits_;
}

void GraphEditor::become(int layer, OpType op, Attributes attributes,
                         std::vector<TensorId> inputs) {
  setInputs(layer, std::move(inputs));
  this->layer(layer).op = op;
  this->layer(layer).attributes = std::move(attributes);
}

void GraphEditor::replaceReaders(TensorId from, TensorId to) {
  if (from == to) return;
  std::vector<int> moved = std::move(readers_[static_cast<size_t>(from)]);
  readers_[static_cast<size_t>(from)].clear();
  for (const int reader : moved) {
    std::replace(layer(reader).inputs.begin(), layer(reader).inputs.end(), from, to);
  }
  std::vector<int>& list = readers_[static_cast<size_t>(to)];
  list.insert(list.end(), moved.begin(), moved.end());
  ++edits_;
}

bool GraphEditor::bypass(int layer, TensorId source) {
  const TensorId output = this->layer(layer).outputs[0];
  if (tensor(output).dtype != tensor(source).dtype || tensor(output).quant != tensor(source).quant)
    return false;
  if (!isOutput(output)) {
    remove(layer);
    replaceReaders(output, source);
    return true;
  }
  const int maker = producer(source);
  if (maker < 0 || isOutput(source)) return false;
  remove(layer);
  std::vector<TensorId>& made = this->layer(maker).outputs;
  const auto slot = std::find(made.begin(), made.end(), source) - made.begin();
  tensor(output).shape = tensor(source).shape;
  setOutput(maker, static_cast<size_t>(slot), output);
  replaceReaders(source, output);
  return true;
}

void GraphEditor::remove(int layer) {
  for (const TensorId id : this->layer(layer).inputs) unread(id, layer);
  for (const TensorId id : this->layer(layer).outputs) {
    if (producer(id) == layer) producers_[static_cast<size_t>(id)] = -1;
  }
  alive_[static_cast<size_t>(layer)] = false;
  ++edits_;
}

int GraphEditor::addLayer(Layer added, int near) {
  added.name = graph_.uniqueLayerName(added.name);
  const int i = layerCount();
  for (const TensorId id : added.outputs) {
    if (id != kNoTensor) producers_[static_cast<size_t>(id)] = i;
  }
  for (const TensorId id : added.inputs) {
    if (id != kNoTensor) readers_[static_cast<size_t>(id)].push_back(i);
  }
  graph_.layers.push_back(std::move(added));
  alive_.push_back(true);
  position_.push_back(near < 0 ? 0 : position_[static_cast<size_t>(near)]);
  ++edits_;
  return i;
}

TensorId GraphEditor::addTensor(Tensor added) {
  producers_.push_back(-1);
  readers_.emplace_back();
  return graph_.addTensor(std::move(added));
}

TensorId GraphEditor::addConstant(std::string wanted, DType dtype, const Shape& shape,
                                  std::span<const std::byte> bytes) {
  return addTensor({std::move(wanted), dtype, shape, {}, ConstantData::copyOf(bytes)});
}

void GraphEditor::sort() {
  std::vector<int> order(graph_.layers.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](int a, int b) {
    return position_[static_cast<size_t>(a)] < position_[static_cast<size_t>(b)];
  });
  // Depth first from each layer in turn, what it needs before it.
  std::vector<Layer> sorted;
  sorted.reserve(graph_.layers.size());
  std::vector<bool> seen(graph_.layers.size());
  std::vector<std::pair<int, size_t>> stack;  // a layer, and how many of its inputs were looked at
  for (const int root : order) {
    if (!alive(root) || seen[static_cast<size_t>(root)]) continue;
    seen[static_cast<size_t>(root)] = true;
    stack.emplace_back(root, 0);
    while (!stack.empty()) {
      auto& [current, next] = stack.back();
      if (next == layer(current).inputs.size()) {
        sorted.push_back(std::move(layer(current)));
        stack.pop_back();
        continue;
      }
      const int needed = producer(layer(current).inputs[next++]);
      if (needed >= 0 && !seen[static_cast<size_t>(needed)]) {
        seen[static_cast<size_t>(needed)] = true;
        stack.emplace_back(needed, 0);
      }
    }
  }
  graph_.layers = std::move(sorted);
  index();
}

}  // namespace qrt
