// Runs the one layer of a graph through cpu-int8 at a forced level, in guarded memory.
#pragma once

#include <gtest/gtest.h>

#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "backends/cpu_int8/cpu_int8.h"
#include "base/aligned_buffer.h"
#include "support/guarded_buffer.h"
#include "support/one_op.h"

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

inline constexpr unsigned kSeedS8 = 17;

/// Random bytes, with the ends of the range among them.
class BytesS8 {
 public:
  int64_t whole(int64_t low, int64_t high) {
    return std::uniform_int_distribution<int64_t>(low, high)(engine_);
  }
  TestTensor tensor(const Shape& shape, float scale, int32_t zeroPoint, DType dtype = DType::s8) {
    TestTensor result{.dtype = dtype, .shape = shape, .quant = quant(scale, zeroPoint)};
    result.bytes.emplace(static_cast<size_t>(shape.elements()));
    for (std::byte& byte : *result.bytes) {
      const int64_t value = whole(-140, 140);
      byte = static_cast<std::byte>(std::clamp<int64_t>(value, -128, 127));
    }
    return result;
  }
  static QuantParams quant(float scale, int32_t zeroPoint) { return {{scale}, {zeroPoint}, -1}; }

 private:
  std::mt19937 engine_{kSeedS8};
};

/// A tensor that a layer writes.
inline TestTensor resultS8(float scale, int32_t zeroPoint, DType dtype = DType::s8) {
  return {.dtype = dtype, .quant = BytesS8::quant(scale, zeroPoint)};
}

/// Runs the layer at every level here with 1 and 2 threads, also in place, and compares every byte with the
/// reference kernel's. Inputs from `firstConstant` on are constants.
inline void expectAsReference(OpType op, const Attributes& attributes,
                              const std::vector<TestTensor>& inputs, const TestTensor& output,
                              const std::string& kernel, size_t firstConstant = 9) {
  const auto want = runOne(op, attributes, inputs, output);
  ASSERT_TRUE(want.ok()) << want.status().message();
  std::vector<TestTensor> given = inputs;
  std::vector<Bytes> data;
  for (size_t i = 0; i < given.size(); ++i) {
    data.push_back(given[i].absent ? Bytes() : *given[i].bytes);
    if (i < firstConstant) given[i].bytes.reset();
  }
  Graph graph = oneOpGraph(op, attributes, given, {output});
  const Status inferred = inferShapes(graph);
  ASSERT_TRUE(inferred.ok()) << inferred.message();
  for (const IsaLevel level : levelsHere()) {
    for (const int threads : {1, 2}) {
      for (const bool inPlace : {false, true}) {
        const RunS8 run = runS8(graph, data, level, threads, inPlace);
        ASSERT_EQ(run.kernel.substr(0, kernel.size()), kernel);
        ASSERT_EQ(run.output.size(), want->bytes->size());
        for (size_t i = 0; i < run.output.size(); ++i) {
          ASSERT_EQ(static_cast<int>(run.output[i]), static_cast<int>((*want->bytes)[i]))
              << run.kernel << " of " << graph.tensor(graph.layers[0].inputs[0]).shape.toString()
              << " threads " << threads << (inPlace ? " in place" : "") << " at byte " << i
              << ", seed " << kSeedS8;
        }
      }
    }
  }
}

}  // namespace qrt::test
