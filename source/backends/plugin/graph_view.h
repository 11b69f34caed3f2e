// Layers of a Graph as the structs of qrt/backend.h.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "graph/attribute_io.h"
#include "graph/graph.h"
#include "qrt/backend.h"

namespace qrt {

/// Outlives the graph it was made of; the constants live as long as this, or owners().
class GraphView {
 public:
  /// `inputs` and `outputs`: the border, where absent tensors, constants and repetitions are left out.
  GraphView(const Graph& graph, std::span<const int> layers, std::span<const TensorId> inputs,
            std::span<const TensorId> outputs);
  GraphView(const GraphView&) = delete;
  GraphView& operator=(const GraphView&) = delete;

  const QrtGraph& graph() const { return view_; }
  /// Which of the border's inputs and outputs each QrtGraph::inputs and outputs is.
  const std::vector<size_t>& inputArguments() const { return inputArguments_; }
  const std::vector<size_t>& outputArguments() const { return outputArguments_; }
  const std::vector<std::shared_ptr<const void>>& owners() const { return owners_; }

 private:
  struct TensorStore {
    Tensor source;
    QrtTensor tensor;
    QrtQuantization quantization;
  };
  struct LayerStore {
    std::string name, op;
    std::vector<AttributeValue> values;
    std::vector<QrtAttribute> attributes;
    std::vector<const QrtAttribute*> pointers;
    std::vector<int32_t> inputs, outputs;
    QrtLayer layer;
  };

  int32_t indexOf(const Graph& graph, TensorId id);
  void addTensor(const Tensor& source);
  void addLayer(const Graph& graph, const Layer& layer);
  void addBorder(const Graph& graph, std::span<const TensorId> ids, std::vector<int32_t>& indices,
                 std::vector<size_t>& arguments);

  std::map<TensorId, int32_t> indices_;
  std::deque<TensorStore> tensors_;
  std::deque<LayerStore> layers_;
  std::vector<const QrtTensor*> tensorPointers_;
  std::vector<const QrtLayer*> layerPointers_;
  std::vector<int32_t> inputs_, outputs_;
  std::vector<size_t> inputArguments_, outputArguments_;
  std::vector<std::shared_ptr<const void>> owners_;
  QrtGraph view_;
};

}  // namespace qrt
