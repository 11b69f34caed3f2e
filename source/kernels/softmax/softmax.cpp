#include "kernels/softmax/softmax.h"

#include "kernels/isa_table.h"

namespace qrt {

#define QRT_DECLARE(level) \
  namespace level {        \
  extern const SoftmaxKernels kSoftmaxKernels; \
  }
QRT_FLOAT_LEVELS(QRT_DECLARE)

std::span<const SoftmaxKernels* const> softmaxKernels() {
#define QRT_ADDRESS(level) &level::kSoftmaxKernels,
  static constexpr const SoftmaxKernels* kTables[] = {QRT_FLOAT_LEVELS(QRT_ADDRESS)};
  return kTables;
}

}  // namespace qrt
