// The families of cpu-int8, each defined in the file named behind it and listed in backend.cpp, and the
// condition that they share.
#pragma once

#include "backends/kernel_family.h"

namespace qrt {

/// Yes if the first `activations` inputs and all outputs are s8 with one scale; else no, naming the tensor
/// and what it is.
Verdict int8Only(const Graph& graph, const Layer& layer, size_t activations);

/// Whether the tensor is s8 or u8 with one scale for all.
bool isByteQuantized(const Tensor& tensor);

extern const KernelFamily kBinaryS8Family;   // binary.cpp
extern const KernelFamily kConvS8Family;     // conv.cpp
extern const KernelFamily kConvertS8Family;  // convert.cpp
extern const KernelFamily kMatMulS8Family;   // matmul.cpp
extern const KernelFamily kPoolS8Family;     // pool.cpp
extern const KernelFamily kResizeS8Family;   // resize.cpp
extern const KernelFamily kSoftmaxS8Family;  // softmax.cpp
extern const KernelFamily kTableS8Family;    // table.cpp

}  // namespace qrt
