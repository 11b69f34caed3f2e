// The families of cpu-float, each defined in the file named behind it and listed in backend.cpp.
#pragma once

#include "backends/kernel_family.h"

namespace qrt {

extern const KernelFamily kBinaryFamily;     // binary.cpp
extern const KernelFamily kConvFamily;       // conv.cpp
extern const KernelFamily kMatMulFamily;     // matmul.cpp
extern const KernelFamily kNormalizeFamily;  // normalize.cpp
extern const KernelFamily kPoolFamily;       // pool.cpp
extern const KernelFamily kReduceFamily;     // reduce.cpp
extern const KernelFamily kResizeFamily;     // resize.cpp
extern const KernelFamily kSoftmaxFamily;    // softmax.cpp
extern const KernelFamily kUnaryFamily;      // unary.cpp

}  // namespace qrt
