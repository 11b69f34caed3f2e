// Moves and cancels transposes. Importers wrap every channels-first layer in two of them; graphs
// have their own besides.
//
// Each Transpose is the seed of a region (layout_region.h) in which the orders of dims before and
// behind it are tried on all layers that could have either. A region is rewritten only if fewer
// bytes are transposed afterwards, so that the cost of the graph never grows. One pair of orders at
// a time is the "α-β swap" of Boykov, Veksler, Zabih, "Fast approximate energy minimization via
// graph cuts", 2001; with two orders in a region, which is what images have, the result is optimal.
#include <algorithm>
#include <set>

#include "passes/layout_region.h"
#include "passes/passes.h"

namespace qrt {
namespace {

constexpr int kMostSweeps = 8;

bool isTranspose(const GraphEditor& editor, int layer) {
  return editor.alive(layer) && editor.layer(layer).op == OpType::Transpose;
}

// Transposes of transposes, of nothing, and the same ones twice: each net gets what it needs.
void tidyNets(GraphEditor& editor) {
  std::set<TensorId> roots;
  for (int i = 0; i < editor.layerCount(); ++i) {
    if (isTranspose(editor, i)) roots.insert(netOf(editor, editor.layer(i).inputs[0]).id);
  }
  for (const TensorId root : roots) {
    if (editor.tensor(root).isConstant()) continue;
    const Net net = collectNet(editor, root);
    std::set<Perm> needed;
    for (const NetReader& reader : net.readers) needed.insert(reader.frame);
    needed.insert(net.outputs.begin(), net.outputs.end());
    needed.erase(net.tensors[0].frame);
    const bool direct = std::all_of(net.transposes.begin(), net.transposes.end(), [&](int i) {
      const TensorId in = editor.layer(i).inputs[0];
      return in == root || movesNothing(transposePerm(editor, i), editor.tensor(in).shape);
    });
    if (direct && needed.size() == net.transposes.size()) continue;
    rebuildNet(editor, net, net.tensors[0].frame);
  }
}

}  // namespace

void optimizeLayout(GraphEditor& editor) {
  tidyNets(editor);
  size_t work = 100'000 + 50 * static_cast<size_t>(editor.layerCount());
  for (int sweep = 0; sweep < kMostSweeps; ++sweep) {
    bool improved = false;
    std::set<int> settled;
    for (int i = 0; i < editor.layerCount() && work > 0; ++i) {
      if (!isTranspose(editor, i) || settled.count(i) != 0) continue;
      const NetTensor from = netOf(editor, editor.layer(i).inputs[0]);
      const NetTensor to = netOf(editor, editor.layer(i).outputs[0]);
      if (editor.tensor(from.id).isConstant() || from.id != to.id) continue;
      LayoutRegion region(editor, from.id, from.frame, to.frame);
      work -= std::min(work, region.size());
      if (region.improve()) {
        improved = true;
      } else {
        for (const int transpose : region.settled()) settled.insert(transpose);
      }
    }
    if (!improved) break;
  }
  tidyNets(editor);
}

}  // namespace qrt
