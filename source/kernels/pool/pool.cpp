#include "kernels/pool/pool.h"

#include "kernels/isa_table.h"

namespace qrt {

#define QRT_DECLARE(level) \
  namespace level {        \
  extern const PoolKernels kPoolKernels; \
  }
QRT_FLOAT_LEVELS(QRT_DECLARE)

std::span<const PoolKernels* const> poolKernels() {
#define QRT_ADDRESS(level) &level::kPoolKernels,
  static constexpr const PoolKernels* kTables[] = {QRT_FLOAT_LEVELS(QRT_ADDRESS)};
  return kTables;
}

}  // namespace qrt
