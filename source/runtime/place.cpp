#include "runtime/place.h"

#include "base/error.h"
#include "graph/op.h"
#include "runtime/identity.h"

namespace qrt {
namespace {

Verdict ask(const Backend& backend, const Graph& graph, const Layer& layer, const Unfit& unfit,
            Verdicts& verdicts) {
  if (const auto known = unfit.find(&backend); known != unfit.end()) {
    for (const std::string& name : {std::string(), layer.name}) {
      if (const auto why = known->second.find(name); why != known->second.end()) return Verdict::no(why->second);
    }
  }
  Verdict verdict = verdicts.ask(backend, graph, layer);
  const bool viewed = verdict.concerned && !backend.wantsPartitions() && needsNoKernel(layer);
  return viewed ? Verdict::yes() : verdict;
}

Result<LayerBackend> placeLayer(const Graph& graph, const Layer& layer, const PlacementPolicy& policy,
                                const Refusals& refusals, Verdicts& verdicts) {
  const auto pin = policy.pins.find(layer.name);
  LayerBackend result;
  result.pinned = pin != policy.pins.end();
  if (result.pinned) result.requested = pin->second;

  std::vector<const Backend*> candidates;
  if (result.pinned) candidates.push_back(pin->second);
  for (const Backend* backend : policy.priority) {
    if (backend != result.requested) candidates.push_back(backend);
  }
  for (const Backend* backend : candidates) {
    const Verdict verdict = ask(*backend, graph, layer, policy.unfit, verdicts);
    // Without a pin, the first backend that is meant for such layers is the one that is wanted.
    if (!verdict.concerned && !(result.pinned && backend == result.requested)) continue;
    if (result.requested == nullptr) result.requested = backend;
    if (verdict.supported) {
      result.actual = backend;
      return result;
    }
    // The first reason speaks for the requested backend; others say whose they are.
    if (backend == result.requested) {
      const auto refusal = refusals.find(layer.name);
      result.reason = result.pinned && refusal != refusals.end() ? refusal->second : verdict.reason;
    } else {
      result.reason += concat("; ", backend->name(), ": ", verdict.reason);
    }
  }
  return unsupported("layer '", layer.name, "' (", opName(layer.op), "): no backend runs it: ",
                     result.reason);
}

}  // namespace

Verdict Verdicts::ask(const Backend& backend, const Graph& graph, const Layer& layer) {
  if (!backend.isPlugin()) return backend.supports(graph, layer);
  const auto index = static_cast<int>(&layer - graph.layers.data());
  std::string key = identity(graph, {&backend, {index}, layer.inputs, layer.outputs});
  if (const auto known = supported_.find(key); known != supported_.end()) return known->second;
  Verdict verdict = backend.supports(graph, layer);
  if (verdict.supported) supported_.emplace(std::move(key), verdict);
  return verdict;
}

bool needsNoKernel(const Layer& layer) { return opDef(layer.op).isView; }

Result<std::vector<LayerBackend>> place(const Graph& graph, const PlacementPolicy& policy,
                                        const Refusals& refusals, Verdicts* verdicts) {
  Verdicts none;
  Verdicts& known = verdicts != nullptr ? *verdicts : none;
  std::vector<LayerBackend> result;
  for (const Layer& layer : graph.layers) {
    QRT_ASSIGN_OR_RETURN(LayerBackend placed, placeLayer(graph, layer, policy, refusals, known));
    result.push_back(std::move(placed));
  }
  return result;
}

}  // namespace qrt
