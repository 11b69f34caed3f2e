// Instruction set levels: which exist, which this CPU (and its OS) offers, which one is in force.
// The list and its compiler flags are in cmake/isa.cmake; design rationale in CONTRIBUTING.md.
#pragma once

#include <span>
#include <string_view>

#include "qrt/status.h"

namespace qrt {

/// Ordered by speed on one architecture. A higher level includes the lower ones, except that an AVX-512
/// machine may lack avxvnni: ask isaAvailable().
enum class IsaLevel { scalar, sse41, avx2, avxvnni, avx512, avx512vnni, amx, neon, neondot, neoni8mm };

/// "scalar", "avx2", …
std::string_view isaName(IsaLevel level);

/// What the CPU and the operating system say, raw: registers on x86, hwcaps on Arm. Plain data, so that
/// tests replay machines they do not run on.
struct CpuRaw {
  bool x86 = false;
  bool arm64 = false;
  unsigned maxLeaf = 0;                             ///< CPUID.0:EAX
  unsigned leaf1Ecx = 0, leaf7Ebx = 0, leaf7Ecx = 0, leaf7Edx = 0;  ///< CPUID.1, CPUID.7.0
  unsigned leaf7s1Eax = 0;                          ///< CPUID.7.1:EAX
  unsigned long long xcr0 = 0;                      ///< XGETBV(0), 0 without OSXSAVE
  bool tilePermission = false;                      ///< Linux would grant AMX tile data if asked
  unsigned long hwcap = 0, hwcap2 = 0;              ///< Arm: AT_HWCAP, AT_HWCAP2
};

/// Reads this machine. Does not ask for tile permission.
CpuRaw readCpu();

/// Asks the system, the first time, to let this process use AMX tiles. False if it does not.
bool askForTiles();

/// The highest level such a machine runs.
IsaLevel detectIsa(const CpuRaw& cpu);
/// Whether a machine runs code of `level`.
bool isaAvailable(IsaLevel level, const CpuRaw& cpu);
/// Levels this library was built with, ascending; always includes scalar.
std::span<const IsaLevel> compiledIsaLevels();

/// The level that QRT_ISA=`forced` puts in force on such a machine; "": the highest that is both built
/// and available. Errors: invalidArgument (unknown), unsupported (not built, not available here).
Result<IsaLevel> chooseIsa(std::string_view forced, const CpuRaw& cpu);

/// The level in force for this process: QRT_ISA if set (an error if unknown, not built or not
/// available here), else the highest that is both built and available. Read once.
const Result<IsaLevel>& activeIsa();

}  // namespace qrt
