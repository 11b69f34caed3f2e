// Which layers of a backend compute wrong results, from nothing but the error of whole runs.
//
// With every wrong layer moved away the error is that of the other backend, with one left it is not. Moving all layers
// before a point, the error goes away when the point passes the last wrong layer: a binary search finds it.
// It stays moved, and the search goes on among the layers before it, until the error is gone. That takes about
// log2(layers) + 1 runs for each wrong layer.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "diagnose/find_slow.h"
#include "qrt/status.h"

namespace qrt {

struct WrongSearch {
  std::vector<std::string> layers;  ///< names, in execution order
  std::function<Result<double>(const Moved&)> error;  ///< of the run's outputs; the same for the same layers
  double share = 0.01;  ///< the error counts as gone if no more than this share of it is left
  std::function<void(const std::string&)> say;  ///< every step as a sentence; may be empty
};

struct WrongLayers {
  std::vector<size_t> culprits;  ///< last in execution order first
  double before = 0;             ///< the error with nothing moved
  double after = 0;              ///< with the culprits moved
  double least = 0;              ///< with everything moved
  int runs = 0;
};

/// Errors: those of `error`; invalidArgument if moving everything does not take the error away.
Result<WrongLayers> findWrong(const WrongSearch& search);

}  // namespace qrt
