// Random graphs through the whole quantizer, and what it makes through all kernels of cpu-int8.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <set>

#include "graph/model_data.h"
#include "passes/passes.h"
#include "qrt/quantize.h"
#include "qrt/session.h"
#include "quantize/twins.h"
#include "support/random_graph.h"

namespace qrt {
namespace {

// Values of a spread that differs from sample to sample.
void fill(unsigned seed, size_t sample, std::span<const TensorView> inputs) {
  std::mt19937 random(seed * 1000 + static_cast<unsigned>(sample));
  std::normal_distribution<float> normal(0.1f, 0.5f + 0.2f * static_cast<float>(sample));
  for (const TensorView& input : inputs) {
    for (float& x : *input.as<float>()) x = normal(random);
  }
}

// Every choice somewhere: of algorithms by layer, of corrections by seed.
void vary(Recipe& recipe, unsigned seed) {
  std::mt19937 random(seed);
  recipe.equalize = seed % 3 == 1;
  for (auto& [name, layer] : recipe.layers) {
    layer.quantEnable = random() % 8 != 0;
    layer.activation.algorithm = static_cast<ActivationAlgorithm>(random() % 8);
    layer.activation.asymmetric = random() % 4 != 0;
    layer.weight.algorithm = static_cast<WeightAlgorithm>(random() % 3);
    layer.weight.channelWise = random() % 4 != 0;
  }
}

Result<Model> quantizeRandomly(const Model& model, unsigned seed) {
  auto recipe = makeRecipe(model);
  if (!recipe.ok()) return recipe.status();
  if (seed % 2 == 1) vary(*recipe, seed);
  auto calibrator = Calibrator::create(model, *recipe, {.inputShapes = {}, .threads = 1});
  if (!calibrator.ok()) return calibrator.status();
  std::vector<TensorView> inputs;
  for (size_t i = 0; i < calibrator->inputs().size(); ++i) inputs.push_back(*calibrator->input(i));
  for (size_t sample = 0; sample < 3; ++sample) {
    fill(seed, sample, inputs);
    if (const Status status = calibrator->feed(); !status.ok()) return status;
  }
  return quantize(model, *calibrator->statistics(), *recipe, {.samples = nullptr, .threads = 1, .progress = nullptr});
}

using Bytes = std::vector<std::byte>;

std::vector<Bytes> run(const Model& model, unsigned seed, std::vector<std::string> backends) {
  auto session = Session::create(model, {.threads = 2, .backends = std::move(backends)});
  EXPECT_TRUE(session.ok()) << session.status().message();
  if (!session.ok()) return {};
  std::vector<TensorView> inputs;
  for (size_t i = 0; i < session->inputs().size(); ++i) inputs.push_back(*session->input(i));
  fill(seed, 1, inputs);
  const Status status = session->run();
  EXPECT_TRUE(status.ok()) << status.message();
  std::vector<Bytes> outputs;
  for (size_t i = 0; i < session->outputs().size(); ++i) {
    const ConstTensorView view = *session->output(i);
    const auto* data = static_cast<const std::byte*>(view.data);
    outputs.emplace_back(data, data + view.bytes());
  }
  return outputs;
}

double sqnrDb(const Bytes& wanted, const Bytes& found) {
  const auto* x = reinterpret_cast<const float*>(wanted.data());
  const auto* y = reinterpret_cast<const float*>(found.data());
  double signal = 0, noise = 0;
  for (size_t i = 0; i < wanted.size() / sizeof(float); ++i) {
    signal += double{x[i]} * x[i];
    noise += (double{x[i]} - y[i]) * (double{x[i]} - y[i]);
  }
  return noise == 0 ? INFINITY : 10 * std::log10(signal / noise);
}

TEST(RandomGraphs, QuantizeAndGiveTheReferencesBytes) {
  std::set<OpType> seen;
  size_t quantized = 0;
  constexpr unsigned kSeeds = 200;
  for (unsigned seed = 0; seed < kSeeds && !HasFailure(); ++seed) {
    Graph graph = test::randomGraph(seed, {.layers = 5 + static_cast<int>(seed % 25), .smooth = true});
    ASSERT_TRUE(optimize(graph).ok());
    const Model model = makeModel(std::move(graph));
    const Result<Model> int8 = quantizeRandomly(model, seed);
    if (!int8.ok()) {  // no layer that could be, or is wanted int8
      const std::string& why = int8.status().message();
      EXPECT_TRUE(why.find("nothing in") != why.npos || why.find("leaves no layer") != why.npos)
          << "seed " << seed << ": " << why;
      continue;
    }
    ++quantized;
    const std::vector<Bytes> outputs = run(*int8, seed, {"reference"});
    EXPECT_EQ(run(*int8, seed, {"cpu-int8", "reference"}), outputs) << "seed " << seed;
    const std::vector<Bytes> wanted = run(model, seed, {});
    const auto& layers = model.data().graph.layers;
    const bool jumps = std::any_of(layers.begin(), layers.end(),
                                   [](const Layer& layer) { return layer.op == OpType::Greater; });
    for (size_t i = 0; i < outputs.size() && seed % 2 == 0 && !jumps; ++i) {
      // 8 bits leave some 40 dB a layer, of which up to 30 layers cost a part; few values may be small ones.
      if (model.outputs()[i].dtype != DType::f32 || outputs[i].size() < 24 * sizeof(float)) continue;
      EXPECT_GT(sqnrDb(wanted[i], outputs[i]), 20) << "seed " << seed << " output " << i;
    }
    for (const Layer& layer : int8->data().graph.layers) {
      if (isInt8Layer(int8->data().graph, layer)) seen.insert(layer.op);
    }
  }
  EXPECT_GT(quantized, kSeeds * 3 / 4);
  EXPECT_GE(seen.size(), 20u);  // of the ops of graph/quantized.h
}

}  // namespace
}  // namespace qrt
