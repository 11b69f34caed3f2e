// How kernels that are built once per ISA level are found. A family's <family>.isa.cpp exports one
// constant per level, its table; <family>.cpp lists the tables of all levels; whoever compiles a
// program takes the best one with selectKernel(). In <family>.cpp, inside namespace qrt:
//
//   #define QRT_DECLARE(level) namespace level { extern const UnaryKernels kUnaryKernels; }
//   QRT_FLOAT_LEVELS(QRT_DECLARE)
//   #define QRT_ADDRESS(level) &level::kUnaryKernels,
//   std::span<const UnaryKernels* const> unaryKernels() {
//     static constexpr const UnaryKernels* kTables[] = {QRT_FLOAT_LEVELS(QRT_ADDRESS)};
//     return kTables;
//   }
#pragma once

#include <span>

#include "base/isa.h"
#include "isa_levels.h"

/// In an .isa.cpp file: the IsaLevel that it is being compiled for.
#ifndef QRT_THIS_ISA  // a test may compile a file for a level of its own
#define QRT_THIS_ISA (::qrt::IsaLevel::QRT_ISA_NAMESPACE)
#endif

namespace qrt {

/// The table of the highest level that is ≤ `isa`. `tables` ascend by their member `isa` and start
/// with scalar, so there is always one.
template <class Table>
const Table& selectKernel(std::span<const Table* const> tables, IsaLevel isa) {
  const Table* best = tables.front();
  for (const Table* table : tables) {
    if (table->isa <= isa) best = table;
  }
  return *best;
}

}  // namespace qrt
