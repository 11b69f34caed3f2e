#include "kernels/elementwise/binary_s8.h"

#include "kernels/isa_table.h"

namespace qrt {

#define QRT_DECLARE(level) \
  namespace level {        \
  extern const BinaryKernelsS8 kBinaryKernelsS8; \
  }
QRT_INT8_LEVELS(QRT_DECLARE)

std::span<const BinaryKernelsS8* const> binaryKernelsS8() {
#define QRT_ADDRESS(level) &level::kBinaryKernelsS8,
  static constexpr const BinaryKernelsS8* kTables[] = {QRT_INT8_LEVELS(QRT_ADDRESS)};
  return kTables;
}

}  // namespace qrt
