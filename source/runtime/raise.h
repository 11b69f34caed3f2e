// Mixed precision: which int8 layers must become float for the backends that they are pinned to.
#pragma once

#include "runtime/place.h"

namespace qrt {

/// Makes int8 layers float that are pinned to a backend which only takes them so, and the views between
/// them. The layers that this cannot be done for, with the reasons, are returned.
Refusals raisePinned(Graph& graph, const PlacementPolicy& policy);

}  // namespace qrt
