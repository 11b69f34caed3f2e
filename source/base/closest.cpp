#include "base/closest.h"

#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

namespace qrt {
namespace {

constexpr size_t kMostListed = 8;
constexpr size_t kMostSuggested = 3;
// Longer names are compared by their first so many characters.
constexpr size_t kComparedLength = 128;

// Levenshtein distance, one row at a time.
size_t editDistance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = std::exchange(row[0], i);
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row.back();
}

std::string quotedList(const std::vector<std::string_view>& names, std::string_view lastGlue) {
  std::string out;
  for (size_t i = 0; i < names.size(); ++i) {
    if (i > 0) out += i + 1 == names.size() ? lastGlue : ", ";
    out.append("'").append(names[i]).append("'");
  }
  return out;
}

}  // namespace

std::string suggestNames(std::string_view wanted, std::span<const std::string> names) {
  const std::string_view shortWanted = wanted.substr(0, kComparedLength);
  const size_t farthest = std::max<size_t>(2, shortWanted.size() / 3);
  std::vector<std::pair<size_t, std::string_view>> near;
  for (const std::string_view name : names) {
    const size_t distance = editDistance(shortWanted, name.substr(0, kComparedLength));
    if (distance <= farthest) near.emplace_back(distance, name);
  }
  std::stable_sort(near.begin(), near.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  near.resize(std::min(near.size(), kMostSuggested));
  std::vector<std::string_view> listed;
  for (const auto& [distance, name] : near) listed.push_back(name);
  if (!listed.empty()) return "; did you mean " + quotedList(listed, " or ") + "?";
  if (names.empty()) return "; there are none";
  listed.assign(names.begin(), names.begin() + std::min(names.size(), kMostListed));
  return "; there are " + quotedList(listed, ", ") + (names.size() > kMostListed ? ", …" : "");
}

}  // namespace qrt
