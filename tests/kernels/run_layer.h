// Runs one layer through cpu-float at a forced ISA level in guarded memory, and says how far off
// its reference kernel an f32 result may be.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "backends/cpu_float/cpu_float.h"
#include "support/guarded_buffer.h"
#include "support/one_op.h"

namespace qrt::test {

/// A layer with its inputs: `inputs` with bytes; those listed as constant are constants of the
/// graph.
struct LayerCase {
  OpType op;
  Attributes attributes;
  std::vector<TestTensor> inputs;
  std::vector<bool> constant;

  Graph graph() const {
    std::vector<TestTensor> tensors = inputs;
    for (size_t i = 0; i < tensors.size(); ++i) {
      if (!constant[i]) tensors[i].bytes.reset();
    }
    Graph made = oneOpGraph(op, attributes, tensors);
    EXPECT_TRUE(validate(made).ok()) << validate(made).message();
    const Status inferred = inferShapes(made);
    EXPECT_TRUE(inferred.ok()) << inferred.message();
    return made;
  }
};

/// What a program made of a layer.
struct LayerRun {
  std::string kernel;
  std::vector<float> values;
};

/// Levels that this build has and this CPU runs.
inline std::vector<IsaLevel> levelsHere() {
  std::vector<IsaLevel> levels;
  for (const IsaLevel level : compiledIsaLevels()) {
    if (isaAvailable(level, readCpu())) levels.push_back(level);
  }
  return levels;
}

/// Compiles and runs; every input, the output and the scratch end at an inaccessible page, and the
/// scratch holds garbage.
inline LayerRun runLayer(const LayerCase& layerCase, IsaLevel isa, int threads,
                         double winogradError = 0) {
  const Graph graph = layerCase.graph();
  const Layer& layer = graph.layers[0];
  const Verdict verdict = cpuFloatBackend().supports(graph, layer);
  EXPECT_TRUE(verdict.supported) << verdict.reason;
  WeightCache weights;
  const int index = 0;
  auto compiled = cpuFloatBackend().compile({graph, {&index, 1}, isa, threads, weights, winogradError});
  EXPECT_TRUE(compiled.ok()) << compiled.status().message();
  Program& program = **compiled;

  std::vector<GuardedBuffer> memory;
  std::vector<ConstTensorView> inputs;
  for (const TestTensor& input : layerCase.inputs) {
    if (input.absent) {
      inputs.emplace_back();
      continue;
    }
    memory.emplace_back(input.bytes->size());
    if (!input.bytes->empty()) {
      std::memcpy(memory.back().data(), input.bytes->data(), input.bytes->size());
    }
    inputs.emplace_back(input.dtype, input.shape, memory.back().data());
  }
  const Tensor& output = graph.tensor(layer.outputs[0]);
  const auto count = static_cast<size_t>(output.shape.elements());
  const GuardedBuffer result(count * sizeof(float));
  const GuardedBuffer scratch(alignUp(program.scratchBytes()));
  const TensorView outputView{output.dtype, output.shape, result.data()};
  ThreadPool pool(threads);
  const Status status =
      program.run({inputs, {&outputView, 1}, {scratch.data(), scratch.size()}, pool});
  EXPECT_TRUE(status.ok()) << status.message();
  EXPECT_TRUE(result.frontIntact() && scratch.frontIntact()) << "wrote in front of a buffer";
  for (const GuardedBuffer& buffer : memory) EXPECT_TRUE(buffer.frontIntact());
  const auto values = result.span<float>();
  return {std::string(program.kernel()), {values.begin(), values.end()}};
}

/// The same attributes without the activation.
inline Attributes withoutActivation(Attributes attributes) {
  std::visit(
      [](auto& attrs) {
        if constexpr (requires { attrs.activation; }) attrs.activation = {};
      },
      attributes);
  return attributes;
}

/// The bound for sums of `terms` products: (terms + 4)·eps·Σ|products|, doubled for activations,
/// whose slopes are below 2, plus a few ulp of theirs.
inline void expectClose(const LayerCase& layerCase, const std::vector<float>& got, int64_t terms,
                        const std::string& what) {
  const auto want = runOne(layerCase.op, layerCase.attributes, layerCase.inputs);
  ASSERT_TRUE(want.ok()) << want.status().message();
  std::vector<TestTensor> magnitudes = layerCase.inputs;
  for (TestTensor& tensor : magnitudes) {
    if (tensor.absent) continue;
    std::vector<float> values = tensor.values<float>();
    for (float& value : values) value = std::abs(value);
    tensor = floats(tensor.shape, values);
  }
  const auto sums =
      runOne(layerCase.op, withoutActivation(layerCase.attributes), magnitudes)->values<float>();
  const std::vector<float> wanted = want->values<float>();
  ASSERT_EQ(got.size(), wanted.size()) << what;
  for (size_t i = 0; i < got.size(); ++i) {
    const double bound = 2.0 * static_cast<double>(terms + 4) * 0x1p-24 * sums[i] +
                         1e-6 * std::abs(wanted[i]) + 1e-7;
    ASSERT_NEAR(got[i], wanted[i], bound) << what << " at " << i << " of " << got.size();
  }
}

}  // namespace qrt::test
