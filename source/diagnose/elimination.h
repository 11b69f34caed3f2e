// Cheapest choices by eliminating one variable after another: dynamic programming over a tree decomposition.
//
// The functions that depend on a variable are its bucket. Eliminating it replaces them by one function of their
// other variables: the least sum over the variable's values. That is exact and costs a table of the product of
// their value counts: small for chains and series-parallel graphs (two or three variables), whatever their length
// (Bertelè and Brioschi 1972). A bucket whose table would be too large is cut into several whose minima are taken
// apart: a lower bound (mini-buckets, Dechter and Rish 2003). Walking the variables backwards then finds a choice
// by depth-first search in which the functions are the estimate of what is still to come; where no bucket was cut
// the estimate is true, and the first walk is the answer.
#pragma once

#include "diagnose/cost_model.h"

namespace qrt {

class Elimination {
 public:
  Elimination(const CostModel& model, const SolveLimits& limits);
  /// No choice costs less.
  double lowerBound() const { return bound_; }
  /// Whether lowerBound() can be reached: no bucket was cut.
  bool tight() const { return tight_; }
  /// The best choice within the limits; exact if tight() or if the search came to its end.
  CostSolution search();

 private:
  // A function of some variables; `scope` ascending, the last one varies fastest.
  struct Table {
    std::vector<int> scope;
    std::vector<double> values;
  };

  void fillBuckets();
  std::vector<int> orderByFill() const;
  size_t sizeOf(const std::vector<int>& scope) const;
  double at(const Table& table) const;
  void eliminate(int variable);
  std::vector<std::vector<int>> split(const std::vector<int>& bucket) const;
  Table minimum(const std::vector<int>& tables, int variable);
  void place(Table table, int from);
  void walk(size_t depth, double estimate);

  const CostModel& model_;
  SolveLimits limits_;
  std::vector<int> order_;                 // of elimination
  std::vector<size_t> position_;           // by variable: in order_
  std::vector<Table> tables_;
  std::vector<std::vector<int>> buckets_;  // by variable: tables that depend on it and on no earlier one
  std::vector<std::vector<int>> sent_;     // by variable: tables that its elimination made
  double bound_ = 0;
  bool tight_ = true;
  std::vector<int> choice_;
  CostSolution best_;
  size_t visited_ = 0;
};

}  // namespace qrt
