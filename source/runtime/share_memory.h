// Which tensors share memory: views with what they view, in-place results with what they overwrite, the
// inputs of a Concat with its output.
//
// Tensors that share are one buffer. A buffer lives in a constant, in an input's or an output's memory,
// or in the arena, where plan_memory.h finds a place for it.
#pragma once

#include <cstddef>
#include <vector>

#include "runtime/chain.h"
#include "runtime/compile.h"
#include "runtime/plan_memory.h"

namespace qrt {

/// Where a buffer lives.
enum class Home {
  none,      ///< the tensor is unused
  constant,  ///< index: the constant's TensorId
  input,     ///< index: which graph input
  output,    ///< index: which graph output, the first that lists the tensor
  arena,     ///< index: which of SharedMemory::arena
};

struct Place {
  Home home = Home::none;
  size_t index = 0;
  size_t offset = 0;  ///< bytes from where the buffer begins
  bool operator==(const Place&) const = default;
};

struct SharedMemory {
  std::vector<Place> tensors;        ///< indexed by TensorId
  std::vector<ArenaBuffer> arena;  ///< what has to be planned
  /// By step: elements between pixels of its output, where that is a slice of a Concat's; else 0.
  std::vector<int64_t> outputSteps;
  std::vector<bool> done;  ///< by step: a Concat whose inputs were all written in place

  const Place& of(TensorId id) const { return tensors[static_cast<size_t>(id)]; }
};

/// Bytes of a tensor of known shape.
size_t tensorBytes(const Tensor& tensor);

/// Shares where nothing is lost: an input of the graph or a constant is never written, a tensor is only
/// overwritten by the last step that reads it, and a graph output has its own memory. With `slices`, a
/// tensor that only a Concat of last dims reads may lie in pieces, as part of the Concat's output.
/// Steps of a chain count as one, which works on rings.
SharedMemory shareMemory(const Graph& graph, const std::vector<Step>& steps, const std::vector<Chain>& chains,
                         int threads, bool slices);

}  // namespace qrt
