// The way from a model to an Execution: specialize → raise → place → partition → compile → share and plan
// memory. One step per file; this one calls them in order.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "graph/model_data.h"
#include "qrt/session.h"
#include "runtime/execution.h"
#include "runtime/fault_log.h"
#include "runtime/place.h"

namespace qrt {

/// What preparing depends on besides the model.
struct PrepareOptions {
  std::map<std::string, Shape> inputShapes;  ///< as in SessionOptions
  PlacementPolicy policy;
  IsaLevel isa = IsaLevel::scalar;
  int threads = 1;
  double winogradError = SessionOptions{}.winogradError;
  bool profiling = false;
  bool optimize = true;  ///< false: every layer stays, and all tensors can be seen
  FaultLog* faults = nullptr;  ///< outlives what is prepared; null: what plugins fail at is an error
};

struct Prepared {
  std::unique_ptr<Execution> execution;
  Placement placement;
  std::shared_ptr<const Graph> specialized;    ///< before pins changed it
  std::map<std::string, const Backend*> pins;  ///< by layer name: what the policy's pins mean
};

/// `before`, if not null, was prepared with options that differ in the policy only: what did not change is
/// taken from it. Errors: as Session::create().
Result<Prepared> prepare(const Model::Data& model, const PrepareOptions& options, const Prepared* before = nullptr);

}  // namespace qrt
