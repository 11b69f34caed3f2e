// The graph under construction: names, values by ONNX name, and layers whose shapes are inferred
// and whose small constants are folded as they are added, so that translators know ranks and
// parameters.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "graph/graph.h"
#include "import/onnx/op_list.h"

namespace qrt::onnx_import {

/// Which layers over constants become constants at once.
enum class Fold {
  never,
  small,   ///< parameters such as shapes: everything up to kSmallElements
  always,  ///< weights that are brought into our layout
};
inline constexpr int64_t kSmallElements = 4096;

class Builder {
 public:
  explicit Builder(Graph& graph) : graph_(graph) {}

  Graph& graph() { return graph_; }
  const Graph& graph() const { return graph_; }

  /// Keeps a name for the ONNX value of that name.
  void reserveTensorName(const std::string& name) { tensorNames_.taken.insert(name); }
  /// Counts a reader of the ONNX value of that name.
  void addReader(const std::string& value) { ++readers_[value]; }
  int readers(const std::string& value) const {
    const auto found = readers_.find(value);
    return found == readers_.end() ? 0 : found->second;
  }
  /// Keeps a layer name, or the first of name_1, name_2, … that is free.
  std::string reserveLayerName(std::string_view wanted) { return layerNames_.add(wanted); }

  /// Adds a tensor under its own name, which is an ONNX value's; corruptData if it has one already.
  Status define(const std::string& value, TensorId id);
  /// The tensor of an ONNX value, kNoTensor if nothing has made it.
  TensorId value(const std::string& name) const;

  /// Adds a tensor, whose name gets a suffix if it is taken.
  TensorId addTensor(Tensor tensor);
  /// Adds a tensor with exactly that (reserved) name.
  TensorId addNamedTensor(Tensor tensor);

  /// Adds a layer that makes `outputs` (names are wishes; dtype and quant matter only where the
  /// op's rule keeps them), infers their shapes, and folds it away if its inputs are constants.
  Result<std::vector<TensorId>> addLayer(const std::string& name, OpType op, Attributes attributes,
                                         std::vector<TensorId> inputs, std::vector<Tensor> outputs,
                                         Fold fold);

  /// Whether all layers from `first` on are allowed by `list`.
  bool madeOnly(const OpList& list, size_t first) const;

  /// The layer that makes a tensor; null for inputs and constants.
  const Layer* producer(TensorId id) const;

 private:
  struct Names {
    std::unordered_set<std::string> taken;
    std::unordered_map<std::string, int> suffixes;  ///< the last that was given to a name
    /// `wanted`, with a suffix if it is taken.
    std::string add(std::string_view wanted);
  };
  bool foldable(const Layer& layer, Fold fold) const;
  Result<bool> foldLast();

  Graph& graph_;
  std::unordered_map<std::string, TensorId> values_;
  std::unordered_map<std::string, int> readers_;
  Names tensorNames_;
  Names layerNames_;
  std::vector<int> producers_;  // by TensorId
};

}  // namespace qrt::onnx_import
