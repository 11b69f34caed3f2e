// Every Winograd tile size beside the direct convolution over the stride-1 windows of real nets:
// time, MAC/s as a direct convolution counts them, and the error of a sample of outputs against
// double, as root mean square over that of the outputs and at most ("most"), inputs and weights
// normal.
//
// What chooseWinograd() picks is labelled. QRT_ISA=<level> forces a level.
#include <benchmark/benchmark.h>

#include <cmath>
#include <cstdio>
#include <memory>
#include <random>

#include "base/aligned_buffer.h"
#include "base/thread_pool.h"
#include "kernels/winograd/conv_winograd_f32.h"
#include "shapes/convs.h"

namespace qrt::bench {
namespace {

/// A layer's memory, and what its outputs should be at some places.
struct Layer {
  ConvShape shape;
  AlignedBuffer x, weights, y;

  explicit Layer(const shapes::Conv& conv) {
    const int64_t pad = (conv.k - 1) / 2, out = conv.size + 2 * pad - conv.k + 1;
    shape = {.h = conv.size,
             .w = conv.size,
             .c = conv.c,
             .oh = out,
             .ow = out,
             .o = conv.o,
             .kh = conv.k,
             .kw = conv.k,
             .padTop = pad,
             .padLeft = pad};
    x = normal(shape.h * shape.w * shape.c);
    weights = normal(shape.o * shape.kh * shape.kw * shape.c);
    y = AlignedBuffer(static_cast<size_t>(shape.oh * shape.ow * shape.o) * sizeof(float));
  }

  static AlignedBuffer normal(int64_t count) {
    static std::mt19937 random(1);
    std::normal_distribution<float> values;
    AlignedBuffer made(static_cast<size_t>(count) * sizeof(float));
    for (int64_t i = 0; i < count; ++i) made.as<float>()[i] = values(random);
    return made;
  }

  double expected(int64_t oh, int64_t ow, int64_t o) const {
    double sum = 0;
    for (int64_t h = 0; h < shape.kh; ++h) {
      for (int64_t w = 0; w < shape.kw; ++w) {
        const int64_t ih = oh + h - shape.padTop, iw = ow + w - shape.padLeft;
        if (ih < 0 || ih >= shape.h || iw < 0 || iw >= shape.w) continue;
        const float* pixel = x.as<float>() + (ih * shape.w + iw) * shape.c;
        const float* weight = weights.as<float>() + ((o * shape.kh + h) * shape.kw + w) * shape.c;
        for (int64_t c = 0; c < shape.c; ++c) sum += static_cast<double>(pixel[c]) * weight[c];
      }
    }
    return sum;
  }

  void reportError(benchmark::State& state) const {
    std::mt19937_64 random(2);
    double squares = 0, errors = 0, most = 0;
    for (int i = 0; i < 2000; ++i) {
      const auto oh = static_cast<int64_t>(random() % static_cast<uint64_t>(shape.oh));
      const auto ow = static_cast<int64_t>(random() % static_cast<uint64_t>(shape.ow));
      const auto o = static_cast<int64_t>(random() % static_cast<uint64_t>(shape.o));
      const double want = expected(oh, ow, o);
      const double error = y.as<float>()[(oh * shape.ow + ow) * shape.o + o] - want;
      squares += want * want;
      errors += error * error;
      most = std::max(most, std::abs(error));
    }
    state.counters["error"] = std::sqrt(errors / squares);
    state.counters["most"] = most / std::sqrt(squares / 2000);
  }
};

template <class Conv>
void measure(benchmark::State& state, Layer& layer, const Conv& conv, int threads) {
  const AlignedBuffer panels(static_cast<size_t>(conv.packedFloats()) * sizeof(float));
  for (int64_t i = 0; i < conv.packTasks(); ++i)
    conv.pack(layer.weights.as<float>(), panels.as<float>(), i);
  const AlignedBuffer scratch(conv.scratchBytes());
  const ConvArgsF32 args = {layer.x.as<float>(), panels.as<float>(), nullptr, nullptr,
                            layer.y.as<float>(), scratch.data()};
  ThreadPool pool(threads);
  for (auto _ : state) {
    pool.parallelFor(conv.tasks(), [&](int64_t task, int thread) { conv.run(args, task, thread); });
    benchmark::ClobberMemory();
  }
  const ConvShape& s = layer.shape;
  const auto macs = static_cast<double>(s.oh * s.ow * s.o * s.kh * s.kw * s.c);
  state.counters["MAC/s"] = benchmark::Counter(macs * static_cast<double>(state.iterations()),
                                               benchmark::Counter::kIsRate);
  layer.reportError(state);
}

/// m = 0: direct.
void run(benchmark::State& state, const shapes::Conv& conv, int m, int threads) {
  Layer layer(conv);
  const IsaLevel isa = activeIsa().value();
  const GemmKernelF32& gemm = gemmKernelF32(isa);
  if (chooseWinograd(layer.shape, gemm, INFINITY) == m) state.SetLabel("chosen");
  if (m == 0) {
    measure(state, layer, ConvF32(layer.shape, {}, gemm, threads), threads);
  } else {
    measure(state, layer,
            ConvWinogradF32(layer.shape, m, {}, gemm, winogradKernelF32(isa), threads), threads);
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
  benchmark::AddCustomContext("isa", std::string(isaName(activeIsa().value())));
  for (const shapes::Conv& conv : shapes::kWindows) {
    for (const int threads : {1, 2}) {
      for (int m = 0; m < Winograd::kMaxAlpha; ++m) {
        if (m != 0 && !winogradExists(m, static_cast<int>(conv.k))) continue;
        const std::string name = std::string(conv.name) +
                                 (m == 0 ? "/direct" : "/m:" + std::to_string(m)) +
                                 "/threads:" + std::to_string(threads);
        benchmark::RegisterBenchmark(
            name.c_str(),
            [&conv, m, threads](benchmark::State& state) { bench::run(state, conv, m, threads); })
            ->UseRealTime()
            ->Unit(benchmark::kMicrosecond);
      }
    }
  }
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
