#include "kernels/resize/linear.h"

#include "kernels/isa_table.h"

namespace qrt {

#define QRT_DECLARE(level) \
  namespace level {        \
  extern const LinearKernels kLinearKernels; \
  }
QRT_FLOAT_LEVELS(QRT_DECLARE)

std::span<const LinearKernels* const> linearKernels() {
#define QRT_ADDRESS(level) &level::kLinearKernels,
  static constexpr const LinearKernels* kTables[] = {QRT_FLOAT_LEVELS(QRT_ADDRESS)};
  return kTables;
}

}  // namespace qrt
