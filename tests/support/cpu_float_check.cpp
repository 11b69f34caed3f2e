#include "support/cpu_float_check.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "backends/cpu_float/cpu_float.h"
#include "isa_levels.h"
#include "support/guarded_buffer.h"

namespace qrt::test {
namespace {

double ulpsApart(float got, float want) {
  if (got == want || (std::isnan(got) && std::isnan(want))) return 0;
  if (!std::isfinite(got) || !std::isfinite(want)) return std::numeric_limits<double>::infinity();
  const float size = std::max(std::abs(want), std::numeric_limits<float>::min());
  const double ulp = std::ldexp(1.0, std::ilogb(size) - 23);
  return std::abs(static_cast<double>(got) - want) / ulp;
}

void expectNear(const TestTensor& got, const TestTensor& want, const Tolerance& tolerance) {
  if (want.dtype != DType::f32) {
    EXPECT_EQ(got.bytes, want.bytes);
    return;
  }
  const auto g = got.values<float>();
  const auto w = want.values<float>();
  ASSERT_EQ(g.size(), w.size());
  for (size_t i = 0; i < w.size(); ++i) {
    const double ulps = ulpsApart(g[i], w[i]);
    if (ulps <= tolerance.ulps || std::abs(double{g[i]} - w[i]) <= tolerance.absolute) continue;
    FAIL() << "element " << i << " of " << want.shape.toString() << " is " << g[i] << ", wanted "
           << w[i] << " (" << ulps << " ulp)";
  }
}

// The layer's outputs on one level; the output shares the memory of input `inPlace` if that is ≥ 0.
std::vector<TestTensor> runOnce(const Graph& graph, Program& program, ThreadPool& pool,
                                int inPlace) {
  const Layer& layer = graph.layers[0];
  const auto bytesOf = [&](TensorId id) {
    const Tensor& tensor = graph.tensor(id);
    return static_cast<size_t>(tensor.shape.elements()) * dtypeSize(tensor.dtype);
  };
  std::vector<GuardedBuffer> memory;
  std::vector<ConstTensorView> inputs;
  for (const TensorId id : layer.inputs) {
    if (id == kNoTensor) {
      inputs.emplace_back();
      continue;
    }
    const GuardedBuffer& buffer = memory.emplace_back(bytesOf(id));
    const ConstTensorView view = graph.tensor(id).constantView();
    if (buffer.size() > 0) std::memcpy(buffer.data(), view.data, buffer.size());
    inputs.emplace_back(view.dtype, view.shape, buffer.data());
  }
  std::vector<TensorView> outputs;
  for (const TensorId id : layer.outputs) {
    const Tensor& tensor = graph.tensor(id);
    void* data = inPlace >= 0 ? const_cast<void*>(inputs[static_cast<size_t>(inPlace)].data)
                              : memory.emplace_back(bytesOf(id)).data();
    outputs.push_back({tensor.dtype, tensor.shape, data, nullptr});
  }
  GuardedBuffer scratch(alignUp(program.scratchBytes()));
  const Status status =
      program.run({inputs, outputs, {scratch.data(), scratch.size()}, pool});
  EXPECT_TRUE(status.ok()) << status.message();
  for (const GuardedBuffer& buffer : memory) EXPECT_TRUE(buffer.frontIntact());
  EXPECT_TRUE(scratch.frontIntact());
  std::vector<TestTensor> results;
  for (const TensorView& view : outputs) {
    const auto* data = static_cast<const std::byte*>(view.data);
    results.push_back({.dtype = view.dtype, .shape = view.shape,
                       .bytes = std::vector<std::byte>(data, data + view.bytes())});
  }
  return results;
}

void checkLevel(const Graph& graph, IsaLevel isa, const std::vector<TestTensor>& want,
                const Tolerance& tolerance) {
  const int layers[] = {0};
  WeightCache weights;
  std::vector<TestTensor> first;
  static ThreadPool one(1);
  static ThreadPool three(3);
  for (ThreadPool* const pool : {&one, &three}) {
    const int threads = pool->threads();
    SCOPED_TRACE(concat("QRT_ISA=", isaName(isa), ", ", threads, " threads"));
    auto program = cpuFloatBackend().compile({graph, layers, isa, threads, weights});
    ASSERT_TRUE(program.ok()) << program.status().message();
    SCOPED_TRACE((*program)->kernel());
    const auto got = runOnce(graph, **program, *pool, -1);
    for (size_t i = 0; i < want.size(); ++i) expectNear(got[i], want[i], tolerance);
    if (threads == 1) first = got;
    for (size_t i = 0; i < want.size(); ++i) EXPECT_EQ(got[i].bytes, first[i].bytes);
    const int inPlace = want.size() == 1 ? (*program)->inPlaceInput(0) : -1;
    if (inPlace < 0) continue;
    EXPECT_EQ(runOnce(graph, **program, *pool, inPlace)[0].bytes, first[0].bytes) << "in place";
  }
}

}  // namespace

void expectCpuFloat(OpType op, const Attributes& attributes, const std::vector<TestTensor>& inputs,
                    const Tolerance& tolerance, const std::vector<TestTensor>& outputs) {
  std::string what(opName(op));
  for (const TestTensor& input : inputs) what.append(1, ' ').append(input.shape.toString());
  SCOPED_TRACE(what);
  const auto want = runOutputs(op, attributes, inputs, outputs);
  ASSERT_TRUE(want.ok()) << want.status().message();
  Graph graph = oneOpGraph(op, attributes, inputs, outputs);
  ASSERT_TRUE(inferShapes(graph).ok());
  const Verdict verdict = cpuFloatBackend().supports(graph, graph.layers[0]);
  ASSERT_TRUE(verdict.supported) << verdict.reason;
  const CpuRaw cpu = readCpu();
#define QRT_LEVEL(level) IsaLevel::level,
  for (const IsaLevel isa : {QRT_FLOAT_LEVELS(QRT_LEVEL)}) {
    if (isaAvailable(isa, cpu)) checkLevel(graph, isa, *want, tolerance);
  }
}

void expectCpuFloatRefuses(OpType op, const Attributes& attributes,
                           const std::vector<TestTensor>& inputs, const std::string& text) {
  Graph graph = oneOpGraph(op, attributes, inputs);
  ASSERT_TRUE(inferShapes(graph).ok());
  const Verdict verdict = cpuFloatBackend().supports(graph, graph.layers[0]);
  EXPECT_FALSE(verdict.supported);
  EXPECT_NE(verdict.reason.find(text), std::string::npos) << verdict.reason;
}

std::vector<float> randomFloats(int64_t count, unsigned seed, float low, float high) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<float> value(low, high);
  std::vector<float> result(static_cast<size_t>(count));
  for (float& x : result) x = value(random);
  return result;
}

}  // namespace qrt::test
