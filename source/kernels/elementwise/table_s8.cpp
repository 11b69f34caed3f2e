#include "kernels/elementwise/table_s8.h"

#include "kernels/isa_table.h"

namespace qrt {

#define QRT_DECLARE(level) \
  namespace level {        \
  extern const TableKernelS8 kTableKernelS8; \
  }
QRT_INT8_LEVELS(QRT_DECLARE)

std::span<const TableKernelS8* const> tableKernelsS8() {
#define QRT_ADDRESS(level) &level::kTableKernelS8,
  static constexpr const TableKernelS8* kTables[] = {QRT_INT8_LEVELS(QRT_ADDRESS)};
  return kTables;
}

}  // namespace qrt
