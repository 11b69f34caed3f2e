#include "runtime/compile.h"

#include "base/error.h"
#include "runtime/place.h"
#include "runtime/reuse.h"

namespace qrt {

std::string describe(const Graph& graph, const Partition& partition) {
  const auto named = [&](int index) {
    const Layer& layer = graph.layers[static_cast<size_t>(index)];
    return concat("'", layer.name, "' (", opName(layer.op), ")");
  };
  const std::string first = named(partition.layers.front());
  const std::string_view backend = partition.backend->name();
  if (partition.layers.size() == 1) return concat("layer ", first, " on ", backend);
  return concat("layers ", first, " to ", named(partition.layers.back()), " on ", backend);
}

Result<std::vector<Step>> compile(const Graph& graph, std::vector<Partition> partitions, const CompileOptions& options,
                                  const Reuse* before, Partition* failed) {
  std::vector<Step> steps;
  steps.reserve(partitions.size());
  for (Partition& partition : partitions) {
    const Backend& backend = *partition.backend;
    const Layer& first = graph.layers[static_cast<size_t>(partition.layers.front())];
    Step step{std::move(partition), nullptr};
    const bool needsProgram = backend.wantsPartitions() || !needsNoKernel(first);
    if (needsProgram && before != nullptr) step.program = before->find(graph, step.partition);
    if (needsProgram && !step.program) {
      auto program = backend.compile({graph, step.partition.layers, options.isa, options.threads, options.weights,
                                      options.winogradError, step.partition.inputs, step.partition.outputs, options.timeLimit, options.pool});
      if (!program.ok()) {
        if (failed != nullptr) *failed = step.partition;
        return annotate(program.status(), describe(graph, step.partition));
      }
      step.program = std::move(program).value();
    }
    steps.push_back(std::move(step));
  }
  return steps;
}

}  // namespace qrt
