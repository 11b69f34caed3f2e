#include "kernels/pool/pool_s8.h"

#include "kernels/isa_table.h"

namespace qrt {

#define QRT_DECLARE(level) \
  namespace level {        \
  extern const PoolKernelsS8 kPoolKernelsS8; \
  }
QRT_INT8_LEVELS(QRT_DECLARE)

std::span<const PoolKernelsS8* const> poolKernelsS8() {
#define QRT_ADDRESS(level) &level::kPoolKernelsS8,
  static constexpr const PoolKernelsS8* kTables[] = {QRT_INT8_LEVELS(QRT_ADDRESS)};
  return kTables;
}

}  // namespace qrt
