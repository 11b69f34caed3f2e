// How kernels that stream through memory are cut into tasks for the thread pool: big enough that
// starting one costs nothing, small enough for L2, and never depending on the number of threads.
#pragma once

#include <algorithm>
#include <cstdint>

namespace qrt {

/// `planes` times `rows` rows of equal cost. Planes are cut into pieces of whole rows, and pieces that
/// are small are bundled into tasks.
class WorkSplit {
 public:
  /// Bytes that a task should touch.
  static constexpr int64_t kTaskBytes = 64 * 1024;

  WorkSplit() = default;
  /// Pieces begin at multiples of `rowMultiple`. `rowBytes` is what one row touches.
  WorkSplit(int64_t planes, int64_t rows, int64_t rowBytes, int64_t rowMultiple = 1)
      : planes_(planes), rows_(rows) {
    if (planes <= 0 || rows <= 0) return;
    rowBytes = std::max<int64_t>(1, rowBytes);
    const int64_t wanted = std::max<int64_t>(1, kTaskBytes / rowBytes);
    const int64_t rounded = (wanted + rowMultiple - 1) / rowMultiple * rowMultiple;
    rowsPerPiece_ = std::min(rounded, rows);
    piecesPerPlane_ = (rows + rowsPerPiece_ - 1) / rowsPerPiece_;
    piecesPerTask_ = std::max<int64_t>(1, kTaskBytes / rowBytes / rowsPerPiece_);
    tasks_ = (planes * piecesPerPlane_ + piecesPerTask_ - 1) / piecesPerTask_;
  }

  int64_t tasks() const { return tasks_; }

  /// Calls piece(plane, firstRow, endRow) for each piece of a task.
  template <class Fn>
  void forEachPiece(int64_t task, Fn&& piece) const {
    const int64_t first = task * piecesPerTask_;
    const int64_t end = std::min(first + piecesPerTask_, planes_ * piecesPerPlane_);
    for (int64_t i = first; i < end; ++i) {
      const int64_t begin = i % piecesPerPlane_ * rowsPerPiece_;
      piece(i / piecesPerPlane_, begin, std::min(begin + rowsPerPiece_, rows_));
    }
  }

 private:
  int64_t planes_ = 0;
  int64_t rows_ = 0;
  int64_t rowsPerPiece_ = 1;
  int64_t piecesPerPlane_ = 1;
  int64_t piecesPerTask_ = 1;
  int64_t tasks_ = 0;
};

}  // namespace qrt
