// Programs of what was prepared before, for the partitions that did not change: so that moving one layer prepares that
// layer and its borders only.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "runtime/compile.h"

namespace qrt {

class Reuse {
 public:
  /// Both outlive this.
  Reuse(const Graph& graph, const std::vector<Step>& steps);
  /// The program of an equal partition, or null. `graph` was made from the same specialized graph as the one of the
  /// constructor, so that layers and constants of the same name are the same but for their precision.
  std::shared_ptr<Program> find(const Graph& graph, const Partition& partition) const;

 private:
  const Graph& graph_;
  std::map<std::string_view, const Step*> steps_;  // by the name of the first layer
};

}  // namespace qrt
