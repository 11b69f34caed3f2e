// Mixed precision: which int8 layers must become float for the backends that they are pinned to.
#pragma once

#include <map>
#include <string>

#include "passes/raise_to_float.h"
#include "runtime/place.h"

namespace qrt {

/// By layer name.
using FloatForms = std::map<std::string, FloatForm>;

/// Makes int8 layers float that are pinned to a backend which only takes them so, and the views between
/// them. The layers that this cannot be done for, with the reasons, are returned. Forms that are in `forms`, from
/// an equal graph, are taken as they are; those that were needed are in it afterwards.
Refusals raisePinned(Graph& graph, const PlacementPolicy& policy, Verdicts& verdicts, FloatForms& forms);

}  // namespace qrt
