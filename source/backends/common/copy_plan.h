// The data movement ops as strided copies: for a layer, which pieces of which input go where.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "backends/backend.h"
#include "kernels/copy/strided_copy.h"
#include "qrt/status.h"

namespace qrt {

struct CopyPlan {
  /// What CopyPiece::input says if the source is `value`.
  static constexpr int kValue = -1;

  struct Piece {
    StridedCopy copy;
    int input;
    int output;
  };
  std::vector<Piece> pieces;
  std::vector<std::unique_ptr<int64_t[]>> tables;  ///< what CopyDim::table of the pieces points to
  alignas(8) std::array<std::byte, 8> value{};     ///< one element: what Pad fills with
};

/// The plan for a layer with known shapes, or why there is none.
Result<CopyPlan> planCopyLayer(const Graph& graph, const Layer& layer);

/// A program that does the pieces of `plan`; `aliases`: its output may be its input's memory.
std::unique_ptr<Program> makeCopyProgram(std::string kernel, CopyPlan plan, bool aliases = false);

/// Bytes between neighbours along each dim of a dense tensor.
std::array<int64_t, Shape::kMaxRank> byteStrides(const Tensor& tensor);

}  // namespace qrt
