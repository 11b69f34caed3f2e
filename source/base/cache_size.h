// How large the caches are that work is cut for.
#pragma once

#include <cstddef>

namespace qrt {

/// Bytes of a core's second-level cache; 1 MiB where the system does not say.
size_t l2CacheBytes();

}  // namespace qrt
