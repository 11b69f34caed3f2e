#include "runtime/raise.h"

#include <algorithm>

#include "graph/op.h"
#include "graph/quantized.h"

namespace qrt {
namespace {

class Raiser {
 public:
  Raiser(const Graph& graph, const PlacementPolicy& policy, Verdicts& verdicts, const FloatForms& known)
      : graph_(graph), policy_(policy), verdicts_(verdicts), known_(known), consumers_(graph.consumers()) {}

  void pins() {
    for (int i = 0; i < layerCount(); ++i) {
      const auto pin = policy_.pins.find(layer(i).name);
      if (pin != policy_.pins.end() && isQuantized(graph_, layer(i))) ask(*pin->second, i);
    }
  }

  // A view that nobody pinned costs nothing in either precision: between float layers it is float.
  void views() {
    if (forms.empty()) return;
    std::vector<bool> made(graph_.tensors.size());  // is there in f32
    for (int i = 0; i < layerCount(); ++i) {
      const TensorId in = layer(i).input(0);
      const bool kept = layer(i).op == OpType::Quantize || forms.count(i) != 0;
      const bool passed = (layer(i).op == OpType::Requantize || isFreeView(i)) && made[index(in)];
      for (const TensorId id : layer(i).outputs) {
        if (id != kNoTensor) made[index(id)] = kept || passed;
      }
    }
    for (int i = layerCount() - 1; i >= 0; --i) {
      if (!isFreeView(i)) continue;
      const TensorId out = layer(i).outputs[0];
      if (!made[index(out)] || !onlyReadInFloat(out)) continue;
      auto form = formOf(i);
      if (form.ok()) forms.emplace(i, std::move(form).value());
    }
  }

  std::map<int, FloatForm> forms;
  Refusals refusals;

 private:
  static size_t index(TensorId id) { return static_cast<size_t>(id); }
  int layerCount() const { return static_cast<int>(graph_.layers.size()); }
  const Layer& layer(int i) const { return graph_.layers[static_cast<size_t>(i)]; }

  Result<FloatForm> formOf(int i) const {
    const auto known = known_.find(layer(i).name);
    return known != known_.end() ? known->second : floatForm(graph_, layer(i));
  }

  void ask(const Backend& backend, int i) {
    const Verdict asItIs = verdicts_.ask(backend, graph_, layer(i));
    if (asItIs.supported) return;
    auto form = formOf(i);
    if (!form.ok()) {
      if (!asItIs.concerned) refusals[layer(i).name] = form.status().message();
      return;
    }
    const Verdict asFloat = verdicts_.ask(backend, form->graph, form->graph.layers[0]);
    if (asFloat.supported) {
      forms.emplace(i, std::move(form).value());
    } else if (!asItIs.concerned) {
      refusals[layer(i).name] = asFloat.reason;
    }
  }

  bool isFreeView(int i) const {
    return needsNoKernel(layer(i)) && isQuantized(graph_, layer(i)) &&
           policy_.pins.count(layer(i).name) == 0;
  }

  bool onlyReadInFloat(TensorId id) const {
    const std::vector<int>& readers = consumers_[index(id)];
    return !readers.empty() && !graph_.isOutput(id) &&
           std::all_of(readers.begin(), readers.end(), [&](int reader) {
             return layer(reader).op == OpType::Dequantize || forms.count(reader) != 0;
           });
  }

  const Graph& graph_;
  const PlacementPolicy& policy_;
  Verdicts& verdicts_;
  const FloatForms& known_;
  std::vector<std::vector<int>> consumers_;
};

}  // namespace

Refusals raisePinned(Graph& graph, const PlacementPolicy& policy, Verdicts& verdicts, FloatForms& forms) {
  Raiser raiser(graph, policy, verdicts, forms);
  raiser.pins();
  raiser.views();
  FloatForms used;
  for (const auto& [layer, form] : raiser.forms) used[graph.layers[static_cast<size_t>(layer)].name] = form;
  forms = std::move(used);
  raiseToFloat(graph, std::move(raiser.forms));
  return std::move(raiser.refusals);
}

}  // namespace qrt
