// A net: one tensor in all the orders of dims in which a graph has it, that is the tensor made by
// some layer (the root) and what Transpose layers alone make of it.
//
// An order is written as a frame: the Perm that leads to it from the root. The cost of a net is
// what has to be transposed when its maker and its readers want certain frames.
#pragma once

#include <vector>

#include "passes/editor.h"
#include "passes/permutation.h"

namespace qrt {

/// A tensor and the frame it has in its net.
struct NetTensor {
  TensorId id;
  Perm frame;
};

/// A layer that reads a tensor of a net.
struct NetReader {
  int layer;
  size_t slot;
  Perm frame;
};

struct Net {
  TensorId root = kNoTensor;
  int maker = -1;                  ///< −1 for a graph input
  std::vector<NetTensor> tensors;  ///< the root first
  std::vector<NetReader> readers;  ///< layers other than transposes
  std::vector<Perm> outputs;       ///< frames that are graph outputs
  std::vector<int> transposes;     ///< layers
};

/// The permutation of a Transpose layer; empty if it is not known yet, or if the layer also changes
/// what the values mean, by other quantization parameters.
Perm transposePerm(const GraphEditor& editor, int layer);

/// The root of a tensor's net and the tensor's frame there; `id` with an empty frame if its rank is
/// not known.
NetTensor netOf(const GraphEditor& editor, TensorId id);

/// The net with this root, which is no constant and has a known rank.
Net collectNet(const GraphEditor& editor, TensorId root);

/// Gives every reader its frame of the net with as few transposes as that takes, all from what the
/// maker makes, which has the frame `made`. Readers' frames may have changed since collectNet().
void rebuildNet(GraphEditor& editor, const Net& net, const Perm& made);

}  // namespace qrt
