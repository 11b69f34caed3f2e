#include "base/isa.h"

#include <gtest/gtest.h>

namespace qrt {
namespace {

// Registers of real machines, as CPUID shows them.
CpuRaw skylakeServer() {
  CpuRaw cpu;
  cpu.x86 = true;
  cpu.maxLeaf = 0x16;
  cpu.leaf1Ecx = 0x7ffefbff;
  cpu.leaf7Ebx = 0xd39ffffb;
  cpu.leaf7Ecx = 0x00000008;
  cpu.xcr0 = 0xe7;
  return cpu;
}

CpuRaw sapphireRapids() {
  CpuRaw cpu = skylakeServer();
  cpu.leaf7Ebx = 0xf3bfb7ef;
  cpu.leaf7Ecx = 0x1b415ffe;
  cpu.leaf7Edx = 0xbfc14412;
  cpu.leaf7s1Eax = 0x00001c30;
  cpu.xcr0 = 0x602e7;
  cpu.tilePermission = true;
  return cpu;
}

CpuRaw haswell() {
  CpuRaw cpu;
  cpu.x86 = true;
  cpu.maxLeaf = 0xd;
  cpu.leaf1Ecx = 0x7ffafbff;
  cpu.leaf7Ebx = 0x000027ab;
  cpu.xcr0 = 0x7;
  return cpu;
}

CpuRaw arm(unsigned long hwcap, unsigned long hwcap2) {
  CpuRaw cpu;
  cpu.arm64 = true;
  cpu.hwcap = hwcap;
  cpu.hwcap2 = hwcap2;
  return cpu;
}

TEST(Isa, DetectsRealMachines) {
  EXPECT_EQ(detectIsa(skylakeServer()), IsaLevel::avx512);
  EXPECT_EQ(detectIsa(sapphireRapids()), IsaLevel::amx);
  EXPECT_EQ(detectIsa(haswell()), IsaLevel::avx2);
  CpuRaw alderLake = haswell();
  alderLake.leaf7s1Eax = 1 << 4;
  EXPECT_EQ(detectIsa(alderLake), IsaLevel::avxvnni);
  CpuRaw zen4 = sapphireRapids();  // VNNI at 512 bits only, no tiles
  zen4.leaf7s1Eax = 0x20;
  zen4.leaf7Edx = 0x10000010;
  zen4.xcr0 = 0xe7;
  EXPECT_EQ(detectIsa(zen4), IsaLevel::avx512vnni);
  EXPECT_FALSE(isaAvailable(IsaLevel::avxvnni, zen4));
  EXPECT_EQ(detectIsa(arm(0x8ff, 0)), IsaLevel::neon);            // Cortex-A57
  EXPECT_EQ(detectIsa(arm(0x119fff, 0)), IsaLevel::neondot);      // Cortex-A76
  EXPECT_EQ(detectIsa(arm(0x119fff, 0x2000)), IsaLevel::neoni8mm);
  EXPECT_EQ(detectIsa(CpuRaw{}), IsaLevel::scalar);
}

TEST(Isa, WhatTheSystemDoesNotSaveIsNotThere) {
  CpuRaw noXsave = sapphireRapids();
  noXsave.leaf1Ecx &= ~(1u << 27);
  EXPECT_EQ(detectIsa(noXsave), IsaLevel::sse41);
  CpuRaw noYmm = sapphireRapids();
  noYmm.xcr0 = 0x3;
  EXPECT_EQ(detectIsa(noYmm), IsaLevel::sse41);
  CpuRaw noZmm = sapphireRapids();
  noZmm.xcr0 = 0x7;
  EXPECT_EQ(detectIsa(noZmm), IsaLevel::avxvnni);
  CpuRaw noTiles = sapphireRapids();
  noTiles.xcr0 = 0xe7;
  EXPECT_EQ(detectIsa(noTiles), IsaLevel::avx512vnni);
  CpuRaw refused = sapphireRapids();
  refused.tilePermission = false;
  EXPECT_EQ(detectIsa(refused), IsaLevel::avx512vnni);
  CpuRaw oldLeaf = sapphireRapids();
  oldLeaf.maxLeaf = 6;
  EXPECT_EQ(detectIsa(oldLeaf), IsaLevel::sse41);
}

TEST(Isa, ForcedLevelsAreCheckedByName) {
  const CpuRaw cpu = readCpu();
  EXPECT_EQ(chooseIsa("scalar", cpu).value(), IsaLevel::scalar);
  const Status unknown = chooseIsa("avx9", cpu).status();
  EXPECT_EQ(unknown.code(), StatusCode::invalidArgument);
  EXPECT_NE(unknown.message().find("QRT_ISA=avx9"), std::string::npos);
  EXPECT_NE(unknown.message().find("available: scalar"), std::string::npos);
  const IsaLevel highest = compiledIsaLevels().back();
  ASSERT_NE(highest, IsaLevel::scalar) << "this build has no vector level to ask for";
  const Status missing = chooseIsa(isaName(highest), CpuRaw{}).status();
  EXPECT_EQ(missing.code(), StatusCode::unsupported);
  EXPECT_NE(missing.message().find("not available on this CPU; available: scalar"),
            std::string::npos)
      << missing.message();
  const Status foreign = chooseIsa(cpu.x86 ? "neon" : "avx2", cpu).status();
  EXPECT_NE(foreign.message().find("not built"), std::string::npos) << foreign.message();
}

TEST(Isa, WithoutForcingTheBestBuiltLevelRuns) {
  EXPECT_EQ(chooseIsa("", CpuRaw{}).value(), IsaLevel::scalar);
  const CpuRaw cpu = readCpu();
  EXPECT_TRUE(isaAvailable(chooseIsa("", cpu).value(), cpu));
}

}  // namespace
}  // namespace qrt
