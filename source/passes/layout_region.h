// A region: the nets and layers around a Transpose in which every tensor may be stored in one of
// two orders of dims, and the choice between the two that costs the least.
//
// Each net of a region has two frames, 0 and 1. A layer that layoutPorts() knows how to permute is
// a variable: all its ports are in frame 0 of their nets, or all in frame 1; one of them is how it
// is written now. Any other layer, and a graph output, wants its tensors as they are. What a choice
// costs is the bytes that must then be transposed; the cheapest choice is a minimum cut.
#pragma once

#include <unordered_map>
#include <vector>

#include "passes/layout_net.h"
#include "passes/layout_rules.h"

namespace qrt {

class LayoutRegion {
 public:
  /// Grows from a net and two of its frames.
  LayoutRegion(GraphEditor& editor, TensorId root, Perm frame0, Perm frame1);

  /// Rewrites the graph to the cheapest choice; false if it is what the graph has.
  bool improve();
  /// Transposes between the two frames of a net: this region has dealt with them.
  std::vector<int> settled() const;
  /// How much was looked at.
  size_t size() const { return layers_.size() + nets_.size(); }

 private:
  struct RegionNet {
    Net net;
    Perm frames[2];
    int64_t apart;  ///< cost of a transpose between layers that could be fused
  };
  struct RegionLayer {
    int layer;
    int plain;  ///< the value of the variable that means "as it is"
    LayoutPorts ports;
  };
  // What a net's maker or reader wants: the value of a variable, or a fixed frame.
  struct Wish {
    int variable = -1;  ///< index into layers_
    Perm frame;         ///< if not a variable
  };

  void addNet(TensorId root, Perm frame0, Perm frame1);
  void tryLayer(int layer, PortId port, size_t net, const Perm& frame);
  bool portFits(TensorId id, const Perm& perm, int plain,
                std::vector<std::pair<TensorId, std::pair<Perm, Perm>>>& fresh) const;
  Wish wish(int layer, PortId port, const Perm& frame) const;
  Wish makerWish(const RegionNet& net) const;
  std::vector<Wish> readerWishes(const RegionNet& net) const;
  int64_t moveCost(const RegionNet& net, const Perm& from, const Perm& to) const;
  int64_t cost(const std::vector<int>& values) const;
  bool cheapest(std::vector<int>& values) const;
  void apply(const std::vector<int>& values);
  Perm frameOf(const RegionNet& net, const Wish& wish, const std::vector<int>& values) const {
    return wish.variable < 0 ? wish.frame : net.frames[values[static_cast<size_t>(wish.variable)]];
  }

  GraphEditor& editor_;
  std::vector<RegionNet> nets_;
  std::vector<RegionLayer> layers_;
  size_t ports_ = 0;  ///< makers and readers of all nets
  std::unordered_map<TensorId, size_t> netOfRoot_;
  std::unordered_map<int, int> variableOf_;  ///< by layer: index into layers_, −1 if it is fixed
};

}  // namespace qrt
