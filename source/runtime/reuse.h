// Programs of what a session has prepared, now and before, for partitions that come again: moving one layer prepares
// that layer and its borders only, and moving it back nothing.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "runtime/compile.h"

namespace qrt {

/// All graphs that are given to one of these were made from the same specialized graph.
class Reuse {
 public:
  /// The program of an equal partition, or null.
  std::shared_ptr<Program> find(const Graph& graph, const Partition& partition) const;
  /// These steps are in use from now on. Of others the latest are kept, which together have at most as many layers as
  /// the graph in use, or one before it, so that one change can always be taken back.
  void use(const Graph& graph, const std::vector<Step>& steps);
  /// Gives up what is not in use; false if there is nothing.
  bool dropUnused();

 private:
  struct Entry {
    std::shared_ptr<Program> program;
    std::vector<std::shared_ptr<const void>> constants;  // which the program may read
    size_t layers;
    int64_t used;  // the call of use()
  };

  std::unordered_map<std::string, Entry> entries_;  // by identity()
  int64_t now_ = 0;
  size_t mostLayers_ = 0;
};

}  // namespace qrt
