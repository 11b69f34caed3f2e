#include "kernels/normalize/normalize.h"

#include "kernels/isa_table.h"

namespace qrt {

#define QRT_DECLARE(level) \
  namespace level {        \
  extern const NormalizeKernels kNormalizeKernels; \
  }
QRT_FLOAT_LEVELS(QRT_DECLARE)

std::span<const NormalizeKernels* const> normalizeKernels() {
#define QRT_ADDRESS(level) &level::kNormalizeKernels,
  static constexpr const NormalizeKernels* kTables[] = {QRT_FLOAT_LEVELS(QRT_ADDRESS)};
  return kTables;
}

}  // namespace qrt
