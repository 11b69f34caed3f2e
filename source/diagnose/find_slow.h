// Which layers make a backend slow, from nothing but the time of whole runs.
//
// A test moves some layers to another backend and times a run. The layers are cut into segments; the time of each
// segment, the cost of a partition's launch and of a byte that crosses are unknowns, every run is a noisy sum of them,
// and least squares over all runs says what each segment takes, give or take what. A segment that cannot
// hide a slow layer any more is done with; one that can is timed again, or cut in two, until single layers remain: the
// adaptive group testing of Dorfman (1943) with noise. A layer that is found stays moved, so that the next is sought in a
// faster run.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "qrt/status.h"

namespace qrt {

/// Which of the layers are moved.
using Moved = std::vector<bool>;

struct SlowSearch {
  /// One run.
  struct Sample {
    double seconds = 0;  ///< the whole run
    double moved = 0;    ///< what the moved layers took of it
  };
  /// What the runs' border between the backends is like.
  struct Border {
    double partitions = 0;  ///< runs of neighbouring layers that are not moved
    double bytes = 0;       ///< that cross
  };

  std::vector<std::string> layers;  ///< names, in execution order
  std::vector<double> elsewhere;    ///< by layer: seconds it takes when moved
  std::function<Result<Sample>(const Moved&)> measure;
  std::function<Border(const Moved&)> border;
  double smallestGain = 0.04;  ///< a layer is slow if moving it saves this share of the run
  double certainty = 2.5;      ///< standard deviations between a decision and the value that would turn it
  int mostRuns = 2000;
  std::function<void(const std::string&)> say;  ///< every step as a sentence; may be empty
};

struct SlowLayer {
  size_t layer = 0;
  double gain = 0;       ///< seconds that a run gets faster by moving it, the other slow layers being moved
  double deviation = 0;  ///< standard deviation of that
};

struct SlowLayers {
  std::vector<SlowLayer> culprits;  ///< largest gain first
  double before = 0;                ///< seconds of a run with nothing moved
  double after = 0;                 ///< with the culprits moved
  double confidence = 0;            ///< that these layers, and no others, save smallestGain when moved
  int runs = 0;
  int tests = 0;                    ///< different sets of moved layers
};

/// Errors: those of `measure`.
Result<SlowLayers> findSlow(const SlowSearch& search);

}  // namespace qrt
