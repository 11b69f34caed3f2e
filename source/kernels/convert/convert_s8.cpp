#include "kernels/convert/convert_s8.h"

#include "kernels/isa_table.h"

namespace qrt {

#define QRT_DECLARE(level) \
  namespace level {        \
  extern const ConvertKernelsS8 kConvertKernelsS8; \
  }
QRT_INT8_LEVELS(QRT_DECLARE)

std::span<const ConvertKernelsS8* const> convertKernelsS8() {
#define QRT_ADDRESS(level) &level::kConvertKernelsS8,
  static constexpr const ConvertKernelsS8* kTables[] = {QRT_INT8_LEVELS(QRT_ADDRESS)};
  return kTables;
}

}  // namespace qrt
