#include "kernels/elementwise/unary.h"

#include "kernels/isa_table.h"

namespace qrt {

#define QRT_DECLARE(level) \
  namespace level {        \
  extern const UnaryKernels kUnaryKernels; \
  }
QRT_FLOAT_LEVELS(QRT_DECLARE)

std::span<const UnaryKernels* const> unaryKernels() {
#define QRT_ADDRESS(level) &level::kUnaryKernels,
  static constexpr const UnaryKernels* kTables[] = {QRT_FLOAT_LEVELS(QRT_ADDRESS)};
  return kTables;
}

}  // namespace qrt
