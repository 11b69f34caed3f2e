// Kernels of cpu-float and, as "int8/…", of cpu-int8 over layers of real nets: GMAC/s, and for floats
// the share of the FMA peak that this program measures first. QRT_ISA=<level> forces a level; --benchmark_filter=<regex> picks layers.
//
// Memory is reused from one iteration to the next, as in a net that runs again and again; the
// minimum over repetitions says most: --benchmark_repetitions=20.
#include <benchmark/benchmark.h>

#include <cstdio>
#include <random>
#include <string>
#include <vector>

#include "backends/cpu_float/cpu_float.h"
#include "backends/cpu_int8/cpu_int8.h"
#include "base/aligned_buffer.h"
#include "peak/peak.h"
#include "qrt/session.h"
#include "shapes/convs.h"
#include "shapes/nets.h"

namespace qrt::bench {
namespace {

std::vector<float> randomFloats(int64_t count) {
  static std::mt19937 random(1);
  std::uniform_real_distribution<float> uniform(-1, 1);
  std::vector<float> values(static_cast<size_t>(count));
  for (float& value : values) value = uniform(random);
  return values;
}

Graph convGraph(const shapes::Conv& conv) {
  Graph graph;
  const auto k = static_cast<int32_t>(conv.k);
  const int32_t pad = conv.dilation * (k - 1) / 2;
  const int64_t width = conv.width > 0 ? conv.width : conv.size;
  const TensorId x = graph.addTensor({.name = "x", .shape = {1, conv.size, width, conv.c}});
  const Shape shape{conv.o, k, k, conv.c / conv.groups};
  const std::vector<float> weights = randomFloats(shape.elements()), bias = randomFloats(conv.o);
  const TensorId w = graph.addConstant<float>("weights", shape, weights);
  const TensorId b = graph.addConstant<float>("bias", {conv.o}, bias);
  const TensorId y = graph.addTensor({.name = "y"});
  const ConvAttrs attrs{.strides = {conv.stride, conv.stride},
                        .dilations = {conv.dilation, conv.dilation},
                        .pads = {pad, pad, pad, pad},
                        .groups = conv.groups,
                        .activation = {ActivationKind::relu}};
  graph.layers.push_back({conv.name, OpType::Conv, attrs, {x, w, b}, {y}});
  graph.inputs = {x};
  graph.outputs = {y};
  return graph;
}

/// The same layer on s8 tensors, with weights at random.
Graph quantized(Graph graph) {
  const std::vector<float> values = randomFloats(graph.tensor(1).shape.elements());
  std::vector<int8_t> weights;
  for (const float value : values) weights.push_back(static_cast<int8_t>(127 * value));
  graph.tensor(1).dtype = DType::s8;
  graph.tensor(1).quant = QuantParams{{0.01f}, {0}, -1};
  graph.tensor(1).constant = ConstantData::copyOf(std::as_bytes(std::span(weights)));
  graph.tensor(2).dtype = DType::s32;  // a float's bits serve as well as any
  for (const TensorId id : {graph.inputs[0], graph.outputs[0]}) {
    graph.tensor(id).dtype = DType::s8;
    graph.tensor(id).quant = QuantParams{{0.05f}, {-3}, -1};
  }
  return graph;
}

/// What a precision can do at most, and which one.
struct Peak {
  bool int8;
  double macs;
};

void runConv(benchmark::State& state, const shapes::Conv& conv, int threads, Peak peak) {
  Graph graph = convGraph(conv);
  if (const Status status = inferShapes(graph); !status.ok()) {
    return state.SkipWithError(status.message().c_str());
  }
  if (peak.int8) graph = quantized(std::move(graph));
  const Backend& backend = peak.int8 ? cpuInt8Backend() : cpuFloatBackend();
  WeightCache cache;
  const int index = 0;
  auto compiled =
      backend.compile({graph, {&index, 1}, activeIsa().value(), threads, cache, SessionOptions{}.winogradError});
  if (!compiled.ok()) return state.SkipWithError(compiled.status().message().c_str());
  Program& program = **compiled;
  const std::vector<float> values = randomFloats(graph.tensor(0).shape.elements());
  const ConstantData x = ConstantData::copyOf(std::as_bytes(std::span(values)));
  const Tensor& output = graph.tensor(graph.outputs[0]);
  const AlignedBuffer y(static_cast<size_t>(output.shape.elements()) * sizeof(float));
  const AlignedBuffer scratch(program.scratchBytes());
  const ConstTensorView inputs[] = {{graph.tensor(0).dtype, graph.tensor(0).shape, x.bytes.data()},
                                    graph.tensor(1).constantView(),
                                    graph.tensor(2).constantView()};
  const TensorView view{output.dtype, output.shape, y.data()};
  ThreadPool pool(threads);
  const RunArgs args = {inputs, {&view, 1}, {scratch.data(), scratch.size()}, pool};
  for (auto _ : state) {
    if (!program.run(args).ok()) state.SkipWithError("run failed");
    benchmark::ClobberMemory();
  }
  const auto macs = static_cast<double>(layerMacs(graph, graph.layers[0]) *
                                        static_cast<int64_t>(state.iterations()));
  state.counters["MAC/s"] = benchmark::Counter(macs, benchmark::Counter::kIsRate);
  state.counters["of_peak"] =
      benchmark::Counter(macs / (peak.macs * threads), benchmark::Counter::kIsRate);
  state.SetLabel(std::string(program.kernel()));
}

void registerConv(const std::string& layer, const shapes::Conv& conv, Peak peak) {
  for (const int threads : {1, 2}) {
    const std::string name = (peak.int8 ? "int8/" : "") + layer + "/threads:" + std::to_string(threads);
    benchmark::RegisterBenchmark(
        name.c_str(),
        [conv, threads, peak](benchmark::State& state) { runConv(state, conv, threads, peak); })
        ->UseRealTime()
        ->Unit(benchmark::kMicrosecond);
  }
}

void registerConvs(Peak peak) {
  using shapes::Conv;
  for (const std::span<const Conv> convs :
       {std::span<const Conv>(shapes::kGemms), std::span<const Conv>(shapes::kResNet50),
        std::span<const Conv>(shapes::kMobileNetV1)}) {
    for (const Conv& conv : convs) registerConv(conv.name, conv, peak);
  }
  for (const shapes::Net& net : shapes::kNets) {
    for (const shapes::Row& row : net.rows) registerConv(std::string(net.name) + "/" + row.name(), row.conv(), peak);
  }
}

}  // namespace
}  // namespace qrt::bench

int main(int argc, char** argv) {
  using namespace qrt;
  if (!activeIsa().ok()) {
    std::fprintf(stderr, "%s\n", activeIsa().status().message().c_str());
    return 2;
  }
  const double peak = bench::fmaPeak();
  benchmark::AddCustomContext("isa", std::string(isaName(activeIsa().value())));
  const double dotPeak = bench::dotPeak();
  benchmark::AddCustomContext("fma_peak_gmac_per_s", std::to_string(peak / 1e9));
  benchmark::AddCustomContext("dot_peak_gmac_per_s", std::to_string(dotPeak / 1e9));
  for (const bench::Peak of : {bench::Peak{false, peak}, bench::Peak{true, dotPeak}}) {
    bench::registerConvs(of);
  }
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
