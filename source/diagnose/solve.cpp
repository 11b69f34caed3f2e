// Which method answers.
#include <algorithm>
#include <cmath>
#include <optional>

#include "diagnose/cost_model.h"
#include "diagnose/elimination.h"
#include "passes/min_cut.h"

namespace qrt {
namespace {

// A problem of two values each, as a minimum cut. Pairs must cost no less when their values differ than when they
// agree; if they do so only after some variables have swapped their values, these are swapped.
class TwoValues {
 public:
  explicit TwoValues(const CostModel& model) : model_(model), swapped_(model.single.size()) {}

  std::optional<std::vector<int>> solve() {
    const bool two = std::all_of(model_.single.begin(), model_.single.end(),
                                 [](const auto& costs) { return costs.size() == 2; });
    if (!two || !findSwaps()) return std::nullopt;
    build();
    if (!cut_.solve()) return std::nullopt;
    std::vector<int> choice;
    for (size_t v = 0; v < swapped_.size(); ++v) {
      choice.push_back(cut_.value(static_cast<int>(v) + kFirst) ^ (swapped_[v] ? 1 : 0));
    }
    return choice;
  }

 private:
  static constexpr int kFirst = 2;  // the cut's nodes 0 and 1 are its constants

  static double disagreement(const std::vector<double>& c) { return c[1] + c[2] - c[0] - c[3]; }

  // Walks the graph of pairs; false if two ways to a variable ask for different things.
  bool findSwaps() {
    std::vector<std::vector<std::pair<size_t, bool>>> next(swapped_.size());
    for (const CostModel::Pair& pair : model_.pairs) {
      const double d = disagreement(pair.cost);
      if (d == 0) continue;
      next[static_cast<size_t>(pair.a)].emplace_back(pair.b, d < 0);
      next[static_cast<size_t>(pair.b)].emplace_back(pair.a, d < 0);
    }
    std::vector<bool> seen(swapped_.size());
    for (size_t start = 0; start < seen.size(); ++start) {
      if (seen[start]) continue;
      seen[start] = true;
      std::vector<size_t> stack = {start};
      while (!stack.empty()) {
        const size_t v = stack.back();
        stack.pop_back();
        for (const auto& [other, differs] : next[v]) {
          const bool swap = swapped_[v] != differs;
          if (seen[other] && swapped_[other] != swap) return false;
          if (!seen[other]) seen[other] = true, swapped_[other] = swap, stack.push_back(other);
        }
      }
    }
    return true;
  }

  // θ(a,b) = θ00 + (θ10 − θ00)·a + (θ11 − θ10)·b + disagreement·(1 − a)·b.
  void build() {
    std::vector<double> one(swapped_.size());  // what value 1 costs more than 0, after the swap
    double scale = 1;
    for (size_t v = 0; v < one.size(); ++v) {
      cut_.addNode();
      const double more = model_.single[v][1] - model_.single[v][0];
      one[v] = swapped_[v] ? -more : more;
      scale += std::abs(more);
    }
    struct Edge {
      int a, b;
      double cost;
    };
    std::vector<Edge> edges;
    for (const CostModel::Pair& pair : model_.pairs) {
      std::vector<double> c = pair.cost;
      if (swapped_[static_cast<size_t>(pair.a)]) std::swap(c[0], c[2]), std::swap(c[1], c[3]);
      if (swapped_[static_cast<size_t>(pair.b)]) std::swap(c[0], c[1]), std::swap(c[2], c[3]);
      one[static_cast<size_t>(pair.a)] += c[2] - c[0];
      one[static_cast<size_t>(pair.b)] += c[3] - c[2];
      edges.push_back({pair.a, pair.b, disagreement(c)});
      scale += std::abs(c[2] - c[0]) + std::abs(c[3] - c[2]) + std::abs(disagreement(c));
    }
    const auto whole = [&](double cost) {
      return static_cast<int64_t>(std::llround(std::max(cost, 0.0) / scale * 0x1p58));
    };
    for (size_t v = 0; v < one.size(); ++v) {
      const int node = static_cast<int>(v) + kFirst;
      if (one[v] > 0) cut_.addCost(MinCut::kZero, node, whole(one[v]));
      if (one[v] < 0) cut_.addCost(node, MinCut::kOne, whole(-one[v]));
    }
    for (const Edge& edge : edges) cut_.addCost(edge.a + kFirst, edge.b + kFirst, whole(edge.cost));
  }

  const CostModel& model_;
  std::vector<bool> swapped_;
  MinCut cut_;
};

}  // namespace

int CostModel::add(std::vector<double> costs) {
  single.push_back(std::move(costs));
  return variables() - 1;
}

double CostModel::cost(const std::vector<int>& choice) const {
  double sum = 0;
  for (size_t v = 0; v < single.size(); ++v) sum += single[v][static_cast<size_t>(choice[v])];
  for (const Pair& pair : pairs) {
    const int index = choice[static_cast<size_t>(pair.a)] * values(pair.b) + choice[static_cast<size_t>(pair.b)];
    sum += pair.cost[static_cast<size_t>(index)];
  }
  return sum;
}

CostSolution solve(const CostModel& model, const SolveLimits& limits) {
  Elimination elimination(model, limits);
  if (!elimination.tight()) {
    if (auto choice = TwoValues(model).solve()) {
      const double cost = model.cost(*choice);
      return {std::move(*choice), cost, cost, true, "minimum cut"};
    }
  }
  return elimination.search();
}

}  // namespace qrt
