// Detection is a pure function of CpuRaw; only readCpu() touches the machine.
#include "base/isa.h"

#include <array>
#include <cstdlib>

#include "base/error.h"
#include "isa_levels.h"

#if defined(__x86_64__)
#include <cpuid.h>
#ifdef __linux__
#include <sys/syscall.h>
#include <unistd.h>
#endif
#elif defined(__aarch64__) && defined(__linux__)
#include <sys/auxv.h>
#endif

namespace qrt {
namespace {

constexpr std::array kNames = {"scalar", "sse41",      "avx2", "avxvnni", "avx512",
                               "avx512vnni", "amx", "neon", "neondot", "neoni8mm"};

constexpr bool has(unsigned long long word, std::initializer_list<int> bits) {
  for (const int bit : bits) {
    if ((word >> bit & 1) == 0) return false;
  }
  return true;
}

// Bit numbers: Intel SDM vol. 2 (CPUID) and vol. 1 §13 (XCR0). A feature counts only if the operating
// system saves its registers too.
bool x86Available(IsaLevel level, const CpuRaw& cpu) {
  const bool leaf7 = cpu.maxLeaf >= 7;
  const bool ymmSaved = has(cpu.leaf1Ecx, {27}) && has(cpu.xcr0, {1, 2});
  const bool zmmSaved = ymmSaved && has(cpu.xcr0, {5, 6, 7});
  const bool tilesSaved = has(cpu.xcr0, {17, 18}) && cpu.tilePermission;
  switch (level) {
    case IsaLevel::sse41: return has(cpu.leaf1Ecx, {9, 19});
    case IsaLevel::avx2:  // with FMA and F16C
      return ymmSaved && leaf7 && has(cpu.leaf1Ecx, {12, 28, 29}) && has(cpu.leaf7Ebx, {5});
    case IsaLevel::avxvnni: return x86Available(IsaLevel::avx2, cpu) && has(cpu.leaf7s1Eax, {4});
    case IsaLevel::avx512:  // F, DQ, CD, BW, VL
      return zmmSaved && x86Available(IsaLevel::avx2, cpu) &&
             has(cpu.leaf7Ebx, {16, 17, 28, 30, 31});
    case IsaLevel::avx512vnni:
      return x86Available(IsaLevel::avx512, cpu) && has(cpu.leaf7Ecx, {11});
    case IsaLevel::amx:  // tiles and int8
      return tilesSaved && x86Available(IsaLevel::avx512vnni, cpu) && has(cpu.leaf7Edx, {24, 25});
    default: return false;
  }
}

// Bit numbers: Linux arch/arm64 uapi hwcap.h (ASIMD, ASIMDDP, I8MM).
bool armAvailable(IsaLevel level, const CpuRaw& cpu) {
  switch (level) {
    case IsaLevel::neon: return has(cpu.hwcap, {1});
    case IsaLevel::neondot: return has(cpu.hwcap, {1, 20});
    case IsaLevel::neoni8mm: return has(cpu.hwcap, {1, 20}) && has(cpu.hwcap2, {13});
    default: return false;
  }
}

std::string availableNames(const CpuRaw& cpu) {
  std::string names;
  for (const IsaLevel level : compiledIsaLevels()) {
    if (isaAvailable(level, cpu)) names += (names.empty() ? "" : ", ") + std::string(isaName(level));
  }
  return names;
}

bool isCompiled(IsaLevel level) {
  for (const IsaLevel built : compiledIsaLevels()) {
    if (built == level) return true;
  }
  return false;
}

}  // namespace

std::string_view isaName(IsaLevel level) { return kNames[static_cast<size_t>(level)]; }

bool isaAvailable(IsaLevel level, const CpuRaw& cpu) {
  if (level == IsaLevel::scalar) return true;
  return (cpu.x86 && x86Available(level, cpu)) || (cpu.arm64 && armAvailable(level, cpu));
}

IsaLevel detectIsa(const CpuRaw& cpu) {
  for (size_t i = kNames.size(); --i > 0;) {
    if (isaAvailable(static_cast<IsaLevel>(i), cpu)) return static_cast<IsaLevel>(i);
  }
  return IsaLevel::scalar;
}

std::span<const IsaLevel> compiledIsaLevels() {
#define QRT_LEVEL(name) IsaLevel::name,
  static constexpr IsaLevel levels[] = {QRT_ALL_LEVELS(QRT_LEVEL)};
#undef QRT_LEVEL
  return levels;
}

Result<IsaLevel> chooseIsa(std::string_view forced, const CpuRaw& cpu) {
  if (forced.empty()) {
    IsaLevel best = IsaLevel::scalar;
    for (const IsaLevel level : compiledIsaLevels()) {
      if (isaAvailable(level, cpu)) best = level;
    }
    return best;
  }
  for (size_t i = 0; i < kNames.size(); ++i) {
    const auto level = static_cast<IsaLevel>(i);
    if (forced != kNames[i]) continue;
    const char* why = !isCompiled(level)          ? "is not built into this library"
                      : !isaAvailable(level, cpu) ? "is not available on this CPU"
                                                  : nullptr;
    if (why == nullptr) return level;
    return unsupported("QRT_ISA=", forced, " ", why, "; available: ", availableNames(cpu));
  }
  return invalidArgument("QRT_ISA=", forced, " is not an ISA level; available: ",
                         availableNames(cpu));
}

const Result<IsaLevel>& activeIsa() {
  static const Result<IsaLevel> active = [] {
    const char* forced = std::getenv("QRT_ISA");
    return chooseIsa(forced != nullptr ? forced : "", readCpu());
  }();
  return active;
}

bool askForTiles() {
#if defined(__x86_64__) && defined(__linux__)
  constexpr int kRequestPermission = 0x1023, kTileData = 18;  // ARCH_REQ_XCOMP_PERM
  static const bool granted = syscall(SYS_arch_prctl, kRequestPermission, kTileData) == 0;
  return granted;
#else
  return false;
#endif
}

CpuRaw readCpu() {
  CpuRaw cpu;
#if defined(__x86_64__)
  cpu.x86 = true;
  unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
  cpu.maxLeaf = __get_cpuid_max(0, nullptr);
  if (__get_cpuid(1, &eax, &ebx, &ecx, &edx)) cpu.leaf1Ecx = ecx;
  if (__get_cpuid_count(7, 0, &eax, &cpu.leaf7Ebx, &cpu.leaf7Ecx, &cpu.leaf7Edx) && eax >= 1 &&
      __get_cpuid_count(7, 1, &eax, &ebx, &ecx, &edx)) {
    cpu.leaf7s1Eax = eax;
  }
  if (has(cpu.leaf1Ecx, {27})) {
    unsigned low = 0, high = 0;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    cpu.xcr0 = static_cast<unsigned long long>(high) << 32 | low;
  }
#ifdef __linux__
  unsigned long long supported = 0;
  constexpr int kGetSupported = 0x1021;  // ARCH_GET_XCOMP_SUPP: what a process may ask for
  cpu.tilePermission = syscall(SYS_arch_prctl, kGetSupported, &supported) == 0 && has(supported, {18});
#endif
#elif defined(__aarch64__)
  cpu.arm64 = true;
#ifdef __linux__
  cpu.hwcap = getauxval(AT_HWCAP);
  cpu.hwcap2 = getauxval(AT_HWCAP2);
#else
  cpu.hwcap = 1ul << 1;  // ARMv8 always has NEON
#endif
#endif
  return cpu;
}

}  // namespace qrt
