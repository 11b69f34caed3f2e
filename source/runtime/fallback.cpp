#include "runtime/fallback.h"

#include <algorithm>

#include "base/error.h"

namespace qrt {
namespace {

// Where a border's tensors are in RunArgs: those that are given or written, each once.
std::vector<size_t> border(const Graph& graph, const std::vector<TensorId>& ids) {
  std::vector<size_t> arguments;
  for (size_t i = 0; i < ids.size(); ++i) {
    const bool first = std::find(ids.begin(), ids.begin() + static_cast<std::ptrdiff_t>(i), ids[i]) ==
                       ids.begin() + static_cast<std::ptrdiff_t>(i);
    if (first && ids[i] != kNoTensor && graph.constant(ids[i]) == nullptr) arguments.push_back(i);
  }
  return arguments;
}

// The partition's layers as a graph of their own.
std::unique_ptr<Graph> cut(const Graph& graph, const Partition& partition) {
  auto part = std::make_unique<Graph>();
  part->tensors = graph.tensors;
  for (const int index : partition.layers) part->layers.push_back(graph.layers[static_cast<size_t>(index)]);
  for (const size_t i : border(graph, partition.inputs)) part->inputs.push_back(partition.inputs[i]);
  for (const size_t i : border(graph, partition.outputs)) part->outputs.push_back(partition.outputs[i]);
  part->compact();
  return part;
}

Result<std::unique_ptr<Execution>> prepareOn(const PlacementPolicy& policy, std::unique_ptr<Graph> graph,
                                             const CompileOptions& options) {
  QRT_ASSIGN_OR_RETURN(const auto placed, place(*graph, policy));
  std::vector<const Backend*> backends;
  for (const LayerBackend& layer : placed) backends.push_back(layer.actual);
  QRT_ASSIGN_OR_RETURN(auto steps, compile(*graph, partition(*graph, backends), options));
  return Execution::create(std::move(graph), std::move(steps), {.threads = options.threads, .whole = true});
}

}  // namespace

Fallback::Fallback(FaultLog& log, PlacementPolicy cpu, const CompileOptions& options,
                   std::shared_ptr<WeightCache> weights)
    : log_(log), cpu_(std::move(cpu)), options_(options), weights_(std::move(weights)) {}

Fallback::~Fallback() = default;

Status Fallback::run(const Graph& graph, const Step& step, const RunArgs& args) {
  const Backend& backend = *step.partition.backend;
  if (!log_.isSetAside(backend)) {
    const Status status = step.program->run(args);
    if (status.ok()) return status;
    const Layer& first = graph.layers[static_cast<size_t>(step.partition.layers.front())];
    log_.add(backend, first.name, static_cast<int>(step.partition.layers.size()), status.message());
  }
  return runOnCpu(graph, step, args);
}

Status Fallback::runOnCpu(const Graph& graph, const Step& step, const RunArgs& args) {
  std::unique_ptr<Execution>& execution = prepared_[&step];
  if (!execution) {
    QRT_ASSIGN_OR_RETURN(execution, prepareOn(cpu_, cut(graph, step.partition), options_));
  }
  InputOutputMemory memory;
  for (const size_t i : border(graph, step.partition.inputs)) memory.inputs.push_back(args.inputs[i].data);
  for (const size_t i : border(graph, step.partition.outputs)) memory.outputs.push_back(args.outputs[i].data);
  execution->connect(memory);
  return execution->run(args.pool);
}

}  // namespace qrt
