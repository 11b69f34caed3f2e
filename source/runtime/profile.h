// From recorded times to the report that the user gets.
#pragma once

#include "qrt/placement.h"
#include "qrt/profile.h"
#include "runtime/execution.h"

namespace qrt {

/// Whole runs, and with `perLayer` every layer of `placement`, which is that of `execution`.
Profile makeProfile(const Execution& execution, const Placement& placement, bool perLayer);

}  // namespace qrt
