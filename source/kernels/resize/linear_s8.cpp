#include "kernels/resize/linear_s8.h"

#include "kernels/isa_table.h"

namespace qrt {

#define QRT_DECLARE(level) \
  namespace level {        \
  extern const LinearKernelsS8 kLinearKernelsS8; \
  }
QRT_INT8_LEVELS(QRT_DECLARE)

std::span<const LinearKernelsS8* const> linearKernelsS8() {
#define QRT_ADDRESS(level) &level::kLinearKernelsS8,
  static constexpr const LinearKernelsS8* kTables[] = {QRT_INT8_LEVELS(QRT_ADDRESS)};
  return kTables;
}

}  // namespace qrt
