// Random graphs as importers make them: channels-first image layers wrapped in transposes,
// branches, broadcasting, squeeze-excite, shuffles, reductions, reshapes, and transposes of any
// kind.
#pragma once

#include <random>
#include <vector>

#include "support/graph_builder.h"

namespace qrt::test {

struct RandomGraphOptions {
  int layers = 20;         ///< about
  bool smooth = false;     ///< only ops through which a rounding error stays one
  bool openBatch = false;  ///< the inputs' first dim is unknown
};

/// A valid graph; the same for the same seed and options. Ops that do not take a chosen input are
/// left out.
Graph randomGraph(unsigned seed, const RandomGraphOptions& options = {});

}  // namespace qrt::test
