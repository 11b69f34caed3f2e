// One copy for everything that only moves data: Transpose, Slice, Concat, Split, Pad, Tile, Expand,
// Gather, DepthToSpace, nearest Resize, and the views when they must be copied after all.
//
// A StridedCopy is a loop nest: `dst[Σ iₖ·dstₖ] = src[Σ iₖ·srcₖ]` over all indices iₖ < sizeₖ, where a
// source stride may be 0 (repeat), negative (reverse), or replaced by a table of offsets (gather). It
// does not know element types: it moves units of some bytes. plan() merges dims that are contiguous
// together and picks the innermost loops: memcpy of long units, a loop over short ones, a fill, or a
// blocked 2-D transpose (transpose.h).
//
// Everything is computed in plan(); run() copies one task and may be called from any thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "kernels/work_split.h"

namespace qrt {

/// One loop of the nest; strides in bytes.
struct CopyDim {
  int64_t size = 1;
  int64_t dst = 0;                ///< ≥ 0
  int64_t src = 0;                ///< unused if there is a table
  const int64_t* table = nullptr;  ///< `size` source offsets in bytes, first read by run()
};

class StridedCopy {
 public:
  /// Enough for Tile of 8 dims, which has two loops per dim.
  static constexpr int kMaxDims = 16;

  /// Copies nothing.
  StridedCopy() = default;
  /// `dims` in any order, no two writing the same bytes; at most kMaxDims that are longer than 1
  /// or have a table.
  static StridedCopy plan(int64_t elementBytes, std::span<const CopyDim> dims, int64_t srcOffset = 0,
                          int64_t dstOffset = 0);

  /// Pieces of work, independent of each other.
  int64_t tasks() const { return split_.tasks(); }
  /// Copies piece `task`. src and dst are the tensors' beginnings, and do not overlap.
  void run(const void* src, void* dst, int64_t task) const;
  /// "memcpy", "fill", "rows", "transpose": what the innermost loops do.
  std::string_view algorithm() const;

 private:
  enum class Inner { memcpy, fill, rows, transpose };

  void order(int64_t elementBytes);
  void chooseTasks();
  void copyPlane(const std::byte* src, std::byte* dst, int64_t begin, int64_t end) const;

  std::array<CopyDim, kMaxDims> dims_{};  ///< outermost first; the last two are the plane
  int rank_ = 0;
  int64_t unit_ = 0;  ///< bytes moved at once
  int64_t srcOffset_ = 0;
  int64_t dstOffset_ = 0;
  Inner inner_ = Inner::memcpy;
  WorkSplit split_;  ///< planes: the dims outside the plane; rows: of the plane, or bytes of a memcpy
};

}  // namespace qrt
