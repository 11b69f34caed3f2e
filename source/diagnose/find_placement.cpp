// findPlacement(): measure, solve, and believe only what the clock confirms.
#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/out_of_memory.h"
#include "diagnose/measure_costs.h"
#include "diagnose/samples.h"
#include "qrt/diagnose.h"

namespace qrt {
namespace {

constexpr int kLeastRuns = 5;

// Session options with nothing pinned.
SessionOptions plain(SessionOptions options) {
  options.backends.clear();
  options.layerBackends.clear();
  options.placement.clear();
  options.profiling = false;
  return options;
}

SessionOptions allOn(const SessionOptions& base, const Candidates& candidates, size_t backend) {
  SessionOptions options = plain(base);
  for (size_t i = 0; i < candidates.layers.size(); ++i) {
    if (candidates.layers[i][backend].possible) options.placement[candidates.name(i)] = candidates.backends[backend]->name();
  }
  return options;
}

std::vector<LayerChoice> choices(const Candidates& candidates, const Costs& costs, const std::vector<int>& placement) {
  std::vector<LayerChoice> result;
  for (size_t i = 0; i < candidates.layers.size(); ++i) {
    const auto chosen = static_cast<size_t>(placement[i]);
    LayerChoice choice{candidates.name(i), std::string(opName(candidates.graph.layers[i].op)),
                       std::string(candidates.backends[chosen]->name()), {}};
    for (size_t b = 0; b < candidates.backends.size(); ++b) {
      const Candidate& candidate = candidates.layers[i][b];
      choice.times.push_back({std::string(candidates.backends[b]->name()), candidate.possible, candidate.reason,
                              costs.layers[i][b]});
    }
    result.push_back(std::move(choice));
  }
  return result;
}

// Each layer where it is fastest, whatever it costs to get there.
std::vector<int> greedy(const PlacementProblem& problem) {
  std::vector<int> placement;
  for (const PlacementProblem::Layer& layer : problem.layers) {
    const auto least = std::min_element(layer.time.begin(), layer.time.end());
    placement.push_back(static_cast<int>(least - layer.time.begin()));
  }
  return placement;
}

SessionOptions placed(const SessionOptions& base, const Candidates& candidates, const std::vector<int>& placement) {
  SessionOptions options = plain(base);
  for (size_t i = 0; i < placement.size(); ++i) {
    options.placement[candidates.name(i)] = candidates.backends[static_cast<size_t>(placement[i])]->name();
  }
  return options;
}

// The transfers of a placement, with their times.
Result<std::vector<Transfer>> transfers(const Model& model, const PlaceOptions& options, SessionOptions session) {
  session.profiling = true;
  QRT_ASSIGN_OR_RETURN(Trial trial, Trial::create(model, std::move(session), options.fill));
  trial.session().resetProfile();
  for (int run = 0; run < options.runs; ++run) QRT_RETURN_IF_ERROR(trial.session().run());
  return trial.session().placement().transfers;
}

class Finder {
 public:
  Finder(const Model& model, const PlaceOptions& options) : model_(model), options_(options) {}

  Result<FoundPlacement> run() {
    QRT_ASSIGN_OR_RETURN(const Candidates candidates, Candidates::of(model_, options_.session, options_.backends));
    QRT_ASSIGN_OR_RETURN(const Costs costs, measureCosts(model_, candidates, options_));
    const CostSolution solution = solve(costs.problem);
    found_.layers = choices(candidates, costs, solution.choice);
    found_.predictedMs = solution.cost;
    found_.lowerBoundMs = solution.lowerBound;
    found_.method = solution.method;
    add("before", options_.session);
    for (size_t b = 0; b < candidates.backends.size(); ++b) {
      add(concat("all on ", candidates.backends[b]->name()), allOn(options_.session, candidates, b));
    }
    add("greedy", placed(options_.session, candidates, greedy(costs.problem)));
    add("found", placed(options_.session, candidates, solution.choice));
    QRT_RETURN_IF_ERROR(compare());
    return std::move(found_);
  }

 private:
  void add(std::string name, SessionOptions options) {
    options.profiling = false;
    names_.push_back(std::move(name));
    sessions_.push_back(std::move(options));
  }

  // End to end, in turn. Of those that are faster than the one before beyond noise the found one is taken, or the
  // fastest of those that are faster than it beyond noise.
  Status compare() {
    std::vector<Trial> trials;
    for (const SessionOptions& options : sessions_) {
      QRT_ASSIGN_OR_RETURN(Trial trial, Trial::create(model_, options, options_.fill));
      trials.push_back(std::move(trial));
    }
    QRT_RETURN_IF_ERROR(runInTurn(trials, 2 * options_.runs, {}));
    size_t best = 0;
    const auto behind = [&](size_t t) {
      const Measured& ratio = found_.trials[t].behind;
      return ratio.high < 1 ? ratio.median : 1.0;
    };
    for (size_t t = 0; t < trials.size(); ++t) {
      found_.trials.push_back({names_[t], measured(trials[t].total()),
                               measured(ratios(trials[0].total(), trials[t].total())),
                               measured(ratios(trials[t].total(), trials.back().total()))});
      const bool faster = t > 0 && found_.trials[t].speedup.low > 1;
      if (faster && (best == 0 || behind(t) <= behind(best))) best = t;
    }
    found_.chosen = names_[best];
    found_.placement = placementOf(trials[best].session());
    QRT_ASSIGN_OR_RETURN(found_.transfers, transfers(model_, options_, sessions_[best]));
    return {};
  }

  const Model& model_;
  const PlaceOptions& options_;
  FoundPlacement found_;
  std::vector<std::string> names_;
  std::vector<SessionOptions> sessions_;
};

}  // namespace

Result<FoundPlacement> findPlacement(const Model& model, const PlaceOptions& options) {
  return catchOutOfMemory([&]() -> Result<FoundPlacement> {
    if (options.runs < kLeastRuns) {
      return invalidArgument("runs is ", options.runs, ", wanted ", kLeastRuns, " or more");
    }
    return Finder(model, options).run();
  });
}

}  // namespace qrt
