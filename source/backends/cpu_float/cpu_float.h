// Backend "cpu-float": f32 kernels for every ISA level.
#pragma once

#include "backends/backend.h"

namespace qrt {

const Backend& cpuFloatBackend();

}  // namespace qrt
