// A minimum cut: each layer is 0 (float) or 1 (int8), and every tensor that somebody makes in one and
// somebody reads in the other costs its elements, once.
#include "quantize/precision.h"

#include <algorithm>

#include "graph/quantized.h"
#include "passes/min_cut.h"
#include "quantize/eligible.h"
#include "quantize/recipe.h"

namespace qrt {
namespace {

constexpr int64_t kCrossing = 16;        // per element, against 1 for what only breaks ties
constexpr int64_t kMostElements = int64_t{1} << 36;

// Unknown dims count as 1: most often the batch.
int64_t elements(const Tensor& tensor) {
  int64_t count = 1;
  for (const int64_t dim : tensor.shape.dims()) {
    count = std::min(count * std::max<int64_t>(dim, 1), kMostElements);
  }
  return count;
}

// Whether the layer gains nothing from int8 but that its neighbours are int8: its result would be
// rounded once more.
bool onlyRounds(const Graph& graph, const Layer& layer) {
  switch (int8Form(layer.op)) {
    case Int8Form::softmax:
    case Int8Form::table:
      return true;
    case Int8Form::arithmetic:
      return graph.constant(layer.inputs[0]) != nullptr || graph.constant(layer.inputs[1]) != nullptr;
    default:
      return false;
  }
}

class PrecisionCut {
 public:
  PrecisionCut(const Graph& graph, const Recipe& recipe)
      : graph_(graph), consumers_(graph.consumers()) {
    for (const Layer& layer : graph.layers) nodes_.push_back(nodeOf(layer, recipe));
    for (const TensorId id : graph.inputs) addTensor(id, MinCut::kZero);
    for (size_t i = 0; i < graph.layers.size(); ++i) {
      for (const TensorId id : graph.layers[i].outputs) {
        if (id != kNoTensor) addTensor(id, nodes_[i]);
      }
    }
  }

  std::vector<bool> solve() {
    const bool solved = cut_.solve();
    std::vector<bool> int8;
    for (const int node : nodes_) {
      // Without a solution only layers with weights: right, if not the fewest crossings.
      int8.push_back(node == MinCut::kOne || (node != MinCut::kZero && solved && cut_.value(node)));
    }
    return int8;
  }

 private:
  int nodeOf(const Layer& layer, const Recipe& recipe) {
    if (!int8Obstacle(graph_, layer).empty() || int8Recipe(recipe, graph_, layer) == nullptr) {
      return MinCut::kZero;
    }
    if (int8Form(layer.op) == Int8Form::accumulate) return MinCut::kOne;
    const int node = cut_.addNode();
    if (onlyRounds(graph_, layer)) {
      cut_.addCost(MinCut::kZero, node, elements(graph_.tensor(layer.outputs[0])));
    }
    return node;
  }

  void addTensor(TensorId id, int maker) {
    const Tensor& tensor = graph_.tensor(id);
    const int64_t cost = kCrossing * elements(tensor);
    std::vector<int> readers;
    if (graph_.isOutput(id)) readers.push_back(MinCut::kZero);
    for (const int reader : consumers_[static_cast<size_t>(id)]) {
      readers.push_back(nodes_[static_cast<size_t>(reader)]);
    }
    if (tensor.dtype != DType::f32 || readers.empty()) return;
    // Quantized once for all int8 readers if the maker is float, dequantized once for all float readers
    // if it is int8.
    const int anyInt8 = cut_.addNode();
    const int anyFloat = cut_.addNode();
    cut_.addCost(maker, anyInt8, cost);
    cut_.addCost(anyFloat, maker, cost);
    for (const int reader : readers) {
      cut_.addCost(anyInt8, reader, MinCut::kNever);
      cut_.addCost(reader, anyFloat, MinCut::kNever);
    }
  }

  const Graph& graph_;
  std::vector<std::vector<int>> consumers_;
  MinCut cut_;
  std::vector<int> nodes_;  // by layer
};

}  // namespace

std::vector<bool> chooseInt8Layers(const Graph& graph, const Recipe& recipe) {
  return PrecisionCut(graph, recipe).solve();
}

}  // namespace qrt
