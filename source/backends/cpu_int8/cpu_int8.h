// Backend "cpu-int8": layers whose tensors are s8, exact to the byte at every ISA level.
#pragma once

#include "backends/backend.h"

namespace qrt {

const Backend& cpuInt8Backend();

}  // namespace qrt
