#include "runtime/prepare.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/error.h"
#include "graph/op.h"
#include "passes/passes.h"
#include "runtime/fallback.h"
#include "runtime/pins.h"

namespace qrt {
namespace {

std::vector<const Backend*> actualBackends(const std::vector<LayerBackend>& placed) {
  std::vector<const Backend*> backends;
  for (const LayerBackend& layer : placed) backends.push_back(layer.actual);
  return backends;
}

// Inputs and layers' outputs: the largest must fit whatever the plan. Asked for before layers are
// compiled, which makes tables for tensors of such sizes. Outputs were measured by specialize().
Status checkMemory(const Graph& graph) {
  constexpr int64_t kMostElements = int64_t{1} << 40;
  const Tensor* largest = nullptr;
  const auto measure = [&](TensorId id) {
    const Tensor& tensor = graph.tensor(id);
    if (!largest || tensorBytes(tensor) > tensorBytes(*largest)) largest = &tensor;
  };
  for (const TensorId id : graph.inputs) {
    const auto elements = graph.tensor(id).shape.elementCount();
    if (!elements || *elements > kMostElements) {
      return outOfMemory("input '", graph.tensor(id).name, "' of shape ",
                         graph.tensor(id).shape.toString(), " is too large");
    }
    measure(id);
  }
  for (const Layer& layer : graph.layers) {
    for (const TensorId id : layer.outputs) {
      if (id != kNoTensor) measure(id);
    }
  }
  if (!largest || AlignedBuffer(tensorBytes(*largest)).size() == tensorBytes(*largest)) return {};
  return outOfMemory("no memory for the ", tensorBytes(*largest), " bytes of tensor '",
                     largest->name, "' of shape ", largest->shape.toString());
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

std::string_view backendOf(const std::vector<LayerBackend>& placed, int layer) {
  return layer < 0 ? "" : placed[static_cast<size_t>(layer)].actual->name();
}

// Conversions between float and int8 layers.
void reportTransfers(const Graph& graph, const std::vector<LayerBackend>& placed, Placement& placement) {
  const std::vector<int> producers = graph.producers();
  const std::vector<std::vector<int>> consumers = graph.consumers();
  for (const Layer& layer : graph.layers) {
    if (layer.op != OpType::Quantize && layer.op != OpType::Dequantize) continue;
    const TensorId from = layer.inputs[0], to = layer.outputs[0];
    const std::vector<int>& readers = consumers[static_cast<size_t>(to)];
    placement.transfers.push_back(
        {graph.tensor(from).name, std::string(backendOf(placed, producers[static_cast<size_t>(from)])),
         std::string(backendOf(placed, readers.empty() ? -1 : readers.front())),
         tensorBytes(graph.tensor(from)) + tensorBytes(graph.tensor(to)), layer.name});
  }
}

// What crosses into and out of partitions, which their backend moves itself.
void reportBorders(const Execution& execution, const std::vector<LayerBackend>& placed, Placement& placement) {
  const Graph& graph = execution.graph();
  const std::vector<int> producers = graph.producers();
  const std::vector<std::vector<int>> consumers = graph.consumers();
  for (const Step& step : execution.steps()) {
    if (!step.partition.backend->wantsPartitions()) continue;
    const std::string device(step.partition.backend->name());
    for (const TensorId id : std::set<TensorId>(step.partition.inputs.begin(), step.partition.inputs.end())) {
      if (id == kNoTensor || graph.tensor(id).isConstant()) continue;
      const int producer = producers[static_cast<size_t>(id)];
      placement.transfers.push_back({graph.tensor(id).name, std::string(backendOf(placed, producer)), device,
                                     tensorBytes(graph.tensor(id)), ""});
    }
    for (const TensorId id : step.partition.outputs) {
      if (id == kNoTensor) continue;
      std::set<std::string> readers;  // other partitions of the same device read from the host as well
      for (const int reader : consumers[static_cast<size_t>(id)]) readers.emplace(backendOf(placed, reader));
      if (graph.isOutput(id)) readers.emplace();
      for (const std::string& reader : readers) {
        if (reader == device) continue;
        placement.transfers.push_back({graph.tensor(id).name, device, reader, tensorBytes(graph.tensor(id)), ""});
        break;  // once, to the host
      }
    }
  }
}

// A pin on a layer that is no longer there must not go unanswered.
void reportLostPins(const Graph& model, const Graph& prepared, const PlacementPolicy& policy,
                    Placement& placement) {
  std::map<std::string, const Backend*> lost = policy.pins;
  for (const Layer& layer : prepared.layers) lost.erase(layer.name);
  const auto report = [&](const std::string& layer, std::string_view op, const Backend& backend,
                          const char* reason) {
    placement.layers.push_back(
        {layer, std::string(op), std::string(backend.name()), "", "", reason, true, -1});
  };
  for (const Layer& layer : model.layers) {
    const auto pin = lost.find(layer.name);
    if (pin == lost.end()) continue;
    report(layer.name, opName(layer.op), *pin->second,
           "folded or fused into other layers when the session was prepared");
    lost.erase(pin);
  }
  for (const auto& [layer, backend] : lost) {
    report(layer, "", *backend, "not made with the pins that other layers have now");
  }
}

// True if the CPU can take over what a plugin did not compile: it is not asked again for these layers.
bool goOnWithout(const Partition& failed, const Graph& graph, const Status& why, FaultLog* faults, Unfit& unfit) {
  if (faults == nullptr || faults->options().strict || !failed.backend || !failed.backend->isPlugin()) return false;
  const Layer& first = graph.layers[static_cast<size_t>(failed.layers.front())];
  faults->add(*failed.backend, first.name, static_cast<int>(failed.layers.size()), why.message());
  for (const int index : failed.layers) {
    unfit[failed.backend][graph.layers[static_cast<size_t>(index)].name] = why.message();
  }
  if (const std::string hung = failed.backend->unavailable(); !hung.empty()) faults->giveUp(*failed.backend, hung);
  return true;
}

// Sets plugins aside that a question hangs in. True if there is one: its layers have to be placed anew.
Result<bool> giveUpHung(const PlacementPolicy& policy, const Graph& graph, const std::vector<LayerBackend>& placed,
                        FaultLog* faults) {
  std::set<const Backend*> wanted(policy.priority.begin(), policy.priority.end());
  for (const auto& [layer, backend] : policy.pins) wanted.insert(backend);
  bool found = false;
  for (const Backend* backend : wanted) {
    const std::string why = backend->unavailable();
    if (why.empty() || (faults != nullptr && faults->isSetAside(*backend))) continue;
    if (faults == nullptr || faults->options().strict) {
      return Status(StatusCode::failed, concat(backend->name(), ": ", why));
    }
    const auto wantsIt = [&](const LayerBackend& layer) { return layer.requested == backend; };
    const auto first = std::find_if(placed.begin(), placed.end(), wantsIt);
    if (first != placed.end()) {
      faults->add(*backend, graph.layers[static_cast<size_t>(first - placed.begin())].name,
                  static_cast<int>(std::count_if(first, placed.end(), wantsIt)), why);
    }
    faults->giveUp(*backend, why);
    found = true;
  }
  return found;
}

CompileOptions compileOptions(const PrepareOptions& options, WeightCache& weights) {
  return {options.isa, options.threads, weights, options.winogradError,
          options.faults != nullptr ? options.faults->options().runSeconds : 0, options.pool};
}

struct Compiled {
  std::vector<LayerBackend> placed;
  std::vector<Step> steps;
};

Result<Compiled> placeAndCompile(const Graph& graph, const PrepareOptions& options, PlacementPolicy policy,
                                 const Refusals& refusals, WeightCache& weights, Kept& kept) {
  for (;;) {
    if (options.faults != nullptr) {
      for (const auto& [backend, why] : options.faults->setAside()) policy.unfit[backend][""] = why;
    }
    QRT_ASSIGN_OR_RETURN(auto placed, place(graph, policy, refusals, &kept.verdicts));
    QRT_ASSIGN_OR_RETURN(const bool changed, giveUpHung(policy, graph, placed, options.faults));
    if (changed) continue;
    Partition failed;
    auto steps = compile(graph, partition(graph, actualBackends(placed)),
                         compileOptions(options, weights), &kept.programs, &failed);
    if (steps.ok()) return Compiled{std::move(placed), std::move(steps).value()};
    // What is kept for later must not stand in the way.
    if (steps.status().code() == StatusCode::outOfMemory && kept.programs.dropUnused()) continue;
    if (!goOnWithout(failed, graph, steps.status(), options.faults, policy.unfit)) return steps.status();
  }
}

// Those of the list that are built in; all, if only the last resort is.
PlacementPolicy cpuOnly(const PlacementPolicy& policy) {
  PlacementPolicy cpu;
  for (const Backend* backend : policy.priority) {
    if (!backend->isPlugin()) cpu.priority.push_back(backend);
  }
  if (cpu.priority.size() < 2) cpu.priority.assign(builtInBackends().begin(), builtInBackends().end());
  return cpu;
}

Result<std::shared_ptr<const Graph>> specializedGraph(const Graph& model, const PrepareOptions& options) {
  auto graph = std::make_shared<Graph>(model);
  QRT_RETURN_IF_ERROR(options.optimize ? specialize(*graph, options.inputShapes)
                                       : specializeAsWritten(*graph, options.inputShapes));
  return std::shared_ptr<const Graph>(std::move(graph));
}

// Pins by layer name, those of a placement file among them.
Result<PlacementPolicy> resolve(PlacementPolicy policy, const Graph& model, const Graph& specialized) {
  QRT_ASSIGN_OR_RETURN(policy.pins, resolvePins(policy.pins, model, specialized));
  policy.pins.insert(policy.saved.begin(), policy.saved.end());
  return policy;
}

}  // namespace

Result<Prepared> prepare(const Model::Data& model, const PrepareOptions& options, Kept& kept) {
  if (!kept.specialized) {
    QRT_ASSIGN_OR_RETURN(kept.specialized, specializedGraph(model.graph, options));
  }
  QRT_ASSIGN_OR_RETURN(const PlacementPolicy policy, resolve(options.policy, model.graph, *kept.specialized));
  auto graph = std::make_unique<Graph>(*kept.specialized);
  const Refusals refusals = raisePinned(*graph, policy, kept.verdicts, kept.floatForms);
  QRT_RETURN_IF_ERROR(checkMemory(*graph));
  QRT_ASSIGN_OR_RETURN(Compiled compiled,
                       placeAndCompile(*graph, options, policy, refusals, *model.weights, kept));
  QRT_ASSIGN_OR_RETURN(auto execution, Execution::create(std::move(graph), std::move(compiled.steps),
                                                         {options.profiling, options.threads, !options.optimize}));
  if (options.faults != nullptr && !options.faults->options().strict) {
    execution->setFallback(std::make_unique<Fallback>(*options.faults, cpuOnly(policy),
                                                      compileOptions(options, *model.weights), model.weights));
  }
  Placement placement = report(*execution, compiled.placed);
  reportTransfers(execution->graph(), compiled.placed, placement);
  reportBorders(*execution, compiled.placed, placement);
  reportLostPins(model.graph, execution->graph(), policy, placement);
  return Prepared{std::move(execution), std::move(placement), policy.pins};
}

}  // namespace qrt
