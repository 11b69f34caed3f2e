// A graph run on the CPU's backends, without the passes, with chosen options of sharing memory.
#pragma once

#include <string>
#include <vector>

#include "runtime/execution.h"

namespace qrt::test {

struct ExecutionRun {
  std::vector<std::vector<std::byte>> outputs;
  std::vector<std::string> kernels;  ///< by layer
  size_t activations = 0;
};

struct CompiledGraph {
  std::unique_ptr<Graph> graph;
  std::vector<Step> steps;
};
/// Shapes inferred, placed on the CPU's backends and compiled, Winograd allowed.
Result<CompiledGraph> compileGraph(const Graph& graph, IsaLevel isa, int threads);

/// Runs twice on inputs drawn at random, f32 or s8. The graph's shapes are known or can be inferred.
Result<ExecutionRun> runExecution(const Graph& graph, IsaLevel isa, const ExecutionOptions& options);

}  // namespace qrt::test
