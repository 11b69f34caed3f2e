// Which backend each layer is asked to run on, which one takes it, and why.
#pragma once

#include <map>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "backends/backend.h"

namespace qrt {

/// Why backends are not asked: by backend, then by layer name, "" for all layers.
using Unfit = std::map<const Backend*, std::map<std::string, std::string>>;

/// What the user wants.
struct PlacementPolicy {
  std::vector<const Backend*> priority;         ///< not empty, ends with the last resort
  std::map<std::string, const Backend*> pins;  ///< layer name → backend; wins over the priority. As the
                                               ///< user gave them, until prepare() knows the names (pins.h)
  std::map<std::string, const Backend*> saved = {};  ///< the same from a placement file; pins win
  Unfit unfit = {};                                  ///< wins over all
};

/// Asks backends about layers of graphs that were made from one specialized graph. What a plugin supports it is not
/// asked again: it may take its time.
class Verdicts {
 public:
  Verdict ask(const Backend& backend, const Graph& graph, const Layer& layer);

 private:
  std::unordered_map<std::string, Verdict> supported_;  // by identity()
};

/// Where one layer goes.
struct LayerBackend {
  const Backend* requested = nullptr;
  const Backend* actual = nullptr;
  std::string reason;  ///< why actual is not requested: the verdicts of those that refused
  bool pinned = false;
};

/// True if no kernel is needed, since the layer is a view. The runtime does such layers itself for every
/// backend that takes one layer at a time.
bool needsNoKernel(const Layer& layer);

/// Why pinned backends cannot have what they would need: by layer name.
using Refusals = std::map<std::string, std::string>;

/// One entry per layer: the pinned backend, else the first of the priority list, else the next one that
/// supports it. `refusals` take the place of what pinned backends say of the layer as it is; `verdicts`, if not
/// null, remembers. `unsupported` if even the last refuses.
Result<std::vector<LayerBackend>> place(const Graph& graph, const PlacementPolicy& policy,
                                        const Refusals& refusals = {}, Verdicts* verdicts = nullptr);

}  // namespace qrt
