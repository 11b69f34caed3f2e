#include "support/run_execution.h"

#include <random>

#include "base/error.h"
#include "runtime/input_output.h"
#include "runtime/place.h"

namespace qrt::test {
namespace {

void fill(const TensorView& view, std::mt19937& random) {
  if (view.dtype == DType::f32) {
    for (float& value : view.as<float>().value()) value = static_cast<float>(random() % 2001) / 100 - 10;
  } else {
    for (int8_t& value : view.as<int8_t>().value()) value = static_cast<int8_t>(random());
  }
}

}  // namespace

Result<CompiledGraph> compileGraph(const Graph& given, IsaLevel isa, int threads) {
  static WeightCache weights;
  auto graph = std::make_unique<Graph>(given);
  QRT_RETURN_IF_ERROR(validate(*graph));
  QRT_RETURN_IF_ERROR(inferShapes(*graph));
  PlacementPolicy policy;
  for (const Backend* backend : builtInBackends()) policy.priority.push_back(backend);
  QRT_ASSIGN_OR_RETURN(const auto placed, place(*graph, policy));
  std::vector<const Backend*> backends;
  for (const LayerBackend& layer : placed) backends.push_back(layer.actual);
  QRT_ASSIGN_OR_RETURN(auto steps, compile(*graph, partition(*graph, backends), {isa, threads, weights, 1e-4}));
  return CompiledGraph{std::move(graph), std::move(steps)};
}

Result<ExecutionRun> runExecution(const Graph& given, IsaLevel isa, const ExecutionOptions& options) {
  QRT_ASSIGN_OR_RETURN(CompiledGraph compiled, compileGraph(given, isa, options.threads));
  QRT_ASSIGN_OR_RETURN(auto execution, Execution::create(std::move(compiled.graph), std::move(compiled.steps), options));
  QRT_ASSIGN_OR_RETURN(InputsOutputs io, InputsOutputs::create(execution->graph(), execution->graph()));
  execution->connect(io.memory());
  std::mt19937 random(1);
  for (size_t i = 0; i < io.inputs().size(); ++i) {
    QRT_ASSIGN_OR_RETURN(const TensorView view, io.input(i));
    fill(view, random);
  }
  ThreadPool pool(options.threads);
  for (int run = 0; run < 2; ++run) QRT_RETURN_IF_ERROR(execution->run(pool));
  ExecutionRun ran;
  ran.activations = execution->memory().activations;
  for (size_t i = 0; i < io.outputs().size(); ++i) {
    QRT_ASSIGN_OR_RETURN(const ConstTensorView view, io.output(i));
    const auto* bytes = static_cast<const std::byte*>(view.data);
    ran.outputs.emplace_back(bytes, bytes + view.bytes());
  }
  for (size_t i = 0; i < execution->steps().size(); ++i) ran.kernels.emplace_back(execution->kernel(i));
  return ran;
}

}  // namespace qrt::test
