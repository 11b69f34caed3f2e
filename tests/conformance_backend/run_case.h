// One layer on one backend, beside the reference.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "backends/backend.h"

namespace qrt::test {

using Bytes = std::vector<std::byte>;

/// A program and all it was compiled from.
struct CompiledCase {
  std::shared_ptr<const Graph> graph;
  std::shared_ptr<WeightCache> weights;
  std::unique_ptr<Program> program;

  /// Runs in guarded memory; `inputs` by graph input. Errors: what the program says, or that it wrote beside its
  /// outputs.
  Result<std::vector<Bytes>> run(const std::vector<Bytes>& inputs) const;
};

/// `layer` of `graph`, which the backend supports.
Result<CompiledCase> compileCase(const Backend& backend, const Graph& graph);

/// Values for the graph's inputs.
std::vector<Bytes> inputsFor(const Graph& graph, unsigned seed);
/// What the reference kernel makes of them.
Result<std::vector<Bytes>> referenceOutputs(const Graph& graph, const std::vector<Bytes>& inputs);

/// "" if the outputs agree: integers to the byte, floats to 1e-4 of the largest value wanted or the value itself.
std::string differenceOf(const Graph& graph, const std::vector<Bytes>& found, const std::vector<Bytes>& wanted);

/// "Conv s8 1x5x5x3, 4x3x3x3 strides=2,2": what is in the graph, for messages.
std::string describeCase(const Graph& graph);

}  // namespace qrt::test
