// What tells a partition from others, in whatever graph it is.
#pragma once

#include <string>

#include "runtime/partition.h"

namespace qrt {

/// Equal for partitions that are the same to their backend; not for reading. The graphs were made from the same
/// specialized graph: layers of the same name are the same, and so are their constants, but for their precision.
std::string identity(const Graph& graph, const Partition& partition);

}  // namespace qrt
