// bisect(): the searches of find_slow.h and find_wrong.h, on sessions.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>
#include <memory>
#include <optional>

#include "base/error.h"
#include "base/out_of_memory.h"
#include "diagnose/candidates.h"
#include "diagnose/find_slow.h"
#include "diagnose/find_wrong.h"
#include "diagnose/samples.h"
#include "diagnose/trial.h"
#include "graph/quantized.h"
#include "runtime/partition.h"
#include "runtime/place.h"

namespace qrt {
namespace {

constexpr size_t kMostSessions = 40;  // kept for more runs
constexpr int kElsewhereRuns = 7;

// All elements of all outputs.
Result<std::vector<double>> outputsOf(const Session& session) {
  std::vector<double> values;
  for (size_t i = 0; i < session.outputs().size(); ++i) {
    QRT_ASSIGN_OR_RETURN(const ConstTensorView view, session.output(i));
    const auto append = [&]<class T>(T) {
      const T* data = static_cast<const T*>(view.data);
      values.insert(values.end(), data, data + view.shape.elements());
    };
    switch (view.dtype) {
      case DType::f32: append(float{}); break;
      case DType::s8: append(int8_t{}); break;
      case DType::u8: append(uint8_t{}); break;
      case DType::s32: append(int32_t{}); break;
      case DType::s64: append(int64_t{}); break;
      default: return unsupported("output '", session.outputs()[i].name, "' is ", dtypeName(view.dtype));
    }
  }
  return values;
}

// ‖found − wanted‖ / ‖wanted‖; what is not finite differs as much as can be.
double relativeError(const std::vector<double>& found, const std::vector<double>& wanted) {
  double difference = 0, size = 0;
  for (size_t i = 0; i < wanted.size(); ++i) {
    const double d = found[i] - wanted[i];
    difference += std::isfinite(d) ? d * d : std::isfinite(wanted[i]) || std::isfinite(found[i]) ? 1e30 : 0;
    if (std::isfinite(wanted[i])) size += wanted[i] * wanted[i];
  }
  return std::sqrt(difference / std::max(size, 1e-30));
}

class Bisector {
 public:
  Bisector(const Model& model, const BisectOptions& options) : model_(model), options_(options) {}

  Result<Bisection> run() {
    QRT_ASSIGN_OR_RETURN(candidates_, Candidates::of(model_, options_.session, {options_.backend}));
    for (size_t i = 0; i < candidates_->layers.size(); ++i) {
      const bool view = needsNoKernel(candidates_->graph.layers[i]) && !suspect().wantsPartitions();
      if (candidates_->layers[i][0].possible && !view) layers_.push_back(i);
    }
    if (layers_.empty()) {
      return invalidArgument("backend '", options_.backend, "' runs no layer of this model: ",
                             candidates_->layers.empty() ? "it has none" : candidates_->layers[0][0].reason);
    }
    QRT_RETURN_IF_ERROR(options_.metric == BisectMetric::time ? slow() : wrong());
    return std::move(result_);
  }

 private:
  const Backend& suspect() const { return *candidates_->backends[0]; }

  std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (const size_t i : layers_) names.push_back(candidates_->name(i));
    return names;
  }

  Culprit culprit(size_t layer) const {
    const Layer& found = candidates_->graph.layers[layers_[layer]];
    return {found.name, std::string(opName(found.op)), 0, 0};
  }

  void say(const std::string& sentence) {
    result_.steps.push_back(sentence);
    if (options_.say) options_.say(sentence);
  }

  // A session with these layers moved, run once or more.
  Result<Trial*> trial(const Moved& moved) {
    if (const auto known = trials_.find(moved); known != trials_.end()) return known->second.get();
    if (trials_.size() >= kMostSessions) trials_.erase(std::next(trials_.begin()));  // any but the first, often used
    SessionOptions options = options_.session;
    options.layerBackends.clear();
    options.placement.clear();
    options.profiling = options_.metric == BisectMetric::time;
    for (size_t i = 0; i < layers_.size(); ++i) {
      if (!moved[i]) options.placement[candidates_->name(layers_[i])] = options_.backend;
    }
    QRT_ASSIGN_OR_RETURN(Trial made, Trial::create(model_, std::move(options), options_.fill));
    ++result_.runs;
    return (trials_[moved] = std::make_unique<Trial>(std::move(made))).get();
  }

  Result<SlowSearch::Sample> sample(const Moved& moved) {
    QRT_ASSIGN_OR_RETURN(Trial * found, trial(moved));
    QRT_RETURN_IF_ERROR(found->run());
    ++result_.runs;
    SlowSearch::Sample sample{found->lastTotal() / 1e3, 0};
    for (size_t i = 0; i < layers_.size(); ++i) {
      if (moved[i]) sample.moved += found->lastLayer(candidates_->name(layers_[i])) / 1e3;
    }
    return sample;
  }

