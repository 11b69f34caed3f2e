#include "quantize/recipe_fields.h"


#include "base/error.h"
#include "quantize/json_value.h"
#include "quantize/observers/observer.h"

namespace qrt {
namespace {

constexpr FieldName kWeightAlgorithms[] = {{"arq", "arq_quantize"}, {"mse"}, {"als"}, {"ada_round"}};

}  // namespace

std::span<const FieldName> algorithmNames(ActivationAlgorithm) {
  static const auto names = [] {
    std::vector<FieldName> all;
    for (const Observer& observer : observers()) all.push_back({observer.name});
    return all;
  }();
  return names;
}

std::span<const FieldName> algorithmNames(WeightAlgorithm) { return kWeightAlgorithms; }

std::string limitsText(const Limits& limits) {
  return concat(numberText(limits.least), " … ", numberText(limits.most));
}

std::string numberObstacle(double value, const Limits& limits) {
  if (value >= limits.least && value <= limits.most) return {};
  return concat("wanted ", limitsText(limits));
}

std::string pairObstacle(const double (&pair)[2], const Limits& limits) {
  if (pair[0] >= limits.least && pair[1] >= pair[0] && pair[1] <= limits.most) return {};
  return concat("wanted two ascending numbers within ", limitsText(limits));
}

}  // namespace qrt
