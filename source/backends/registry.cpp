#include <array>

#include "backends/backend.h"
#include "backends/cpu_float/cpu_float.h"
#include "backends/reference/reference.h"

namespace qrt {

std::span<const Backend* const> builtInBackends() {
  static const std::array<const Backend*, 2> backends = {&cpuFloatBackend(), &referenceBackend()};
  return backends;
}

const Backend* findBackend(std::string_view name) {
  for (const Backend* backend : builtInBackends()) {
    if (backend->name() == name) return backend;
  }
  return nullptr;
}

}  // namespace qrt