  // What the suspect's partitions are, and the bytes that cross between it and others.
  SlowSearch::Border border(const Moved& moved) const {
    const Graph& graph = candidates_->graph;
    const Backend* other = findBackend("reference");
    std::vector<const Backend*> backends(graph.layers.size(), other);
    for (size_t i = 0; i < layers_.size(); ++i) {
      if (!moved[i]) backends[layers_[i]] = &suspect();
    }
    SlowSearch::Border border;
    if (suspect().wantsPartitions()) {
      for (const Partition& p : partition(graph, backends)) border.partitions += p.backend == &suspect();
    }
    const auto there = [&](int layer) { return layer >= 0 && backends[static_cast<size_t>(layer)] == &suspect(); };
    const auto producers = graph.producers();
    const auto consumers = graph.consumers();
    for (size_t i = 0; i < graph.tensors.size(); ++i) {
      const auto id = static_cast<TensorId>(i);
      if (graph.tensor(id).isConstant() || !graph.tensor(id).shape.known()) continue;
      const bool made = there(producers[i]);
      const bool crosses = std::any_of(consumers[i].begin(), consumers[i].end(),
                                       [&](int reader) { return there(reader) != made; });
      if (crosses || (made && graph.isOutput(id))) border.bytes += candidates_->bytes(id);
    }
    return border;
  }

  Status slow() {
    SlowSearch search;
    search.layers = names();
    QRT_ASSIGN_OR_RETURN(Trial * everywhereElse, trial(Moved(layers_.size(), true)));
    for (int run = 0; run < kElsewhereRuns; ++run) QRT_RETURN_IF_ERROR(everywhereElse->run());
    result_.runs += kElsewhereRuns;
    for (const std::string& name : search.layers) search.elsewhere.push_back(median(everywhereElse->layer(name)) / 1e3);
    search.measure = [this](const Moved& moved) { return sample(moved); };
    search.border = [this](const Moved& moved) { return border(moved); };
    search.smallestGain = options_.smallestGain;
    search.mostRuns = options_.mostRuns;
    search.say = [this](const std::string& sentence) { say(sentence); };
    QRT_ASSIGN_OR_RETURN(const SlowLayers found, findSlow(search));
    for (const SlowLayer& layer : found.culprits) {
      Culprit named = culprit(layer.layer);
      named.gain = layer.gain * 1e3;
      named.deviation = layer.deviation * 1e3;
      result_.culprits.push_back(std::move(named));
    }
    result_.before = found.before * 1e3;
    result_.after = found.after * 1e3;
    result_.confidence = found.confidence;
    return {};
  }

  Result<double> error(const Moved& moved) {
    QRT_ASSIGN_OR_RETURN(Trial * found, trial(moved));
    QRT_ASSIGN_OR_RETURN(const std::vector<double> values, outputsOf(found->session()));
    return relativeError(values, wanted_);
  }

  Status wrong() {
    QRT_ASSIGN_OR_RETURN(Trial * everywhereElse, trial(Moved(layers_.size(), true)));
    QRT_ASSIGN_OR_RETURN(wanted_, outputsOf(everywhereElse->session()));
    WrongSearch search;
    search.layers = names();
    search.error = [this](const Moved& moved) { return error(moved); };
    // Int8 layers have one right answer: then nothing of the error may be left.
    const bool exact = std::all_of(layers_.begin(), layers_.end(), [this](size_t layer) {
      return isQuantized(candidates_->graph, candidates_->graph.layers[layer]);
    });
    if (exact) search.share = 0;
    search.say = [this](const std::string& sentence) { say(sentence); };
    QRT_ASSIGN_OR_RETURN(const WrongLayers found, findWrong(search));
    Moved moved(layers_.size());
    for (const size_t layer : found.culprits) moved[layer] = true;
    for (const size_t layer : found.culprits) {
      Culprit named = culprit(layer);
      if (found.culprits.size() == 1) {
        named.gain = found.before - found.after;
      } else {
        moved[layer] = false;
        QRT_ASSIGN_OR_RETURN(const double back, error(moved));
        named.gain = back - found.after;
        moved[layer] = true;
      }
      result_.culprits.push_back(std::move(named));
    }
    std::sort(result_.culprits.begin(), result_.culprits.end(),
              [](const Culprit& a, const Culprit& b) { return a.gain > b.gain; });
    result_.before = found.before;
    result_.after = found.after;
    result_.confidence = 1;
    return {};
  }

  const Model& model_;
  const BisectOptions& options_;
  std::optional<Candidates> candidates_;
  std::vector<size_t> layers_;  // that the suspect runs: indices into the graph
  std::map<Moved, std::unique_ptr<Trial>> trials_;
  std::vector<double> wanted_;
  Bisection result_;
};

}  // namespace

Result<Bisection> bisect(const Model& model, const BisectOptions& options) {
  return catchOutOfMemory([&]() -> Result<Bisection> {
    if (!(options.smallestGain > 0 && options.smallestGain < 1)) {
      return invalidArgument("smallestGain is ", options.smallestGain, ", wanted more than 0 and less than 1");
    }
    return Bisector(model, options).run();
  });
}

}  // namespace qrt
