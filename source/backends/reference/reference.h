// Backend "reference": the reference kernel of every op, single-threaded. The oracle, and the last
// resort of every fallback.
#pragma once

#include "backends/backend.h"

namespace qrt {

const Backend& referenceBackend();

}  // namespace qrt
