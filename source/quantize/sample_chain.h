// Runs a graph layer by layer over several samples at once, so that a layer can be changed before the layers
// behind it run.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "graph/graph.h"
#include "qrt/quantize.h"

namespace qrt {

class SampleChain {
 public:
  /// A copy of the graph with known shapes: an open batch is 1. Errors: as Session::create().
  static Result<SampleChain> create(Graph graph, int threads);

  const Graph& graph() const { return graph_; }
  /// Constants may be replaced before their layer has run.
  Graph& graph() { return graph_; }
  int threads() const { return threads_; }
  /// Index of the layer of that name, which must be there.
  size_t layer(const std::string& name) const;

  /// The most memory that one sample takes.
  size_t bytesPerSample() const;
  /// Adds a sample whose inputs are all zeros, to be filled before the first layer runs.
  std::vector<TensorView> addSample();
  /// Takes the last one back.
  void dropLastSample() { values_.pop_back(); }
  size_t samples() const { return values_.size(); }

  /// Runs all layers up to `layer` that have not run yet, and forgets what none of the later ones reads but
  /// what `layer` itself reads and makes. Runs `layer` once more if it has run just now.
  Status run(size_t layer);
  /// What tensor `id` holds for a sample, while it is remembered.
  std::span<const std::byte> value(size_t sample, TensorId id) const {
    return values_[sample][static_cast<size_t>(id)];
  }

 private:
  Status runLayer(size_t layer);
  void forget(size_t before);

  Graph graph_;
  int threads_ = 0;
  std::vector<size_t> lastUse_;  // by tensor: the last layer that reads or makes it
  std::vector<std::vector<std::vector<std::byte>>> values_;  // by sample and tensor
  size_t next_ = 0;              // the first layer that has not run
};

}  // namespace qrt
