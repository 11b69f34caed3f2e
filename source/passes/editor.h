// Editing a graph in near-linear time: who makes and who reads each tensor, and which names are
// taken, is kept up to date through every edit instead of being searched for.
#pragma once

#include <string>
#include <unordered_set>
#include <vector>

#include "graph/graph.h"

namespace qrt {

/// While an editor is at work, layers keep their index: removed ones stay as holes and new ones are
/// appended out of order; sort() makes the graph whole again. References to tensors and layers end
/// when one is added.
class GraphEditor {
 public:
  explicit GraphEditor(Graph& graph);

  Graph& graph() { return graph_; }
  const Graph& graph() const { return graph_; }
  Tensor& tensor(TensorId id) { return graph_.tensor(id); }
  const Tensor& tensor(TensorId id) const { return graph_.tensor(id); }
  Layer& layer(int i) { return graph_.layers[static_cast<size_t>(i)]; }
  const Layer& layer(int i) const { return graph_.layers[static_cast<size_t>(i)]; }
  /// Layers, holes and new ones included.
  int layerCount() const { return static_cast<int>(graph_.layers.size()); }
  /// False for a layer that was removed.
  bool alive(int layer) const { return alive_[static_cast<size_t>(layer)]; }

  /// The layer that makes a tensor; −1 for inputs and constants.
  int producer(TensorId id) const {
    return id == kNoTensor ? -1 : producers_[static_cast<size_t>(id)];
  }
  /// The layer that makes a tensor if its op is `op`, else −1.
  int producer(TensorId id, OpType op) const {
    const int found = producer(id);
    return found >= 0 && layer(found).op == op ? found : -1;
  }
  /// The layers that read a tensor, one entry for each reading input.
  const std::vector<int>& readers(TensorId id) const { return readers_[static_cast<size_t>(id)]; }
  bool isOutput(TensorId id) const { return outputs_.count(id) != 0; }
  /// True if exactly one layer input reads the tensor, and the graph's outputs do not.
  bool hasOneReader(TensorId id) const { return readers(id).size() == 1 && !isOutput(id); }

  void setInput(int layer, size_t slot, TensorId id);
  void setOutput(int layer, size_t slot, TensorId id);
  /// Replaces all inputs.
  void setInputs(int layer, std::vector<TensorId> ids);
  /// Makes the layer another op with the same outputs.
  void become(int layer, OpType op, Attributes attributes, std::vector<TensorId> inputs);
  /// To be called when attributes were changed in place.
  void touch() { ++edits_; }
  /// Makes every layer that reads `from` read `to`; graph outputs stay.
  void replaceReaders(TensorId from, TensorId to);
  /// Makes `layer` unnecessary, whose first output has the value of tensor `source`: readers read
  /// `source`; if the output is one of the graph's, the maker of `source` takes over its name.
  /// False, and nothing is changed, if that cannot be (a graph input or constant that is an
  /// output; another dtype or quantization).
  bool bypass(int layer, TensorId source);
  void remove(int layer);

  /// Appends a layer that will run where `near` does, or just before if `near` needs it. Its name
  /// gets a suffix if it is taken. Shapes of its outputs are the caller's business.
  int addLayer(Layer layer, int near);
  /// Adds a tensor; its name gets a suffix if it is taken.
  TensorId addTensor(Tensor tensor);
  TensorId addConstant(std::string wanted, DType dtype, const Shape& shape,
                       std::span<const std::byte> bytes);
  template <class T>
  TensorId addConstant(std::string wanted, const Shape& shape, std::span<const T> values) {
    return addConstant(std::move(wanted), dtypeOf<T>, shape, std::as_bytes(values));
  }

  /// Puts the layers in execution order, as near to the old order as may be, and drops the holes.
  void sort();
  /// Grows with every edit.
  int64_t edits() const { return edits_; }

 private:
  void index();
  void unread(TensorId id, int layer);

  Graph& graph_;
  std::vector<int> producers_;             ///< by tensor
  std::vector<std::vector<int>> readers_;  ///< by tensor
  std::vector<bool> alive_;                ///< by layer
  std::vector<int> position_;              ///< by layer: where in the order it belongs
  std::unordered_set<TensorId> outputs_;
  int64_t edits_ = 0;
};

}  // namespace qrt
