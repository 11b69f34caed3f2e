// Diagnosis: which backend each layer is best on, and which layers make a backend slow or wrong.
//
// In the library qrt-diagnose. Guide: docs/slow_layer.md.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "qrt/model.h"
#include "qrt/session.h"
#include "qrt/status.h"

namespace qrt {

// Placement files ------------------------------------------------------------------------------------------------

/// Layer name → backend name: SessionOptions::placement.
using LayerBackends = std::map<std::string, std::string>;

/// Where the layers of a session run.
LayerBackends placementOf(const Session& session);

/// The text of a placement file: JSON with the layers' backends, and a fingerprint of the model, which is that of its
/// layers and tensors, whatever the values of its weights.
std::string placementToJson(const Model& model, const LayerBackends& placement);

/// Reads a placement file, which messages call `name`. Errors: invalidArgument with line and column (not what a
/// placement file looks like); invalidArgument if it is for another model, with what was found and wanted; notFound
/// for layers and backends that are not there, with the nearest.
Result<LayerBackends> placementFromJson(std::string_view json, const Model& model, std::string_view name = "placement");

/// A copy of the model with the placement in its metadata, under "placement".
Model withPlacement(const Model& model, const LayerBackends& placement);

/// The placement in the model's metadata; empty if there is none. Errors: as placementFromJson().
Result<LayerBackends> embeddedPlacement(const Model& model);

// The best placement ---------------------------------------------------------------------------------------------

/// A median, and the range it lies in with 95 % confidence (bootstrap).
struct Measured {
  double median = 0;
  double low = 0;
  double high = 0;
};

/// What findPlacement() should do.
struct PlaceOptions {
  SessionOptions session;             ///< threads and shapes of all sessions; as a whole, the placement to improve
  std::vector<std::string> backends;  ///< to choose from; layers that none of them takes fall back to built-in ones
  int runs = 21;                      ///< of every arrangement; at least 5
  std::function<Status(Session&)> fill;  ///< fills the inputs; empty: random values
  std::function<void(size_t done, size_t total)> progress;  ///< runs; may be empty
};

/// What was found of a layer on one backend.
struct LayerTime {
  std::string backend;
  bool possible = false;
  std::string reason;  ///< why not
  Measured ms;         ///< of the layer; on a backend that runs partitions, of a partition of this layer alone
};

/// A layer and its place in the best placement.
struct LayerChoice {
  std::string layer;
  std::string op;
  std::string backend;           ///< the chosen one
  std::vector<LayerTime> times;  ///< by PlaceOptions::backends
};

/// A whole placement, measured end to end, all of them interleaved.
struct PlacementTrial {
  std::string name;  ///< "before", "all on npu-sim", …, "greedy" (each layer where it is fastest), "found"
  Measured ms;
  Measured speedup;  ///< of this over "before": ratios of times of neighbouring runs
  Measured behind;   ///< likewise, how many times as fast as this "found" is
};

/// What findPlacement() found.
struct FoundPlacement {
  LayerBackends placement;          ///< to use: "before" unless another is faster beyond noise, then "found" likewise
  std::string chosen;               ///< the name of its trial
  std::vector<LayerChoice> layers;  ///< in execution order, as the solver chose
  std::vector<PlacementTrial> trials;
  std::vector<Transfer> transfers;  ///< of the chosen placement, with their times
  double predictedMs = 0;           ///< what the solver thinks "found" takes
  double lowerBoundMs = 0;          ///< and that nothing can take less
  std::string method;               ///< "elimination", "minimum cut": exact; "bounded search"
};

/// Measures each layer on each backend, and what it costs to cross between them; computes the placement with the least
/// latency (docs/slow_layer.md says what is modelled); runs it against the one before, each backend alone (what it cannot
/// run falls back to built-in ones), and each layer on its fastest. Errors: as Session::create(); invalidArgument.
Result<FoundPlacement> findPlacement(const Model& model, const PlaceOptions& options);

// The slow or wrong layer ----------------------------------------------------------------------------------------

/// What bisect() looks for.
enum class BisectMetric { time, error };

/// What bisect() should do.
struct BisectOptions {
  SessionOptions session;  ///< threads and shapes; where moved layers go (`backends`, by default all built in)
  std::string backend;     ///< the suspect
  BisectMetric metric = BisectMetric::time;
  double smallestGain = 0.04;  ///< time: a layer is slow if moving it saves this share of a run
  int mostRuns = 2000;         ///< time: then it gives up, with little confidence
  std::function<Status(Session&)> fill;  ///< fills the inputs; empty: random values
  std::function<void(const std::string&)> say;  ///< every step as a sentence; may be empty
};

/// A layer that should not run on the suspect backend.
struct Culprit {
  std::string layer;
  std::string op;
  double gain = 0;      ///< time: milliseconds that a run gets faster by moving it; error: what its moving takes away
  double deviation = 0; ///< time: standard deviation of `gain`
};

/// What bisect() found.
struct Bisection {
  std::vector<Culprit> culprits;   ///< worst first
  std::vector<std::string> steps;  ///< what was done, in sentences
  double before = 0;               ///< milliseconds of a run, or error, with all layers on the backend
  double after = 0;                ///< with the culprits moved
  double confidence = 0;           ///< that these layers and no others are to blame; error: 1
  int runs = 0;                    ///< of the model
};

/// Finds the layers whose move to another backend takes most of the excess time, or of the error of the outputs against
/// the other backend's, away. Needs nothing of the suspect but whole runs; launches and transfers that moves cause are
/// accounted for. Errors: as Session::create(); notFound, invalidArgument (it runs no layer; its error does not go
/// away with all layers moved).
Result<Bisection> bisect(const Model& model, const BisectOptions& options);

}  // namespace qrt
