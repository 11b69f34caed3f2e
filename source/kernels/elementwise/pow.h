// aᵇ over rows. Not vectorized: the C library's powf is right to the last bits where exp(b·ln a) loses
// many of them; an exponent of 2, which models mostly have, is a product.
#pragma once

#include "kernels/elementwise/binary.h"

namespace qrt {

BinaryFn powKernel(Repeated repeated);

}  // namespace qrt
