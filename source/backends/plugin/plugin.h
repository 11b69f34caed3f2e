// Backends from shared libraries: the table of qrt/backend.h behind the interface that the runtime knows.
#pragma once

#include <memory>
#include <string>

#include "backends/backend.h"

namespace qrt {

/// Loads the library and opens its device with `config`. An empty `name`: the plugin's own. Errors as
/// BackendRegistry::load().
Result<std::unique_ptr<Backend>> openPlugin(const std::string& path, std::string name, const std::string& config);

}  // namespace qrt
