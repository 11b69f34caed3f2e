#include "passes/reshape_layout.h"

#include <algorithm>

namespace qrt {
namespace {

// Dims of both sides that a reshape keeps together: [N, C, H, W] → [N, g, C/g, HW] has the groups
// {N}→{N}, {C}→{g, C/g} and {H, W}→{HW}. Dims of 1 are in no group.
struct Group {
  std::vector<int> from;
  std::vector<int> to;
};

std::vector<int> dimsNotOne(const Shape& shape) {
  std::vector<int> dims;
  for (int i = 0; i < shape.rank(); ++i) {
    if (shape[i] != 1) dims.push_back(i);
  }
  return dims;
}

bool usable(const Shape& shape) {
  const auto dims = shape.dims();
  return shape.ranked() && std::count(dims.begin(), dims.end(), Shape::kUnknown) <= 1 &&
         std::count(dims.begin(), dims.end(), 0) == 0;
}

std::optional<std::vector<Group>> groups(const Shape& from, const Shape& to) {
  if (!usable(from) || !usable(to)) return std::nullopt;
  const std::vector<int> a = dimsNotOne(from), b = dimsNotOne(to);
  std::vector<Group> result;
  size_t i = 0, j = 0;
  while (i < a.size() && j < b.size()) {
    Group group{{a[i]}, {b[j]}};
    double left = static_cast<double>(from[a[i++]]), right = static_cast<double>(to[b[j++]]);
    while (left != right) {  // an unknown dim, −1, only ever matches another
      if (left < 0 || right < 0) return std::nullopt;
      if (left < right) {
        if (i == a.size() || from[a[i]] < 0) return std::nullopt;
        left *= static_cast<double>(from[a[i]]);
        group.from.push_back(a[i++]);
      } else {
        if (j == b.size() || to[b[j]] < 0) return std::nullopt;
        right *= static_cast<double>(to[b[j]]);
        group.to.push_back(b[j++]);
      }
    }
    result.push_back(std::move(group));
  }
  if (i != a.size() || j != b.size()) return std::nullopt;
  return result;
}

}  // namespace

std::optional<Perm> permThroughReshape(const Shape& from, const Shape& to, const Perm& perm) {
  const auto found = groups(from, to);
  if (!found) return std::nullopt;
  std::vector<const Group*> groupOf(perm.size());
  for (const Group& group : *found) {
    for (const int dim : group.from) groupOf[static_cast<size_t>(dim)] = &group;
  }
  std::vector<int> order;  // the dims of `to` that are not 1, in their new order
  for (size_t i = 0; i < perm.size();) {
    const Group* group = groupOf[static_cast<size_t>(perm[i])];
    if (group == nullptr) {
      ++i;
      continue;
    }
    for (const int dim : group->from) {
      while (i < perm.size() && groupOf[static_cast<size_t>(perm[i])] == nullptr) ++i;
      if (i == perm.size() || perm[i] != dim) return std::nullopt;
      ++i;
    }
    order.insert(order.end(), group->to.begin(), group->to.end());
  }
  Perm result = identityPerm(to.rank());
  size_t next = 0;
  for (int i = 0; i < to.rank(); ++i) {
    if (to[i] != 1) result[static_cast<size_t>(i)] = order[next++];
  }
  return result;
}

}  // namespace qrt
