// A small network and the way from it to an int8 model.
#pragma once

#include <random>

#include "graph/model_data.h"
#include "qrt/quantize.h"
#include "support/graph_builder.h"

namespace qrt::test {

/// Two 3×3 convolutions (the second depthwise) and a 1×1 one, all with ReLU, a residual Add, a BatchNorm, a
/// global pool and a FullyConnected; the ReLUs of the first two are layers.
inline GraphBuilder residualNet() {
  GraphBuilder net(5);
  const TensorId image = net.input("image", {1, 8, 8, 3});
  TensorId x = net.add(OpType::Relu, {net.conv(image, 3, 8, 3)});                      // Conv_0, Relu_1
  x = net.add(OpType::Relu, {net.conv(x, 8, 8, 3, 1, 0)});                             // Conv_2, Relu_3
  const TensorId y = net.conv(x, 8, 8, 1);                                             // Conv_4
  x = net.add(OpType::Add, {x, y});                                                    // Add_5
  x = net.conv(x, 8, 8, 3);                                                            // Conv_6
  NormAttrs norm;
  norm.axis = 3;
  const TensorId ones = net.constant<float>({8}, std::vector<float>(8, 1));
  x = net.add(OpType::BatchNormalization, norm,
              {x, net.weights({8}, 1), net.weights({8}, 1), net.weights({8}, 1), ones});
  PoolAttrs pool;
  pool.kernel = {8, 8};
  x = net.add(OpType::AveragePool, pool, {x});                                         // AveragePool_8
  x = net.add(OpType::Reshape, {x, net.constant<int64_t>({2}, {1, 8})});
  x = net.add(OpType::FullyConnected, {x, net.weights({5, 8}, 8), net.weights({5}, 1)});
  net.output(x);
  return net;
}

/// Sample `index` of endless normal values.
inline void fillSample(size_t index, const TensorView& view) {
  std::mt19937 random(static_cast<unsigned>(index) + 1);
  std::normal_distribution<float> normal;
  for (float& value : *view.as<float>()) value = normal(random);
}

inline SampleSource samples(size_t count, size_t first = 0) {
  return [=](size_t index, const std::vector<TensorView>& inputs) -> Result<bool> {
    if (index >= count) return false;
    for (const TensorView& view : inputs) fillSample(first + index, view);
    return true;
  };
}

/// Feeds samples first … first + count − 1.
inline Result<Statistics> calibrate(const Model& model, const Recipe& recipe, size_t count, size_t first = 0,
                                    int threads = 1) {
  CalibratorOptions options;
  options.threads = threads;
  options.firstSample = first;
  auto calibrator = Calibrator::create(model, recipe, options);
  if (!calibrator.ok()) return calibrator.status();
  for (size_t i = first; i < first + count; ++i) {
    fillSample(i, *calibrator->input(0));
    if (Status status = calibrator->feed(); !status.ok()) return status;
  }
  return calibrator->statistics();
}

/// The int8 model after `count` samples.
inline Result<Model> quantizeBy(const Model& model, const Recipe& recipe, size_t count = 8) {
  const auto statistics = calibrate(model, recipe, count);
  if (!statistics.ok()) return statistics.status();
  QuantizeOptions options;
  options.samples = samples(count);
  options.threads = 1;
  return quantize(model, *statistics, recipe, options);
}

}  // namespace qrt::test
