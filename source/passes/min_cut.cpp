#include "passes/min_cut.h"

#include <algorithm>

namespace qrt {
namespace {

constexpr int64_t kMostWork = int64_t{1} << 26;  // edges looked at, well under a second

}  // namespace

int MinCut::addNode() {
  from_.emplace_back();
  return static_cast<int>(from_.size()) - 1;
}

void MinCut::addCost(int zero, int one, int64_t cost) {
  if (zero == one || cost == 0) return;
  from_[static_cast<size_t>(zero)].push_back(static_cast<int>(edges_.size()));
  edges_.push_back({one, cost});
  from_[static_cast<size_t>(one)].push_back(static_cast<int>(edges_.size()));
  edges_.push_back({zero, 0});
}

// Distances from kZero over edges with capacity left; true if kOne can be reached.
bool MinCut::levels() {
  level_.assign(from_.size(), -1);
  level_[kZero] = 0;
  std::vector<int> queue = {kZero};
  for (size_t head = 0; head < queue.size(); ++head) {
    const auto node = static_cast<size_t>(queue[head]);
    for (const int e : from_[node]) {
      ++work_;
      const Edge& edge = edges_[static_cast<size_t>(e)];
      if (edge.capacity == 0 || level_[static_cast<size_t>(edge.to)] >= 0) continue;
      level_[static_cast<size_t>(edge.to)] = level_[node] + 1;
      queue.push_back(edge.to);
    }
  }
  return level_[kOne] >= 0;
}

// Sends flow along one shortest path; 0 if there is none left.
int64_t MinCut::augment() {
  std::vector<int> path;  // edges
  int node = kZero;
  while (node != kOne) {
    size_t& next = next_[static_cast<size_t>(node)];
    const std::vector<int>& out = from_[static_cast<size_t>(node)];
    while (next < out.size()) {
      ++work_;
      const Edge& edge = edges_[static_cast<size_t>(out[next])];
      if (edge.capacity > 0 &&
          level_[static_cast<size_t>(edge.to)] == level_[static_cast<size_t>(node)] + 1) {
        break;
      }
      ++next;
    }
    if (next < out.size()) {
      path.push_back(out[next]);
      node = edges_[static_cast<size_t>(out[next])].to;
    } else if (path.empty()) {
      return 0;
    } else {  // a dead end: back, and not here again
      node = edges_[static_cast<size_t>(path.back() ^ 1)].to;
      path.pop_back();
      ++next_[static_cast<size_t>(node)];
    }
  }
  int64_t flow = kNever;
  for (const int e : path) flow = std::min(flow, edges_[static_cast<size_t>(e)].capacity);
  for (const int e : path) {
    edges_[static_cast<size_t>(e)].capacity -= flow;
    edges_[static_cast<size_t>(e ^ 1)].capacity += flow;
  }
  return flow;
}

bool MinCut::solve() {
  while (levels()) {
    next_.assign(from_.size(), 0);
    while (augment() > 0) {
      if (work_ > kMostWork) return false;
    }
  }
  return true;
}

}  // namespace qrt
