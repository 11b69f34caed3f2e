// Choosing one of several values for each of many variables, where values cost something and so do pairs of
// values: what the question "which layer on which backend" becomes (placement_problem.h).
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace qrt {

struct CostModel {
  /// Paid for the values of two different variables: cost[value of a · (values of b) + value of b].
  struct Pair {
    int a, b;
    std::vector<double> cost;
  };
  std::vector<std::vector<double>> single;  ///< by variable, by value; finite, at least one value each
  std::vector<Pair> pairs;

  int variables() const { return static_cast<int>(single.size()); }
  int values(int variable) const { return static_cast<int>(single[static_cast<size_t>(variable)].size()); }
  /// A new variable with these costs.
  int add(std::vector<double> costs);
  /// The sum of all costs of a choice.
  double cost(const std::vector<int>& choice) const;
};

/// A choice, what it costs, and a bound that no choice can cost less than.
struct CostSolution {
  std::vector<int> choice;  ///< by variable
  double cost = 0;
  double lowerBound = 0;
  bool exact = false;       ///< then the bound is the cost
  std::string_view method;  ///< "elimination", "minimum cut" or "bounded search"
};

/// How much work solve() may do.
struct SolveLimits {
  size_t tableSize = size_t{1} << 18;  ///< entries of one table of the elimination
  size_t searchNodes = 300'000;        ///< values tried by the bounded search
};

/// The cheapest choice. Exact where the graph of pairs has small width (chains, series-parallel graphs, most
/// networks) and where every variable has two values that pairs want alike (minimum cut); else the best that
/// a bounded search finds.
CostSolution solve(const CostModel& model, const SolveLimits& limits = {});

}  // namespace qrt
