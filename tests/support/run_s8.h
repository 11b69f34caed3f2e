// Runs the one layer of a graph through cpu-int8 at a forced level, in guarded memory.
#pragma once

#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

#include "backends/cpu_int8/cpu_int8.h"
#include "base/aligned_buffer.h"
#include "support/guarded_buffer.h"

namespace qrt::test {

using Bytes = std::vector<std::byte>;

template <class T>
Bytes bytesOf(const std::vector<T>& values) {
  Bytes bytes(values.size() * sizeof(T));
  if (!values.empty()) std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}
template <class T>
std::vector<T> valuesOf(const Bytes& bytes) {
  std::vector<T> values(bytes.size() / sizeof(T));
  if (!values.empty()) std::memcpy(values.data(), bytes.data(), bytes.size());
  return values;
}

/// Levels that this build has and this CPU runs.
inline std::vector<IsaLevel> levelsHere() {
  std::vector<IsaLevel> levels;
  for (const IsaLevel level : compiledIsaLevels()) {
    if (isaAvailable(level, readCpu())) levels.push_back(level);
  }
  return levels;
}

struct RunS8 {
  std::string kernel;
  Bytes output;
};

/// `inputs`: bytes of the layer's inputs, ignored where they are constant or absent. The first output
/// is returned. Every buffer ends at an inaccessible page. With `inPlace`, the output is in the memory
/// of the input that the program names, if it names one.
inline RunS8 runS8(const Graph& graph, const std::vector<Bytes>& inputs, IsaLevel isa, int threads,
                   bool inPlace = false) {
  const Layer& layer = graph.layers[0];
  const Verdict verdict = cpuInt8Backend().supports(graph, layer);
  EXPECT_TRUE(verdict.supported) << verdict.reason;
  if (!verdict.supported) return {};
  WeightCache weights;
  const int index = 0;
  auto compiled = cpuInt8Backend().compile({graph, {&index, 1}, isa, threads, weights});
  EXPECT_TRUE(compiled.ok()) << compiled.status().message();
  if (!compiled.ok()) return {};
  Program& program = **compiled;

  std::vector<GuardedBuffer> memory;
  std::vector<ConstTensorView> views;
  for (size_t i = 0; i < layer.inputs.size(); ++i) {
    if (layer.inputs[i] == kNoTensor) {
      views.emplace_back();
      continue;
    }
    const Tensor& tensor = graph.tensor(layer.inputs[i]);
    const QuantParams* quant = tensor.quant ? &*tensor.quant : nullptr;
    const auto source = tensor.isConstant() ? tensor.constant->bytes
                                            : std::span<const std::byte>(inputs[i]);
    memory.emplace_back(source.size());
    if (!source.empty()) std::memcpy(memory.back().data(), source.data(), source.size());
    views.emplace_back(tensor.dtype, tensor.shape, memory.back().data(), quant);
  }
  const Tensor& output = graph.tensor(layer.outputs[0]);
  const size_t bytes =
      static_cast<size_t>(output.shape.elements()) * dtypeSize(output.dtype);
  const GuardedBuffer result(bytes);
  const GuardedBuffer scratch(alignUp(program.scratchBytes()));
  void* target = result.data();
  if (inPlace && program.inPlaceInput(0) >= 0) {
    const auto& shared = views[static_cast<size_t>(program.inPlaceInput(0))];
    EXPECT_EQ(shared.bytes(), bytes) << "inPlaceInput names an input of another size";
    target = const_cast<void*>(shared.data);
  }
  const TensorView view{output.dtype, output.shape, target,
                        output.quant ? &*output.quant : nullptr};
  ThreadPool pool(threads);
  const Status status =
      program.run({views, {&view, 1}, {scratch.data(), scratch.size()}, pool});
  EXPECT_TRUE(status.ok()) << status.message();
  EXPECT_TRUE(result.frontIntact() && scratch.frontIntact()) << "wrote in front of a buffer";
  for (const GuardedBuffer& buffer : memory) EXPECT_TRUE(buffer.frontIntact());
  const auto* first = static_cast<const std::byte*>(target);
  return {std::string(program.kernel()), Bytes(first, first + bytes)};
}

}  // namespace qrt::test
