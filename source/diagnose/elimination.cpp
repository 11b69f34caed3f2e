#include "diagnose/elimination.h"

#include <algorithm>
#include <limits>
#include <set>

namespace qrt {
namespace {

template <class T>
T& get(std::vector<T>& items, int i) {
  return items[static_cast<size_t>(i)];
}
template <class T>
const T& get(const std::vector<T>& items, int i) {
  return items[static_cast<size_t>(i)];
}

std::vector<int> merged(const std::vector<int>& a, const std::vector<int>& b) {
  std::vector<int> all;
  std::set_union(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(all));
  return all;
}

}  // namespace

Elimination::Elimination(const CostModel& model, const SolveLimits& limits)
    : model_(model),
      limits_(limits),
      position_(model.single.size()),
      buckets_(model.single.size()),
      sent_(model.single.size()),
      choice_(model.single.size()) {
  order_ = orderByFill();
  for (size_t i = 0; i < order_.size(); ++i) get(position_, order_[i]) = i;
  fillBuckets();
  for (const int variable : order_) eliminate(variable);
}

void Elimination::fillBuckets() {
  for (int v = 0; v < model_.variables(); ++v) place({{v}, get(model_.single, v)}, -1);
  for (const CostModel::Pair& pair : model_.pairs) {
    if (pair.a < pair.b) {
      place({{pair.a, pair.b}, pair.cost}, -1);
      continue;
    }
    Table turned{{pair.b, pair.a}, {}};
    for (int b = 0; b < model_.values(pair.b); ++b) {
      for (int a = 0; a < model_.values(pair.a); ++a) {
        turned.values.push_back(get(pair.cost, a * model_.values(pair.b) + b));
      }
    }
    place(std::move(turned), -1);
  }
}

// The next variable is the one whose elimination joins the fewest pairs of neighbours that are not joined yet;
// of equals the one with fewer neighbours.
std::vector<int> Elimination::orderByFill() const {
  std::vector<std::set<int>> neighbours(model_.single.size());
  for (const CostModel::Pair& pair : model_.pairs) {
    get(neighbours, pair.a).insert(pair.b);
    get(neighbours, pair.b).insert(pair.a);
  }
  const auto fill = [&](int v) {
    size_t missing = 0;
    const std::set<int>& around = get(neighbours, v);
    for (auto a = around.begin(); a != around.end(); ++a) {
      for (auto b = std::next(a); b != around.end(); ++b) missing += !get(neighbours, *a).contains(*b);
    }
    return std::pair(missing, around.size());
  };
  // Kept sorted by fill, which changes only near an eliminated variable.
  std::set<std::pair<std::pair<size_t, size_t>, int>> queue;
  std::vector<std::pair<size_t, size_t>> key(model_.single.size());
  for (int v = 0; v < model_.variables(); ++v) queue.insert({get(key, v) = fill(v), v});
  std::vector<int> order;
  while (!queue.empty()) {
    const int v = queue.begin()->second;
    queue.erase(queue.begin());
    order.push_back(v);
    std::set<int> changed;
    const std::set<int> around = std::move(get(neighbours, v));
    for (const int a : around) {
      get(neighbours, a).erase(v);
      for (const int b : around) {
        if (a != b) get(neighbours, a).insert(b);
      }
    }
    for (const int a : around) {
      changed.insert(a);
      changed.insert(get(neighbours, a).begin(), get(neighbours, a).end());
    }
    for (const int a : changed) {
      queue.erase({get(key, a), a});
      queue.insert({get(key, a) = fill(a), a});
    }
  }
  return order;
}

// At most tableSize + 1.
size_t Elimination::sizeOf(const std::vector<int>& scope) const {
  size_t size = 1;
  for (const int v : scope) {
    size *= static_cast<size_t>(model_.values(v));
    if (size > limits_.tableSize) return limits_.tableSize + 1;
  }
  return size;
}

// The table's entry at choice_.
double Elimination::at(const Table& table) const {
  size_t index = 0;
  for (const int v : table.scope) {
    index = index * static_cast<size_t>(model_.values(v)) + static_cast<size_t>(get(choice_, v));
  }
  return table.values[index];
}

// Into the bucket of its variable that is eliminated first; a constant joins the bound.
void Elimination::place(Table table, int from) {
  if (from >= 0) get(sent_, from).push_back(static_cast<int>(tables_.size()));
  if (table.scope.empty()) {
    bound_ += table.values[0];
  } else {
    const int first = *std::min_element(table.scope.begin(), table.scope.end(), [&](int a, int b) {
      return get(position_, a) < get(position_, b);
    });
    get(buckets_, first).push_back(static_cast<int>(tables_.size()));
  }
  tables_.push_back(std::move(table));
}

// Groups of tables whose joint scope fits the limit: first come, first fit.
std::vector<std::vector<int>> Elimination::split(const std::vector<int>& bucket) const {
  std::vector<std::vector<int>> groups;
  std::vector<std::vector<int>> scopes;
  for (const int t : bucket) {
    size_t g = 0;
    while (g < groups.size() && sizeOf(merged(scopes[g], get(tables_, t).scope)) > limits_.tableSize) ++g;
    if (g == groups.size()) groups.emplace_back(), scopes.emplace_back();
    groups[g].push_back(t);
    scopes[g] = merged(scopes[g], get(tables_, t).scope);
  }
  return groups;
}

// The tables' sum, minimal over the variable.
Elimination::Table Elimination::minimum(const std::vector<int>& tables, int variable) {
  Table result;
  for (const int t : tables) result.scope = merged(result.scope, get(tables_, t).scope);
  std::erase(result.scope, variable);
  for (const int v : result.scope) get(choice_, v) = 0;
  while (true) {
    double least = std::numeric_limits<double>::infinity();
    for (int value = 0; value < model_.values(variable); ++value) {
      get(choice_, variable) = value;
      double sum = 0;
      for (const int t : tables) sum += at(get(tables_, t));
      least = std::min(least, sum);
    }
    result.values.push_back(least);
    // The next entry: choice_ counts like an odometer.
    size_t digit = result.scope.size();
    while (digit > 0 && ++get(choice_, result.scope[digit - 1]) == model_.values(result.scope[digit - 1])) {
      get(choice_, result.scope[--digit]) = 0;
    }
    if (digit == 0) return result;
  }
}

void Elimination::eliminate(int variable) {
  const auto groups = split(get(buckets_, variable));
  tight_ = tight_ && groups.size() == 1;
  for (const std::vector<int>& group : groups) place(minimum(group, variable), variable);
}

// Gives a value to the variable eliminated as number `depth` from behind. `estimate` bounds what all
// continuations cost.
void Elimination::walk(size_t depth, double estimate) {
  if (depth == order_.size()) {
    const double cost = model_.cost(choice_);
    if (cost < best_.cost) best_.cost = cost, best_.choice = choice_;
    return;
  }
  const int variable = order_[order_.size() - 1 - depth];
  for (const int t : get(sent_, variable)) estimate -= at(get(tables_, t));
  std::vector<std::pair<double, int>> values;
  for (int value = 0; value < model_.values(variable); ++value) {
    get(choice_, variable) = value;
    double sum = estimate;
    for (const int t : get(buckets_, variable)) sum += at(get(tables_, t));
    values.emplace_back(sum, value);
  }
  std::sort(values.begin(), values.end());
  for (const auto& [sum, value] : values) {
    const bool found = !best_.choice.empty();
    if (found && (tight_ || visited_ >= limits_.searchNodes || sum >= best_.cost)) return;
    ++visited_;
    get(choice_, variable) = value;
    walk(depth + 1, sum);
  }
}

CostSolution Elimination::search() {
  best_ = {{}, std::numeric_limits<double>::infinity(), bound_, false, "elimination"};
  visited_ = 0;
  walk(0, bound_);
  best_.exact = tight_ || visited_ < limits_.searchNodes;
  if (!tight_) best_.method = "bounded search";
  best_.lowerBound = best_.exact ? best_.cost : std::min(bound_, best_.cost);
  return std::move(best_);
}

}  // namespace qrt
