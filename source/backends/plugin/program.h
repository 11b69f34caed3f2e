// A plugin's program behind the runtime's interface.
#pragma once

#include <memory>

#include "backends/backend.h"
#include "backends/plugin/graph_view.h"
#include "backends/plugin/library.h"

namespace qrt {

/// Takes `program`, which `library` compiled from `view`, and books all that running it needs. With a limit, runs are
/// made by a thread of the program's own in memory of its own, both of which a run that hangs keeps.
Result<std::unique_ptr<Program>> makePluginProgram(std::shared_ptr<const PluginLibrary> library, QrtProgram* program,
                                                   const GraphView& view, std::string kernel, double timeLimit);

}  // namespace qrt
