// What each op does when its tensors are stored with permuted dims. Adding an op whose layers
// should let transposes pass: a case in layoutPorts() and, if it has axes or per-dim parameters,
// one in applyLayout().
#pragma once

#include <map>
#include <optional>
#include <tuple>
#include <vector>

#include "passes/editor.h"
#include "passes/permutation.h"

namespace qrt {

/// How the dims of each input and output of a layer are permuted; empty: not at all.
struct LayoutPorts {
  std::vector<Perm> inputs;
  std::vector<Perm> outputs;
};

/// One input or output of a layer.
struct PortId {
  bool output;
  size_t index;
};

/// How the layer's other ports must be permuted if `port` is permuted by `perm` (not the identity);
/// nullopt if the layer cannot do that. Ports of constants are empty: applyLayout() permutes those.
std::optional<LayoutPorts> layoutPorts(const GraphEditor& editor, int layer, PortId port,
                                       const Perm& perm);

/// Permuted copies of constants, so that layers which shared a constant still do: by what was
/// permuted, the dims it had or was given, and the permutation.
struct PermutedConstants {
  using Map = std::map<std::tuple<TensorId, std::vector<int64_t>, Perm>, TensorId>;
  Map whole;
  Map weights;  ///< [O, rest] of a FullyConnected, permuted as [O, dims of one sample]
};

/// Rewrites attributes, constant inputs and parameters for permuted ports. Connecting tensors that
/// have these layouts is the caller's business.
void applyLayout(GraphEditor& editor, int layer, const LayoutPorts& ports,
                 PermutedConstants& cache);

}  // namespace qrt
