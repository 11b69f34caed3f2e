// The table of levels.
#include "kernels/winograd/winograd_s8.h"

#include "kernels/isa_table.h"

namespace qrt {

#define QRT_DECLARE(level)                   \
  namespace level {                          \
  extern const WinogradKernelS8 kWinogradS8; \
  }
QRT_INT8_LEVELS(QRT_DECLARE)
#undef QRT_DECLARE

std::span<const WinogradKernelS8* const> winogradKernelsS8() {
#define QRT_ENTRY(level) &level::kWinogradS8,
  static constexpr const WinogradKernelS8* kernels[] = {QRT_INT8_LEVELS(QRT_ENTRY)};
#undef QRT_ENTRY
  return kernels;
}

const WinogradKernelS8& winogradKernelS8(IsaLevel level) {
  return selectKernel(winogradKernelsS8(), level);
}

}  // namespace qrt
