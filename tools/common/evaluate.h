// Accuracy of a classifier over a data set.
#pragma once

#include <functional>
#include <string>

#include "qrt/qrt.h"
#include "common/dataset.h"

namespace qrt::tools {

struct Accuracy {
  size_t samples = 0;
  size_t hits1 = 0;
  size_t hits5 = 0;
  double ms = 0;  ///< in Session::run

  double top1() const { return static_cast<double>(hits1) / static_cast<double>(samples); }
  double top5() const { return static_cast<double>(hits5) / static_cast<double>(samples); }
  double msPerSample() const { return ms / static_cast<double>(samples); }
};

/// Runs every sample (at most `limit` if not 0) through the session's first input and output, with a
/// progress bar. `onSample(i, best class)` is called for each. Throws Failure.
Accuracy evaluate(Session& session, const Model& model, const Dataset& data, const std::string& preprocessFile, size_t limit,
                  const std::function<void(size_t, size_t)>& onSample = {});

}  // namespace qrt::tools
