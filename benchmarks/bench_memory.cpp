// Kernels of cpu-float and, as "int8/…", of cpu-int8 that move more than they compute, over tensors of real nets:
// GB/s read and written, and the share of what memcpy reaches on tensors of the same size. QRT_ISA=<level>
// forces a level; the maximum over repetitions says most: --benchmark_repetitions=20.
#include <benchmark/benchmark.h>

#include <chrono>
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include "backends/cpu_float/cpu_float.h"
#include "backends/cpu_int8/cpu_int8.h"
#include "base/aligned_buffer.h"

namespace qrt::bench {
namespace {

struct Case {
  const char* name;
  OpType op;
  Attributes attributes;
  std::vector<Shape> inputs;                  ///< f32 or s8, computed by the graph
  std::vector<std::vector<int64_t>> parameters = {};  ///< constants behind them
  size_t outputs = 1;
};

std::vector<Case> cases() {
  const Shape image{1, 112, 112, 64};
  const BinaryAttrs relu{{ActivationKind::relu}};
  const PoolAttrs pool3{.kernel = {3, 3}, .strides = {2, 2}, .pads = {1, 1, 1, 1}};
  const PoolAttrs pool2{.kernel = {2, 2}, .strides = {2, 2}};
  const PoolAttrs pool3Valid{.kernel = {3, 3}, .strides = {2, 2}};
  return {
      {"relu_56x56x256", OpType::Relu, NoAttrs{}, {{1, 56, 56, 256}}},
      {"sigmoid_56x56x256", OpType::Sigmoid, NoAttrs{}, {{1, 56, 56, 256}}},
      {"erf_56x56x256", OpType::Erf, NoAttrs{}, {{1, 56, 56, 256}}},
      {"add_relu_56x56x256", OpType::Add, relu, {{1, 56, 56, 256}, {1, 56, 56, 256}}},
      {"add_channels_56x56x256", OpType::Add, BinaryAttrs{}, {{1, 56, 56, 256}, {256}}},
      {"mul_squeeze_112x112x16", OpType::Mul, BinaryAttrs{}, {{1, 112, 112, 16}, {1, 1, 1, 16}}},
      {"maxpool3x3s2_112x112x64", OpType::MaxPool, pool3, {image}},
      {"avgpool7x7_7x7x2048", OpType::AveragePool, PoolAttrs{.kernel = {7, 7}}, {{1, 7, 7, 2048}}},
      {"reducemean_hw_112x112x64", OpType::ReduceMean, ReduceAttrs{{1, 2}}, {image}},
      {"softmax_1001", OpType::Softmax, AxisAttrs{1}, {{64, 1001}}},
      {"softmax_4420x2", OpType::Softmax, AxisAttrs{2}, {{1, 4420, 2}}},
      {"to_nhwc_3x224x224", OpType::Transpose, TransposeAttrs{{0, 2, 3, 1}}, {{1, 3, 224, 224}}},
      {"to_nhwc_256x56x56", OpType::Transpose, TransposeAttrs{{0, 2, 3, 1}}, {{1, 256, 56, 56}}},
      {"to_nchw_56x56x256", OpType::Transpose, TransposeAttrs{{0, 3, 1, 2}}, {{1, 56, 56, 256}}},
      {"concat_56x56x64+192", OpType::Concat, AxisAttrs{3}, {{1, 56, 56, 64}, {1, 56, 56, 192}}},
      {"split_56x56x256", OpType::Split, SplitAttrs{3}, {{1, 56, 56, 256}}, {}, 2},
      {"pad_112x112x64", OpType::Pad, PadAttrs{}, {image}, {{0, 1, 1, 0, 0, 1, 1, 0}}},
      {"depthtospace2_56x56x256", OpType::DepthToSpace, DepthToSpaceAttrs{2}, {{1, 56, 56, 256}}},
      {"nearest2x_56x56x64", OpType::Resize,
       ResizeAttrs{.coordinates = ResizeCoordinates::asymmetric}, {{1, 56, 56, 64}, {}},
       {{1, 112, 112, 64}}},
      {"linear2x_56x56x64", OpType::Resize, ResizeAttrs{.mode = ResizeMode::linear},
       {{1, 56, 56, 64}, {}}, {{1, 112, 112, 64}}},
      // Adds of ResNet-18 and -50 and of MobileNetV2.
      {"add_relu_28x28x512", OpType::Add, relu, {{1, 28, 28, 512}, {1, 28, 28, 512}}},
      {"add_relu_7x7x2048", OpType::Add, relu, {{1, 7, 7, 2048}, {1, 7, 7, 2048}}},
      {"add_56x56x24", OpType::Add, BinaryAttrs{}, {{1, 56, 56, 24}, {1, 56, 56, 24}}},
      {"add_14x14x96", OpType::Add, BinaryAttrs{}, {{1, 14, 14, 96}, {1, 14, 14, 96}}},
      // MobileNetV3: activations, squeeze and excite.
      {"hardswish_112x112x16", OpType::HardSwish, NoAttrs{}, {{1, 112, 112, 16}}},
      {"hardswish_14x14x672", OpType::HardSwish, NoAttrs{}, {{1, 14, 14, 672}}},
      {"hardsigmoid_1x1x960", OpType::HardSigmoid, HardSigmoidAttrs{}, {{1, 1, 1, 960}}},
      {"mul_squeeze_14x14x672", OpType::Mul, BinaryAttrs{}, {{1, 14, 14, 672}, {1, 1, 1, 672}}},
      {"reducemean_hw_14x14x672", OpType::ReduceMean, ReduceAttrs{{1, 2}}, {{1, 14, 14, 672}}},
      // Pools of VGG-16, SqueezeNet 1.1 and the ends of classifiers.
      {"maxpool2x2s2_224x224x64", OpType::MaxPool, pool2, {{1, 224, 224, 64}}},
      {"maxpool2x2s2_28x28x512", OpType::MaxPool, pool2, {{1, 28, 28, 512}}},
      {"maxpool3x3s2_111x111x64", OpType::MaxPool, pool3Valid, {{1, 111, 111, 64}}},
      {"maxpool3x3s2_27x27x256", OpType::MaxPool, pool3Valid, {{1, 27, 27, 256}}},
      {"avgpool13x13_13x13x1000", OpType::AveragePool, PoolAttrs{.kernel = {13, 13}}, {{1, 13, 13, 1000}}},
      {"avgpool7x7_7x7x1280", OpType::AveragePool, PoolAttrs{.kernel = {7, 7}}, {{1, 7, 7, 1280}}},
      {"concat_55x55x64+64", OpType::Concat, AxisAttrs{3}, {{1, 55, 55, 64}, {1, 55, 55, 64}}},
      {"softmax_1x1000", OpType::Softmax, AxisAttrs{1}, {{1, 1000}}},
      {"layernorm_196x768", OpType::LayerNormalization, NormAttrs{.axis = -1}, {{196, 768}, {768}}},
  };
}

void quantize(Tensor& tensor, float scale, int32_t zeroPoint) {
  tensor.dtype = DType::s8;
  tensor.quant = QuantParams{{scale}, {zeroPoint}, -1};
}

// A graph of one layer; an input of shape "scalar" is absent. s8 tensors share one scale, except that of a sigmoid
// or softmax, whose outputs are between 0 and 1.
Graph graphOf(const Case& c, bool int8) {
  Graph graph;
  Layer layer{c.name, c.op, c.attributes, {}, {}};
  for (const Shape& shape : c.inputs) {
    layer.inputs.push_back(shape.rank() == 0 ? kNoTensor
                                             : graph.addTensor({.name = "x", .shape = shape}));
    if (int8 && layer.inputs.back() != kNoTensor) quantize(graph.tensor(layer.inputs.back()), 0.05f, -3);
  }
  for (const auto& values : c.parameters) {
    layer.inputs.push_back(graph.addConstant<int64_t>(
        "parameter", {static_cast<int64_t>(values.size())}, values));
  }
  const bool share = c.op == OpType::Sigmoid || c.op == OpType::Softmax || c.op == OpType::HardSigmoid;
  for (size_t i = 0; i < c.outputs; ++i) {
    layer.outputs.push_back(graph.addTensor({.name = "y"}));
    if (int8) quantize(graph.tensor(layer.outputs.back()), share ? 1.0f / 256 : 0.05f, share ? -128 : -3);
  }
  graph.layers.push_back(layer);
  return graph;
}

// Bytes per second, read and written, of copying `bytes` again and again: the best of some runs.
double memcpyRate(size_t bytes) {
  const AlignedBuffer from(bytes);
  const AlignedBuffer to(bytes);
  std::memset(from.data(), 1, bytes);
  double best = 0;
  const int times = static_cast<int>(1 + (size_t{1} << 25) / bytes);
  for (int run = 0; run < 10; ++run) {
    const auto begin = std::chrono::steady_clock::now();
    for (int i = 0; i < times; ++i) {
      std::memcpy(to.data(), from.data(), bytes);
      benchmark::ClobberMemory();
    }
    const std::chrono::duration<double> time = std::chrono::steady_clock::now() - begin;
    best = std::max(best, 2.0 * static_cast<double>(bytes) * times / time.count());
  }
  return best;
}

const Backend& backendOf(bool int8) { return int8 ? cpuInt8Backend() : cpuFloatBackend(); }

bool runs(const Case& c, bool int8) {
  Graph graph = graphOf(c, int8);
  return inferShapes(graph).ok() && backendOf(int8).supports(graph, graph.layers[0]).supported;
}

void run(benchmark::State& state, const Case& c, bool int8, int threads) {
  Graph graph = graphOf(c, int8);
  if (const Status status = inferShapes(graph); !status.ok()) {
    return state.SkipWithError(status.message().c_str());
  }
  WeightCache cache;
  const int index = 0;
  auto compiled =
      backendOf(int8).compile({graph, {&index, 1}, activeIsa().value(), threads, cache});
  if (!compiled.ok()) return state.SkipWithError(compiled.status().message().c_str());
  Program& program = **compiled;
  std::vector<AlignedBuffer> memory;
  size_t bytes = 0;
  const auto allocate = [&](const Tensor& tensor) {
    const size_t size = static_cast<size_t>(tensor.shape.elements()) * dtypeSize(tensor.dtype);
    memory.emplace_back(size);
    bytes += size;
    auto* values = memory.back().as<float>();
    for (size_t i = 0; i < size / sizeof(float); ++i) values[i] = static_cast<float>(i % 101) / 50 - 1;
    return memory.back().data();
  };
  std::vector<ConstTensorView> inputs;
  for (const TensorId id : graph.layers[0].inputs) {
    if (id == kNoTensor) inputs.emplace_back();
    else if (graph.tensor(id).isConstant()) inputs.push_back(graph.tensor(id).constantView());
    else inputs.emplace_back(graph.tensor(id).dtype, graph.tensor(id).shape, allocate(graph.tensor(id)));
  }
  std::vector<TensorView> outputs;
  for (const TensorId id : graph.layers[0].outputs) {
    outputs.push_back({graph.tensor(id).dtype, graph.tensor(id).shape, allocate(graph.tensor(id))});
  }
  const AlignedBuffer scratch(program.scratchBytes());
  ThreadPool pool(threads);
  const double peak = memcpyRate(bytes / 2);
  for (auto _ : state) {
    if (!program.run({inputs, outputs, {scratch.data(), scratch.size()}, pool}).ok()) {
      state.SkipWithError("run failed");
    }
    benchmark::ClobberMemory();
  }
  const double moved = static_cast<double>(bytes) * static_cast<double>(state.iterations());
  state.counters["B/s"] = benchmark::Counter(moved, benchmark::Counter::kIsRate);
  state.counters["of_memcpy"] = benchmark::Counter(moved / peak, benchmark::Counter::kIsRate);
  state.SetLabel(std::string(program.kernel()));
}

}  // namespace
}  // namespace qrt::bench

int main(int argc, char** argv) {
  using namespace qrt;
  if (!activeIsa().ok()) {
    std::fprintf(stderr, "%s\n", activeIsa().status().message().c_str());
    return 2;
  }
  benchmark::AddCustomContext("isa", std::string(isaName(activeIsa().value())));
  static const std::vector<bench::Case> all = bench::cases();
  for (const bool int8 : {false, true}) {
    for (const bench::Case& c : all) {
      if (int8 && !bench::runs(c, int8)) continue;  // stays in float in int8 nets, too
      for (const int threads : {1, 2}) {
        const std::string name = (int8 ? "int8/" : "") + std::string(c.name) + "/threads:" + std::to_string(threads);
        benchmark::RegisterBenchmark(name.c_str(), [&c, int8, threads](benchmark::State& state) {
          bench::run(state, c, int8, threads);
        })->UseRealTime()->Unit(benchmark::kMicrosecond);
      }
    }
  }
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
