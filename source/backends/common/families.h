// Families that move bytes of any dtype, which several backends list.
#pragma once

#include "backends/kernel_family.h"

namespace qrt {

extern const KernelFamily kCopyFamily;    // copy.cpp
extern const KernelFamily kGatherFamily;  // gather.cpp

}  // namespace qrt
