// y[i] = table[byte x[i]]: every function of one s8 value.
#pragma once

#include <cstdint>
#include <span>

#include "base/isa.h"

namespace qrt {

struct TableKernelS8 {
  IsaLevel isa;
  /// `table`: 256 entries, indexed by uint8_t(x). y may be x.
  void (*map)(const int8_t* x, int8_t* y, int64_t n, const int8_t* table);
};

/// The kernels of all levels, for selectKernel().
std::span<const TableKernelS8* const> tableKernelsS8();

}  // namespace qrt
