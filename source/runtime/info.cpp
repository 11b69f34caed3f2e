// What this library is: the ISA level in force, its version.
#include "base/isa.h"
#include "qrt/session.h"

namespace qrt {

Result<std::string> activeIsaName() {
  const Result<IsaLevel>& level = activeIsa();
  if (!level.ok()) return level.status();
  return std::string(isaName(*level));
}

std::string_view version() { return QRT_VERSION; }

}  // namespace qrt
