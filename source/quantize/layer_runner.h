// Runs one layer of a graph by itself, through the kernel that ships: for measuring and correcting layers.
#pragma once

#include <memory>
#include <vector>

#include "graph/graph.h"
#include "quantize/graph_runner.h"

namespace qrt {

class LayerRunner {
 public:
  /// `graph` is of known shapes. Errors: as Session::create().
  static Result<LayerRunner> create(const Graph& graph, size_t layer, int threads);

  /// The tensors that run() reads: those of the layer's inputs that are not constant, each once.
  const std::vector<TensorId>& inputs() const { return inputs_; }
  /// Memory of inputs()[index].
  Result<TensorView> input(size_t index) { return runner_->input(index); }
  Status run();
  /// What run() made: output `index` of the layer, of those that are present.
  Result<ConstTensorView> output(size_t index) const { return runner_->output(index); }

 private:
  std::vector<TensorId> inputs_;
  std::unique_ptr<GraphRunner> runner_;
};

}  // namespace qrt
