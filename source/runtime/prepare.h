// The way from a model to an Execution: specialize → raise → place → partition → compile → share and plan
// memory. One step per file; this one calls them in order.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "graph/model_data.h"
#include "qrt/session.h"
#include "runtime/execution.h"
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
  bool optimize = true;  ///< false: every layer stays, so that all tensors can be seen
};

struct Prepared {
  std::unique_ptr<Execution> execution;
  Placement placement;
};

/// Errors: as Session::create().
Result<Prepared> prepare(const Model::Data& model, const PrepareOptions& options);

}  // namespace qrt
