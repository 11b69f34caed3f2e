#include "diagnose/candidates.h"

#include <algorithm>

#include "base/error.h"
#include "graph/model_data.h"
#include "graph/quantized.h"
#include "passes/passes.h"
#include "passes/raise_to_float.h"
#include "runtime/place.h"
#include "runtime/share_memory.h"

namespace qrt {
namespace {

// As preparing decides for a pinned layer.
Candidate ask(const Backend& backend, const Graph& graph, const Layer& layer) {
  const Verdict verdict = backend.supports(graph, layer);
  const bool viewed = verdict.concerned && !backend.wantsPartitions() && needsNoKernel(layer);
  if (verdict.supported || viewed) return {true, false, {}};
  if (!isQuantized(graph, layer)) return {false, false, verdict.reason};
  const auto form = floatForm(graph, layer);
  if (!form.ok()) return {false, false, verdict.concerned ? verdict.reason : form.status().message()};
  const Verdict asFloat = backend.supports(form->graph, form->graph.layers[0]);
  if (asFloat.supported) return {true, true, {}};
  return {false, false, verdict.concerned ? verdict.reason : asFloat.reason};
}

}  // namespace

int Candidates::space(size_t layer, size_t backend) const {
  if (backends[backend]->wantsPartitions()) {
    const auto before = std::count_if(backends.begin(), backends.begin() + static_cast<std::ptrdiff_t>(backend),
                                      [](const Backend* b) { return b->wantsPartitions(); });
    return 2 + static_cast<int>(before);
  }
  return layers[layer][backend].raised ? 1 : 0;
}

int Candidates::spaces() const {
  const auto devices = std::count_if(backends.begin(), backends.end(), [](const Backend* b) { return b->wantsPartitions(); });
  return 2 + static_cast<int>(devices);
}

double Candidates::bytes(TensorId id) const { return static_cast<double>(tensorBytes(graph.tensor(id))); }

Result<Candidates> Candidates::of(const Model& model, const SessionOptions& options,
                                  const std::vector<std::string>& names) {
  Candidates result;
  result.graph = model.data().graph;
  QRT_RETURN_IF_ERROR(specialize(result.graph, options.inputShapes));
  for (const std::string& name : names) {
    QRT_ASSIGN_OR_RETURN(const Backend* backend, backendNamed(name));
    if (std::find(result.backends.begin(), result.backends.end(), backend) == result.backends.end()) {
      result.backends.push_back(backend);
    }
  }
  if (result.backends.empty()) return invalidArgument("no backends to choose from");
  for (size_t i = 0; i < result.graph.layers.size(); ++i) {
    const Layer& layer = result.graph.layers[i];
    result.index[layer.name] = static_cast<int>(i);
    std::vector<Candidate> candidates;
    for (const Backend* backend : result.backends) candidates.push_back(ask(*backend, result.graph, layer));
    result.layers.push_back(std::move(candidates));
  }
  // What none of them takes goes where a session would put it.
  for (size_t i = 0; i < result.layers.size(); ++i) {
    const auto possible = [](const Candidate& candidate) { return candidate.possible; };
    if (std::any_of(result.layers[i].begin(), result.layers[i].end(), possible)) continue;
    for (const Backend* backend : builtInBackends()) {
      const Candidate candidate = ask(*backend, result.graph, result.graph.layers[i]);
      if (!candidate.possible || candidate.raised) continue;
      const auto known = std::find(result.backends.begin(), result.backends.end(), backend);
      const auto at = static_cast<size_t>(known - result.backends.begin());
      if (known == result.backends.end()) {
        result.backends.push_back(backend);
        for (auto& layer : result.layers) layer.push_back({false, false, "only for layers that no other takes"});
      }
      result.layers[i][at] = candidate;
      break;
    }
  }
  return result;
}

}  // namespace qrt
