#include "kernels/reduce/reduce.h"

#include "kernels/isa_table.h"

namespace qrt {

#define QRT_DECLARE(level) \
  namespace level {        \
  extern const ReduceKernels kReduceKernels; \
  }
QRT_FLOAT_LEVELS(QRT_DECLARE)

std::span<const ReduceKernels* const> reduceKernels() {
#define QRT_ADDRESS(level) &level::kReduceKernels,
  static constexpr const ReduceKernels* kTables[] = {QRT_FLOAT_LEVELS(QRT_ADDRESS)};
  return kTables;
}

}  // namespace qrt
