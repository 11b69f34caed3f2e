// A plugin's program behind the runtime's interface.
#pragma once

#include <memory>

#include "backends/backend.h"
#include "backends/plugin/graph_view.h"
#include "backends/plugin/library.h"
#include "backends/plugin/worker.h"

namespace qrt {

/// Takes `program`, which `library` compiled from `view`, and books all that running it needs. With a limit in seconds,
/// runs are made by one of `workers` in memory of the program's own, which a run that hangs keeps; else `workers` is
/// null.
Result<std::unique_ptr<Program>> makePluginProgram(std::shared_ptr<const PluginLibrary> library, QrtProgram* program,
                                                   const GraphView& view, std::string kernel,
                                                   std::shared_ptr<Workers> workers, double timeLimit);

}  // namespace qrt
