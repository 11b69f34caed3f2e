#include <array>
#include <vector>

#include "backends/backend.h"
#include "backends/cpu_float/cpu_float.h"
#include "backends/cpu_int8/cpu_int8.h"
#include "backends/reference/reference.h"

namespace qrt {

std::span<const Backend* const> builtInBackends() {
  static const std::array<const Backend*, 3> backends = {&cpuInt8Backend(), &cpuFloatBackend(),
                                                           &referenceBackend()};
  return backends;
}

namespace {

std::vector<const Backend*>& addedBackends() {
  static std::vector<const Backend*> backends;
  return backends;
}

}  // namespace

void addBackend(const Backend& backend) { addedBackends().push_back(&backend); }

const Backend* findBackend(std::string_view name) {
  for (const Backend* backend : addedBackends()) {
    if (backend->name() == name) return backend;
  }
  for (const Backend* backend : builtInBackends()) {
    if (backend->name() == name) return backend;
  }
  return nullptr;
}

}  // namespace qrt
