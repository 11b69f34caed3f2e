// The costs of a placement problem, measured on sessions that are arranged so that each shows some of them.
//
// For every backend one session with all its layers there gives their times. Of a backend that computes int8 layers in float
// two more, every other layer moved, show the conversions. A backend that runs partitions shows only their times, T: two
// sessions with every other layer there give T of single layers, three with two of three layers there give T of
// neighbours. T(a) + T(b) − T(ab) is what joining a and b saves: a launch and the way of one tensor out and in. A line
// through all of them, by the tensors' bytes, tells the launch from the ways; what a tensor surely takes beyond it is its own.
#pragma once

#include "diagnose/candidates.h"
#include "diagnose/trial.h"

namespace qrt {

struct Costs {
  PlacementProblem problem;                   ///< in milliseconds
  std::vector<std::vector<Measured>> layers;  ///< by layer, by backend: as measured
};

/// Errors: as Session::create() and Session::run().
Result<Costs> measureCosts(const Model& model, const Candidates& candidates, const PlaceOptions& options);

}  // namespace qrt
