// Helpers that layoutPorts() and applyLayout() share.
#pragma once

#include <optional>
#include <vector>

#include "passes/editor.h"
#include "passes/permutation.h"

namespace qrt {

/// By dim of `rank`: whether it is not one of `axes` (which may be negative); nullopt if one is out
/// of range.
std::optional<std::vector<bool>> keptDims(const std::vector<int64_t>& axes, int rank);

/// The axes of a Slice, not negative; nullopt if they are not constant.
std::optional<std::vector<int64_t>> sliceAxes(const Graph& graph, const Layer& slice);

/// True if `reshape` makes [N, rest] of its input, only FullyConnected layers with constant weights
/// read that, and `perm` leaves N in place: then the weights can be permuted instead.
bool flattensForFullyConnected(const GraphEditor& editor, const Layer& reshape, const Perm& perm);

}  // namespace qrt
