// A partition and the program that runs it.
#pragma once

#include <memory>
#include <vector>

#include "runtime/partition.h"

namespace qrt {

/// One thing that run() does, in order.
struct Step {
  Partition partition;
  std::shared_ptr<Program> program;  ///< null: one layer, a view
};

/// What compiling depends on besides the graph.
struct CompileOptions {
  IsaLevel isa;
  int threads;
  WeightCache& weights;
  double winogradError = 0;  ///< as in SessionOptions
  double timeLimit = 0;  ///< of a plugin's run, in seconds; 0: none
  ThreadPool* pool = nullptr;  ///< to pack weights with; null: the caller alone
};

class Reuse;

/// Compiles every partition in order, except those that `before`, if not null, has the program of. Errors name the
/// layer; `failed`, if not null, is then the partition.
Result<std::vector<Step>> compile(const Graph& graph, std::vector<Partition> partitions, const CompileOptions& options,
                                  const Reuse* before = nullptr, Partition* failed = nullptr);

/// "layer 'conv1' (Conv) on cpu-float", or the first and last layer of several: for messages.
std::string describe(const Graph& graph, const Partition& partition);

}  // namespace qrt
