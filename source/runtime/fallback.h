// The CPU takes over what a plugin failed to run.
#pragma once

#include <map>
#include <memory>

#include "runtime/execution.h"
#include "runtime/fault_log.h"

namespace qrt {

/// Runs the steps of plugins; those that fail are done by built-in backends, prepared when they are first needed.
class Fallback {
 public:
  /// `cpu`: built-in backends by priority, which support everything together. `weights` is what
  /// `options` refers to. `log` outlives this.
  Fallback(FaultLog& log, PlacementPolicy cpu, const CompileOptions& options, std::shared_ptr<WeightCache> weights);
  ~Fallback();

  /// Runs `step`, whose backend is a plugin, with its program, or, if that fails or its backend is set aside, on the
  /// CPU. Steps are told apart by their addresses.
  Status run(const Graph& graph, const Step& step, const RunArgs& args);

 private:
  Status runOnCpu(const Graph& graph, const Step& step, const RunArgs& args);

  FaultLog& log_;
  PlacementPolicy cpu_;
  CompileOptions options_;
  std::shared_ptr<WeightCache> weights_;
  std::map<const Step*, std::unique_ptr<Execution>> prepared_;
};

}  // namespace qrt
