// What a model's layers can run on, as a graph whose shapes are known.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "backends/backend.h"
#include "diagnose/placement_problem.h"
#include "qrt/session.h"

namespace qrt {

/// One layer on one backend.
struct Candidate {
  bool possible = false;
  bool raised = false;  ///< an int8 layer that this backend runs in float
  std::string reason;   ///< why not possible
};

struct Candidates {
  Graph graph;                                    ///< as sessions specialize the model
  std::vector<const Backend*> backends;           ///< those asked for, then built-in ones for layers that need them
  std::vector<std::vector<Candidate>> layers;     ///< by layer, by backend
  std::map<std::string, int> index;               ///< of layers, by name

  /// 0: the host's memory, tensors as the model has them; 1: the same in float; 2 …: those of backends that
  /// run partitions.
  int space(size_t layer, size_t backend) const;
  int spaces() const;
  /// Bytes of an activation.
  double bytes(TensorId id) const;
  const std::string& name(size_t layer) const { return graph.layers[layer].name; }

  /// Errors: as Session::create().
  static Result<Candidates> of(const Model& model, const SessionOptions& options, const std::vector<std::string>& names);
};

}  // namespace qrt
