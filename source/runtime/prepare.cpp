#include "runtime/prepare.h"

#include "base/error.h"
#include "graph/op.h"
#include "passes/passes.h"

namespace qrt {
namespace {

std::vector<const Backend*> actualBackends(const std::vector<LayerBackend>& placed) {
  std::vector<const Backend*> backends;
  for (const LayerBackend& layer : placed) backends.push_back(layer.actual);
  return backends;
}

Placement report(const Execution& execution, const std::vector<LayerBackend>& placed) {
  Placement placement;
  for (size_t s = 0; s < execution.steps().size(); ++s) {
    for (const int index : execution.steps()[s].partition.layers) {
      const Layer& layer = execution.graph().layers[static_cast<size_t>(index)];
      const LayerBackend& where = placed[static_cast<size_t>(index)];
      placement.layers.push_back({layer.name, std::string(opName(layer.op)),
                                  std::string(where.requested->name()),
                                  std::string(where.actual->name()),
                                  std::string(execution.kernel(s)), where.reason, where.pinned,
                                  static_cast<int>(s)});
    }
  }
  return placement;
}

}  // namespace

Result<Prepared> prepare(const Model::Data& model, const PrepareOptions& options) {
  auto graph = std::make_unique<Graph>(model.graph);
  QRT_RETURN_IF_ERROR(specialize(*graph, options.inputShapes));
  QRT_ASSIGN_OR_RETURN(const auto placed, place(*graph, options.policy));
  QRT_ASSIGN_OR_RETURN(auto steps, compile(*graph, partition(*graph, actualBackends(placed)),
                                           options.isa, options.threads, *model.weights));
  QRT_ASSIGN_OR_RETURN(auto execution, Execution::create(std::move(graph), std::move(steps),
                                                         options.profiling));
  Placement placement = report(*execution, placed);
  return Prepared{std::move(execution), std::move(placement)};
}

}  // namespace qrt
