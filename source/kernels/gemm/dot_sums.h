// The sums of a tile from dot primitives of any element type: acc[i][j] += a[i][k]·b[k][j], rows of A
// `stride` elements apart, B in groups of kGroup k. `Dot` is the primitive (simd/dot_s8.h, dot_s16.h):
// kGroup, kDot, kStep, loadRow(), loadColumns() and dot<Index>().
//
// For *_s8.isa.cpp files only.
#pragma once

#include "simd/vec_s8.h"

namespace qrt::QRT_ISA_NAMESPACE {
namespace {

// acc += a[i][k … k + kDot) · b, the Index-th such part of what rows[] hold.
template <class Dot, int Columns, int Index, int M, int Vectors, class Acc, class B>
QRT_INLINE void accumulatePart(Acc (&acc)[M][Vectors], const typename Dot::Row (&rows)[M],
                               const B* b) {
  typename Dot::Columns columns[Vectors];
#pragma GCC unroll 4
  for (int j = 0; j < Vectors; ++j) {
    columns[j] = Dot::loadColumns(b + j * kLanes * Dot::kGroup, Columns);
  }
#pragma GCC unroll 16
  for (int i = 0; i < M; ++i) {
#pragma GCC unroll 4
    for (int j = 0; j < Vectors; ++j) {
      acc[i][j] = Dot::template dot<Index>(acc[i][j], rows[i], columns[j]);
    }
  }
  if constexpr ((Index + 1) * Dot::kDot < Dot::kStep) {
    accumulatePart<Dot, Columns, Index + 1>(acc, rows, b + Dot::kDot * Columns);
  }
}

/// acc += a[i][k … k + kStep) · b, of whose `Columns` per k the first `Vectors` vectors count.
template <class Dot, int Columns, int M, int Vectors, class Acc, class A, class B>
QRT_INLINE void accumulate(Acc (&acc)[M][Vectors], const A* a, int64_t stride, const B* b) {
  if constexpr (Dot::kStep > Dot::kDot) {
    typename Dot::Row rows[M];
#pragma GCC unroll 16
    for (int i = 0; i < M; ++i) rows[i] = Dot::loadRow(a + i * stride);
    accumulatePart<Dot, Columns, 0>(acc, rows, b);
  } else {
    typename Dot::Columns columns[Vectors];
#pragma GCC unroll 4
    for (int j = 0; j < Vectors; ++j) {
      columns[j] = Dot::loadColumns(b + j * kLanes * Dot::kGroup, Columns);
    }
#pragma GCC unroll 16
    for (int i = 0; i < M; ++i) {
      const typename Dot::Row row = Dot::loadRow(a + i * stride);
#pragma GCC unroll 4
      for (int j = 0; j < Vectors; ++j) acc[i][j] = Dot::template dot<0>(acc[i][j], row, columns[j]);
    }
  }
}

}  // namespace
}  // namespace qrt::QRT_ISA_NAMESPACE
