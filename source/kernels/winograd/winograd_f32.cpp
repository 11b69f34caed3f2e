// The table of levels.
#include "kernels/winograd/winograd_f32.h"

#include "kernels/isa_table.h"

namespace qrt {

#define QRT_DECLARE(level)                     \
  namespace level {                            \
  extern const WinogradKernelF32 kWinogradF32; \
  }
QRT_FLOAT_LEVELS(QRT_DECLARE)
#undef QRT_DECLARE

std::span<const WinogradKernelF32* const> winogradKernelsF32() {
#define QRT_ENTRY(level) &level::kWinogradF32,
  static constexpr const WinogradKernelF32* kernels[] = {QRT_FLOAT_LEVELS(QRT_ENTRY)};
#undef QRT_ENTRY
  return kernels;
}

const WinogradKernelF32& winogradKernelF32(IsaLevel level) {
  return selectKernel(winogradKernelsF32(), level);
}

}  // namespace qrt
