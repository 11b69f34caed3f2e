// Which layer on which backend, as costs: what is modelled, and the placement with the least latency.
//
// Layers run one after another, so the latency is the sum of
//   - every layer's time on its backend,
//   - moves: a tensor is made in the space of its producer's backend (the host's memory as the model has it, the host's in
//     float, a device's) and moved once to each other space that a reader or the caller wants it in,
//   - launches: a backend that runs partitions pays one for every run of its layers in execution order.
// What is not modelled: caches, and that running layers in another order may join two partitions into one (the
// true cost is then one launch less).
#pragma once

#include "diagnose/cost_model.h"

namespace qrt {

struct PlacementProblem {
  struct Layer {
    std::vector<double> time;  ///< by backend; infinity: it cannot; finite for at least one
    std::vector<int> space;    ///< by backend: where it reads and writes
  };
  struct Tensor {
    int producer = -1;         ///< a layer, −1: an input of the model, made in space 0
    std::vector<int> readers;  ///< layers
    bool output = false;       ///< the caller wants it in space 0
    std::vector<double> move;  ///< [from · spaces + to]; zeros where from is to
  };
  std::vector<Layer> layers;    ///< in execution order
  std::vector<Tensor> tensors;  ///< activations
  std::vector<double> launch;   ///< by backend
  int spaces = 1;
};

/// The latency of a placement: by layer, the backend.
double latency(const PlacementProblem& problem, const std::vector<int>& backends);

/// The placement of least latency; `choice` is by layer, the backend.
CostSolution solve(const PlacementProblem& problem, const SolveLimits& limits = {});

}  // namespace qrt
