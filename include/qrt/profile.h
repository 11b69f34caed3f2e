// What a session measured.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace qrt {

/// Times of one layer over the runs since profiling began or was reset.
struct LayerProfile {
  std::string layer;    ///< the layer's name
  std::string op;       ///< "Conv", …
  std::string backend;  ///< who ran it
  std::string kernel;   ///< with what
  int64_t macs = 0;     ///< multiply-accumulates
  int64_t bytes = 0;    ///< inputs, weights and outputs, each once
  double medianMs = 0;  ///< median over the (last 1024) runs; of layers that a backend runs in one go, all
                        ///< the time stands at the first
  double minMs = 0;
  double deviceMs = 0;  ///< median of the backend's own time of this layer; 0: it gives none
  std::string reason = {};  ///< why it does not run where it was asked to; empty if it does
};

/// A failure of a plugin backend, after which the CPU does the work.
struct Fault {
  std::string backend;  ///< whose
  std::string layer;    ///< the first layer of what it should have taken, compiled or run
  int layers = 1;       ///< how many layers that is
  std::string what;     ///< what it said, or did
  int64_t count = 1;    ///< how often this happened
};

/// Times of a session. Per-layer times cost about 50 ns a layer and are only taken with
/// SessionOptions::profiling.
struct Profile {
  int64_t runs = 0;      ///< runs measured
  double medianMs = 0;   ///< a whole run, over the (last 1024) runs
  double minMs = 0;
  std::vector<LayerProfile> layers;  ///< in execution order
  std::vector<Fault> faults;         ///< since the session began, in the order they first happened
};

/// Memory of a prepared session, in bytes.
struct MemoryUse {
  size_t activations = 0;   ///< arena of all intermediate tensors
  size_t lowerBound = 0;    ///< largest sum of intermediate tensors that must live at once
  size_t scratch = 0;       ///< kernels' working memory
  size_t inputsOutputs = 0; ///< session-owned inputs and outputs
};

}  // namespace qrt
