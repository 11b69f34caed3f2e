// What a fuzz target gives and what drives it gets. A target is LLVMFuzzerTestOneInput plus the two
// functions of FuzzTarget; it is driven by libFuzzer (Clang, QRT_FUZZ) or by mutator_main.cpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

#include "graph/graph.h"
#include "qrt/model.h"

namespace qrt::fuzz {

using Bytes = std::vector<std::byte>;
using Random = std::mt19937;

/// 0 … n − 1; n > 0.
inline size_t pick(Random& random, size_t n) { return static_cast<size_t>(random()) % n; }

/// How far inputs got: a fuzzer that never gets past the first check finds nothing.
struct Counts {
  long loaded = 0;
  long ran = 0;
};
inline Counts counts;

/// Valid inputs to begin with; defined by each target. Never empty.
const std::vector<Bytes>& seeds();
/// Changes a valid input so that it stays well-formed but means something else; leaves what it
/// cannot parse. Defined by each target.
void mutateStructure(Bytes& bytes, Random& random);

/// Flips, overwrites, inserts, removes, splices and edits lengths, a few at a time.
void mutateBytes(Bytes& bytes, Random& random);
/// Changes wires, ops, attributes, shapes, dtypes, quantization and constants.
void mutateGraph(Graph& graph, Random& random);
/// An integer of the kind that breaks code: small, negative, at the ends of its type.
int64_t nastyInt(Random& random);
float nastyFloat(Random& random);

/// Runs a model with random inputs, on the default backends and on the reference, if it is small:
/// huge shapes may be legitimate, but not in a fuzzer.
void runIfSmall(const Model& model);

}  // namespace qrt::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);
