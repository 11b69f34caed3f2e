// What this library is: its backends, the ISA level in force, its version.
#include "backends/backend.h"
#include "qrt/session.h"

namespace qrt {

std::vector<BackendInfo> backends() {
  std::vector<BackendInfo> infos;
  for (const Backend* backend : builtInBackends()) {
    infos.push_back({std::string(backend->name()), backend->description()});
  }
  return infos;
}

Result<std::string> activeIsaName() {
  const Result<IsaLevel>& level = activeIsa();
  if (!level.ok()) return level.status();
  return std::string(isaName(*level));
}

std::string_view version() { return QRT_VERSION; }

}  // namespace qrt
