// Where each layer runs, and why.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace qrt {

/// Where one layer was asked to run, where it runs, and why.
struct LayerPlacement {
  std::string layer;      ///< the layer's name
  std::string op;         ///< "Conv", …; empty if `actual` is and the model has no such layer
  std::string requested;  ///< the backend it was pinned to, else the first of the priority list
  std::string actual;     ///< the backend that runs it; empty if it does not run, for a pinned layer
                          ///< that was folded or fused into others when the session was prepared, or
                          ///< a conversion that other pins made unnecessary
  std::string kernel;     ///< display name of the kernel
  std::string reason;     ///< why `actual` is not `requested`; empty if it is
  bool pinned = false;    ///< by setLayerBackend or a placement file
  int partition = 0;      ///< layers with the same number run in one go; −1 if `actual` is empty
};

/// A copy or conversion where a tensor crosses between backends, or between float and int8.
struct Transfer {
  std::string tensor;  ///< name of the tensor that crosses
  std::string from;    ///< backend that makes it; empty: an input of the model
  std::string to;      ///< backend of the first layer that reads the result; empty: an output of the model
  size_t bytes = 0;    ///< read and written
  std::string layer;   ///< the layer that does it, listed and profiled as every other; empty: the backend of a
                       ///< partition does it, within the partition's time
  double ms = 0;       ///< median time of `layer` so far, with SessionOptions::profiling
};

/// All layers in execution order, then pinned layers that do not run, and all transfers.
struct Placement {
  std::vector<LayerPlacement> layers;
  std::vector<Transfer> transfers;
};

}  // namespace qrt
