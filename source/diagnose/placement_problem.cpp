#include "diagnose/placement_problem.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace qrt {
namespace {

// The problem as pairs. Variables 0 … layers − 1 are the layers; of their values only those remain that are
// possible. One more for each tensor and space that readers may want: 1 if the tensor is there.
class Builder {
 public:
  explicit Builder(const PlacementProblem& problem) : problem_(problem), backends_(problem.layers.size()) {
    for (size_t i = 0; i < problem.layers.size(); ++i) {
      std::vector<double> times;
      for (size_t b = 0; b < problem.launch.size(); ++b) {
        const double time = problem.layers[i].time[b];
        if (!std::isfinite(time)) continue;
        backends_[i].push_back(static_cast<int>(b));
        times.push_back(time);
        never_ += time;
      }
      model.add(std::move(times));
    }
    for (const PlacementProblem::Tensor& tensor : problem.tensors) {
      for (const double cost : tensor.move) never_ += cost;
    }
    for (const double launch : problem.launch) never_ += launch * static_cast<double>(problem.layers.size());
    launches();
    for (const PlacementProblem::Tensor& tensor : problem.tensors) moves(tensor);
  }

  std::vector<int> placement(const std::vector<int>& choice) const {
    std::vector<int> result;
    for (size_t i = 0; i < backends_.size(); ++i) {
      result.push_back(backends_[i][static_cast<size_t>(choice[i])]);
    }
    return result;
  }

  CostModel model;

 private:
  int space(int layer, int value) const {
    const auto i = static_cast<size_t>(layer);
    return problem_.layers[i].space[static_cast<size_t>(backends_[i][static_cast<size_t>(value)])];
  }

  // cost(value of a, value of b) for all values; nothing if it is always 0.
  template <class Cost>
  void pair(int a, int b, const Cost& cost) {
    std::vector<double> costs;
    for (int i = 0; i < model.values(a); ++i) {
      for (int j = 0; j < model.values(b); ++j) costs.push_back(cost(i, j));
    }
    const bool free = std::all_of(costs.begin(), costs.end(), [](double c) { return c == 0; });
    if (!free) model.pairs.push_back({a, b, std::move(costs)});
  }

  void launches() {
    for (size_t i = 0; i < backends_.size(); ++i) {
      const auto launch = [&](int value) {
        return problem_.launch[static_cast<size_t>(backends_[i][static_cast<size_t>(value)])];
      };
      const int layer = static_cast<int>(i);
      if (i == 0) {
        for (int v = 0; v < model.values(layer); ++v) model.single[i][static_cast<size_t>(v)] += launch(v);
        continue;
      }
      pair(layer - 1, layer, [&](int before, int value) {
        const bool same = backends_[i - 1][static_cast<size_t>(before)] == backends_[i][static_cast<size_t>(value)];
        return same ? 0 : launch(value);
      });
    }
  }

  void moves(const PlacementProblem::Tensor& tensor) {
    for (int to = 0; to < problem_.spaces; ++to) {
      const auto cost = [&](int from) { return tensor.move[static_cast<size_t>(from * problem_.spaces + to)]; };
      bool wanted = tensor.output && to == 0;
      bool free = true;
      for (int from = 0; from < problem_.spaces; ++from) free = free && cost(from) == 0;
      for (const int reader : tensor.readers) {
        for (int v = 0; v < model.values(reader); ++v) wanted = wanted || space(reader, v) == to;
      }
      if (!wanted || free) continue;
      const int present = model.add({0, tensor.producer < 0 ? cost(0) : 0});
      if (tensor.output && to == 0) model.single.back()[0] = never_;
      if (tensor.producer >= 0) {
        pair(tensor.producer, present, [&](int v, int there) { return there == 1 ? cost(space(tensor.producer, v)) : 0; });
      }
      for (const int reader : tensor.readers) {
        pair(reader, present, [&](int v, int there) { return there == 0 && space(reader, v) == to ? never_ : 0; });
      }
    }
  }

  const PlacementProblem& problem_;
  std::vector<std::vector<int>> backends_;  // by layer, by value
  double never_ = 1;                        // more than any placement costs
};

// Moves single layers as long as that helps.
void polish(const PlacementProblem& problem, std::vector<int>& choice, double& cost) {
  for (bool better = true; better;) {
    better = false;
    for (size_t i = 0; i < choice.size(); ++i) {
      for (size_t b = 0; b < problem.launch.size(); ++b) {
        const int before = std::exchange(choice[i], static_cast<int>(b));
        const double tried = latency(problem, choice);
        if (tried < cost) cost = tried, better = true;
        else choice[i] = before;
      }
    }
  }
}

}  // namespace

double latency(const PlacementProblem& problem, const std::vector<int>& backends) {
  double sum = 0;
  for (size_t i = 0; i < problem.layers.size(); ++i) {
    const auto b = static_cast<size_t>(backends[i]);
    sum += problem.layers[i].time[b];
    if (i == 0 || backends[i - 1] != backends[i]) sum += problem.launch[b];
  }
  const auto space = [&](int layer) {
    const auto i = static_cast<size_t>(layer);
    return problem.layers[i].space[static_cast<size_t>(backends[i])];
  };
  for (const PlacementProblem::Tensor& tensor : problem.tensors) {
    const int from = tensor.producer < 0 ? 0 : space(tensor.producer);
    for (int to = 0; to < problem.spaces; ++to) {
      const bool read = std::any_of(tensor.readers.begin(), tensor.readers.end(),
                                    [&](int reader) { return space(reader) == to; });
      if (read || (tensor.output && to == 0)) sum += tensor.move[static_cast<size_t>(from * problem.spaces + to)];
    }
  }
  return sum;
}

CostSolution solve(const PlacementProblem& problem, const SolveLimits& limits) {
  const Builder builder(problem);
  CostSolution solution = solve(builder.model, limits);
  solution.choice = builder.placement(solution.choice);
  if (solution.exact) return solution;
  // The search may have ended with tensors in the wrong spaces, which follow from where the layers are.
  solution.cost = latency(problem, solution.choice);
  polish(problem, solution.choice, solution.cost);
  return solution;
}

}  // namespace qrt
