// The cheapest way to give each of many variables the value 0 or 1, where wanting a value and
// differing from one another cost something: a minimum cut, found as a maximum flow by Dinic's
// algorithm (Dinic 1970).
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace qrt {

class MinCut {
 public:
  static constexpr int64_t kNever = int64_t{1} << 61;
  /// Stand for the constants 0 and 1.
  static constexpr int kZero = 0;
  static constexpr int kOne = 1;

  MinCut() { addNode(), addNode(); }
  /// A new variable.
  int addNode();
  /// `cost` is paid if `zero` is 0 and `one` is 1.
  void addCost(int zero, int one, int64_t cost);
  /// Finds the values; false if that takes too much work. The sum of all costs but kNever must be
  /// below kNever.
  bool solve();
  /// The value of a variable, after solve().
  int value(int node) const { return level_[static_cast<size_t>(node)] < 0; }

 private:
  struct Edge {
    int to;
    int64_t capacity;
  };
  bool levels();
  int64_t augment();

  std::vector<Edge> edges_;             ///< edge i and its reverse i ^ 1
  std::vector<std::vector<int>> from_;  ///< by node: indices of its edges
  std::vector<int> level_;
  std::vector<size_t> next_;  ///< by node: the first edge not yet exhausted
  int64_t work_ = 0;
};

}  // namespace qrt
