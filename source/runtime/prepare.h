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
#include "runtime/raise.h"
#include "runtime/reuse.h"

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
  ThreadPool* pool = nullptr;  ///< of `threads`, to pack weights with; outlives what is prepared; null: the caller alone
  FaultLog* faults = nullptr;  ///< outlives what is prepared; null: what plugins fail at is an error
};

struct Prepared {
  std::unique_ptr<Execution> execution;
  Placement placement;
  std::map<std::string, const Backend*> pins;  ///< by layer name: what the policy's pins mean
};

/// What preparing leaves for preparing again with options that differ in the policy only.
struct Kept {
  std::shared_ptr<const Graph> specialized;  ///< before pins changed it
  Verdicts verdicts;
  FloatForms floatForms;                     ///< of the layers that pins made float
  Reuse programs;                            ///< which use() has to tell of what is prepared
};

/// Takes from `kept` what did not change. Errors: as Session::create(); `kept` is of use all the same.
Result<Prepared> prepare(const Model::Data& model, const PrepareOptions& options, Kept& kept);

}  // namespace qrt
