#include "kernels/elementwise/binary.h"

#include "kernels/isa_table.h"

namespace qrt {

#define QRT_DECLARE(level) \
  namespace level {        \
  extern const BinaryKernels kBinaryKernels; \
  }
QRT_FLOAT_LEVELS(QRT_DECLARE)

std::span<const BinaryKernels* const> binaryKernels() {
#define QRT_ADDRESS(level) &level::kBinaryKernels,
  static constexpr const BinaryKernels* kTables[] = {QRT_FLOAT_LEVELS(QRT_ADDRESS)};
  return kTables;
}

}  // namespace qrt
