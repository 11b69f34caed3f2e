// The fields of a recipe: names, places and ranges, said once for reading, writing and checking.
//
// forEachField(params, visit) calls visit(name, field, limits…) for each, in the order of files.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <type_traits>

#include "qrt/quantize.h"

namespace qrt {

/// What a number may be, both ends included.
struct Limits {
  double least;
  double most;
};

inline constexpr Limits kBits{2, 8};
inline constexpr Limits kShare{0.5, 1};
inline constexpr Limits kSearchRange{0.1, 4};
inline constexpr Limits kSearchStep{0.005, 1};
inline constexpr Limits kBins{16, 65536};
inline constexpr Limits kSamples{0, 2147483647};

/// A name in recipes, and the one that AMCT's own files have; empty if it is the same.
struct FieldName {
  std::string_view name;
  std::string_view alias = {};
};

/// Names of algorithms, in the order of the enums.
std::span<const FieldName> algorithmNames(ActivationAlgorithm);
std::span<const FieldName> algorithmNames(WeightAlgorithm);

template <class Params, class Visit>
  requires std::is_same_v<std::remove_const_t<Params>, ActivationQuantParams>
void forEachField(Params& params, Visit&& visit) {
  visit(FieldName{"algorithm", "act_algo"}, params.algorithm);
  visit(FieldName{"num_bits"}, params.numBits, kBits);
  visit(FieldName{"asymmetric"}, params.asymmetric);
  visit(FieldName{"max_percentile"}, params.maxPercentile, kShare);
  visit(FieldName{"min_percentile"}, params.minPercentile, kShare);
  visit(FieldName{"search_range"}, params.searchRange, kSearchRange);
  visit(FieldName{"search_step"}, params.searchStep, kSearchStep);
  visit(FieldName{"num_of_bins"}, params.numOfBins, kBins);
}

template <class Params, class Visit>
  requires std::is_same_v<std::remove_const_t<Params>, WeightQuantParams>
void forEachField(Params& params, Visit&& visit) {
  visit(FieldName{"algorithm", "wts_algo"}, params.algorithm);
  visit(FieldName{"num_bits"}, params.numBits, kBits);
  visit(FieldName{"channel_wise"}, params.channelWise);
}

/// The global fields but `layers` and those that are defaults for layers.
template <class Params, class Visit>
  requires std::is_same_v<std::remove_const_t<Params>, Recipe>
void forEachField(Params& recipe, Visit&& visit) {
  visit(FieldName{"batch_num"}, recipe.batchNum, kSamples);
  visit(FieldName{"activation_offset"}, recipe.activationOffset);
  visit(FieldName{"do_fusion"}, recipe.doFusion);
  visit(FieldName{"skip_layers"}, recipe.skipLayers);
  visit(FieldName{"skip_layer_types"}, recipe.skipLayerTypes);
  visit(FieldName{"equalize"}, recipe.equalize);
  visit(FieldName{"bias_correction"}, recipe.biasCorrection);
}

/// "2 … 8".
std::string limitsText(const Limits& limits);

/// "wanted …" where the number or pair is not as wanted, else empty. NaN is never wanted.
std::string numberObstacle(double value, const Limits& limits);
std::string pairObstacle(const double (&pair)[2], const Limits& limits);

}  // namespace qrt
