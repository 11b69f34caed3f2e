// A partition and the program that runs it.
#pragma once

#include <memory>
#include <vector>

#include "runtime/partition.h"

namespace qrt {

/// One thing that run() does, in order.
struct Step {
  Partition partition;
  std::unique_ptr<Program> program;  ///< null: one layer, a view
};

/// Compiles every partition in order. Errors name the layer.
Result<std::vector<Step>> compile(const Graph& graph, std::vector<Partition> partitions,
                                  IsaLevel isa, int threads, WeightCache& weights,
                                  double winogradError);

/// "layer 'conv1' (Conv) on cpu-float", or the first and last layer of several: for messages.
std::string describe(const Graph& graph, const Partition& partition);

}  // namespace qrt
