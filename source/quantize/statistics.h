// What Statistics holds, for the calibrator and the quantizer. Saving and loading: statistics_file.cpp.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "graph/graph.h"
#include "qrt/quantize.h"
#include "quantize/histogram.h"

namespace qrt {

struct Statistics::Data {
  std::string model;         ///< its name, for messages
  uint64_t fingerprint = 0;  ///< calibrationFingerprint() of what was observed
  std::map<std::string, TensorHistogram> tensors;  ///< by tensor name in the prepared graph
  std::vector<uint64_t> samples;  ///< ascending; every tensor has a range for each
};

/// Tells models and the recipe's changes to their graph (do_fusion, equalize) apart: statistics only fit
/// where it is equal.
uint64_t calibrationFingerprint(const Model& model, const Recipe& recipe);

/// Refuses statistics that were not taken of this model, prepared by this recipe.
Status checkStatistics(const Statistics& statistics, const Model& model, const Recipe& recipe);

}  // namespace qrt
