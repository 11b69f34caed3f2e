// Backends from shared libraries: the table of qrt/backend.h behind the interface that the runtime knows.
#pragma once

#include <memory>
#include <string>

#include "backends/backend.h"
#include "qrt/backends.h"

namespace qrt {

/// Loads the library and opens its device. Errors as BackendRegistry::load().
Result<std::unique_ptr<Backend>> openPlugin(const std::string& path, const PluginOptions& options);

}  // namespace qrt
