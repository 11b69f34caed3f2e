// From recorded times to the report that the user gets.
#pragma once

#include "qrt/placement.h"
#include "qrt/profile.h"
#include "runtime/execution.h"

namespace qrt {

/// Whole runs, and with `perLayer` every layer of `placement`, which is that of `execution`.
Profile makeProfile(const Execution& execution, const Placement& placement, bool perLayer);

/// Puts the times of layers that are transfers, taken by `execution` with profiling, into its `placement`.
void timeTransfers(const Execution& execution, Placement& placement);

}  // namespace qrt
