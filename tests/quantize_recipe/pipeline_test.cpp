// From a float model to an int8 model that runs: the contract of quantize() and compare().
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "qrt/session.h"
#include "quantize_recipe/calibrate.h"

namespace qrt::test {
namespace {

std::vector<float> runOn(const Model& model, size_t sample) {
  SessionOptions options;
  options.threads = 1;
  auto session = Session::create(model, options);
  EXPECT_TRUE(session.ok()) << session.status().message();
  fillSample(sample, *session->input(0));
  EXPECT_TRUE(session->run().ok());
  const auto values = *session->output(0)->as<float>();
  return {values.begin(), values.end()};
}

double sqnrDb(const Model& reference, const Model& quantized, size_t first, size_t count) {
  double signal = 0, noise = 0;
  for (size_t sample = first; sample < first + count; ++sample) {
    const std::vector<float> wanted = runOn(reference, sample);
    const std::vector<float> found = runOn(quantized, sample);
    for (size_t i = 0; i < wanted.size(); ++i) {
      signal += double{wanted[i]} * wanted[i];
      noise += (double{wanted[i]} - found[i]) * (double{wanted[i]} - found[i]);
    }
  }
  return 10 * std::log10(signal / noise);
}

TEST(Pipeline, GivesAnInt8ModelNearTheFloatOne) {
  const Model model = residualNet().model();
  const Recipe recipe = *makeRecipe(model);
  const auto int8 = quantizeBy(model, recipe);
  ASSERT_TRUE(int8.ok()) << int8.status().message();
  // Every layer rounds to 8 bits of ranges some 5 sigma wide: about 40 dB below its signal; five of them
  // in a row and rounded weights cost 6 to 10 dB.
  EXPECT_GT(sqnrDb(model, *int8, 100, 16), 28);

  const auto compared = compare(model, *int8, samples(16, 100));
  ASSERT_TRUE(compared.ok()) << compared.status().message();
  EXPECT_EQ(compared->samples, 16u);
  ASSERT_EQ(compared->outputs.size(), 1u);
  EXPECT_NEAR(compared->outputs[0].cumulativeSqnrDb, sqnrDb(model, *int8, 100, 16), 0.1);
  EXPECT_GE(compared->layers.size(), 5u);
  for (const LayerError& layer : compared->layers) {
    EXPECT_GT(layer.localSqnrDb, 28) << layer.name;
    EXPECT_GT(layer.cumulativeSqnrDb, 25) << layer.name;
    EXPECT_GT(layer.cosine, 0.99) << layer.name;
    EXPECT_LE(layer.cosine, 1) << layer.name;
  }
}

TEST(Pipeline, KeepsTheRecipeInTheModel) {
  const Model model = residualNet().model();
  const auto recipe = Recipe::fromJson(R"({"equalize": true, "skip_layers": ["Conv_6"]})", model);
  const auto int8 = quantizeBy(model, *recipe);
  ASSERT_TRUE(int8.ok()) << int8.status().message();
  const auto read = Recipe::fromJson(int8->metadata().at("recipe"), model);
  ASSERT_TRUE(read.ok()) << read.status().message();
  EXPECT_EQ(*read, *recipe);
  EXPECT_TRUE(compare(model, *int8, samples(1)).ok());
}

TEST(Pipeline, IsTheSameForOneAndTwoThreads) {
  const Model model = residualNet().model();
  const Recipe recipe = *Recipe::fromJson(
      R"({"bias_correction": true, "weight_quant_params": {"algorithm": "ada_round"}})", model);
  const auto statistics = calibrate(model, recipe, 4);
  std::vector<Graph> graphs;
  for (const int threads : {1, 2}) {
    QuantizeOptions options;
    options.samples = samples(4);
    options.threads = threads;
    const auto int8 = quantize(model, *statistics, recipe, options);
    ASSERT_TRUE(int8.ok()) << int8.status().message();
    graphs.push_back(int8->data().graph);
  }
  ASSERT_EQ(graphs[0].tensors.size(), graphs[1].tensors.size());
  for (size_t t = 0; t < graphs[0].tensors.size(); ++t) {
    ASSERT_EQ(graphs[0].tensors[t].isConstant(), graphs[1].tensors[t].isConstant());
    if (!graphs[0].tensors[t].isConstant()) continue;
    const auto one = graphs[0].tensors[t].constant->bytes;
    const auto two = graphs[1].tensors[t].constant->bytes;
    EXPECT_TRUE(std::equal(one.begin(), one.end(), two.begin(), two.end()));
  }
}

std::string messageOf(const Result<Model>& model) {
  EXPECT_FALSE(model.ok());
  EXPECT_EQ(model.status().code(), StatusCode::invalidArgument);
  return model.status().message();
}

#define EXPECT_SAYS(message, part) EXPECT_NE((message).find(part), std::string::npos) << (message)

TEST(Pipeline, RefusesARecipeThatDoesNotFit) {
  const Model model = residualNet().model();
  const Recipe good = *makeRecipe(model);
  const auto statistics = calibrate(model, good, 1);
  const auto refused = [&](const auto& change) {
    Recipe bad = good;
    change(bad);
    const auto calibrator = Calibrator::create(model, bad);
    EXPECT_FALSE(calibrator.ok());
    const std::string message = messageOf(quantize(model, *statistics, bad));
    EXPECT_EQ(calibrator.status().message(), message);
    return message;
  };
  EXPECT_SAYS(refused([](Recipe& r) { r.layers["Conv_0"].activation.numBits = 0; }),
              "layer 'Conv_0': num_bits is 0, wanted 2 … 8");
  EXPECT_SAYS(refused([](Recipe& r) { r.layers["Conv_0"].weight.numBits = 33; }), "num_bits is 33");
  EXPECT_SAYS(refused([](Recipe& r) { r.layers["Conv_0"].activation.searchStep = 0; }), "search_step is 0");
  EXPECT_SAYS(refused([](Recipe& r) { r.layers["Conv_0"].activation.maxPercentile = NAN; }),
              "max_percentile is nan, wanted 0.5 … 1");
  EXPECT_SAYS(refused([](Recipe& r) { r.layers["Conv_0"].activation.searchRange[0] = 9; }),
              "search_range is [9, 1.3]");
  EXPECT_SAYS(refused([](Recipe& r) { r.batchNum = -1; }), "batch_num is -1");
  EXPECT_SAYS(refused([](Recipe& r) { r.layers["conv"]; }), "there is no layer \"conv\"");
  EXPECT_SAYS(refused([](Recipe& r) { r.skipLayers = {"Conv_7"}; }), "there is no layer \"Conv_7\"");
  EXPECT_SAYS(refused([](Recipe& r) { r.skipLayerTypes = {"Convolution"}; }),
              "there is no op \"Convolution\"");
}

TEST(Pipeline, RefusesARecipeThatLeavesNothingInt8) {
  const Model model = residualNet().model();
  const auto recipe = Recipe::fromJson(R"({"layer_types": {"Conv": {"quant_enable": false},
                                           "FullyConnected": {"quant_enable": false}}})", model);
  ASSERT_TRUE(recipe.ok());
  EXPECT_SAYS(messageOf(quantizeBy(model, *recipe)), "leaves no layer int8");
  GraphBuilder net;
  net.output(net.add(OpType::Sqrt, {net.input("x", {1, 4})}));
  const auto none = makeRecipe(net.model());
  ASSERT_FALSE(none.ok());
  EXPECT_EQ(none.status().code(), StatusCode::unsupported);
}

TEST(Pipeline, LayersThatARecipeDoesNotListHaveTheirDefaults) {
  const Model model = residualNet().model();
  Recipe recipe = *makeRecipe(model);
  const auto statistics = calibrate(model, recipe, 2);
  const auto wanted = quantize(model, *statistics, recipe);
  recipe.layers.clear();
  const auto found = quantize(model, *statistics, recipe);
  ASSERT_TRUE(wanted.ok() && found.ok());
  EXPECT_EQ(found->metadata().at("recipe"), wanted->metadata().at("recipe"));
  EXPECT_EQ(found->constantBytes(), wanted->constantBytes());
}

TEST(Pipeline, RefusesOtherStatistics) {
  const Model model = residualNet().model();
  const Recipe recipe = *makeRecipe(model);
  const auto statistics = calibrate(model, recipe, 1);
  GraphBuilder changed(99);
  changed.output(changed.conv(changed.input("image", {1, 8, 8, 3}), 3, 8, 3));
  EXPECT_SAYS(messageOf(quantize(changed.model(), *statistics, *makeRecipe(changed.model()))),
              "statistics are of another model");
  Recipe equalized = recipe;
  equalized.equalize = true;
  EXPECT_SAYS(messageOf(quantize(model, *statistics, equalized)), "another do_fusion or equalize");
}

TEST(Pipeline, AsksForSamplesWhereItNeedsThem) {
  const Model model = residualNet().model();
  Recipe recipe = *makeRecipe(model);
  recipe.biasCorrection = true;
  const auto statistics = calibrate(model, recipe, 1);
  EXPECT_SAYS(messageOf(quantize(model, *statistics, recipe)), "need samples");
  QuantizeOptions empty;
  empty.samples = samples(0);
  EXPECT_SAYS(messageOf(quantize(model, *statistics, recipe, empty)), "the data is empty");
}

TEST(Pipeline, CanBeStopped) {
  const Model model = residualNet().model();
  Recipe recipe = *makeRecipe(model);
  recipe.biasCorrection = true;
  QuantizeOptions options;
  options.samples = samples(2);
  options.progress = [](size_t, size_t) { return false; };
  EXPECT_EQ(quantize(model, *calibrate(model, recipe, 1), recipe, options).status().code(), StatusCode::failed);
}

// A FullyConnected x · w with K inputs; values may be changed.
struct OneLayer {
  std::vector<float> weights;
  int64_t inputs, outputs;

  OneLayer(int64_t k, int64_t n) : weights(static_cast<size_t>(k * n), 0.25f), inputs(k), outputs(n) {}
  Model model() const {
    GraphBuilder net;
    net.output(net.add(OpType::FullyConnected,
                       {net.input("image", {1, inputs}), net.constant<float>({outputs, inputs}, weights)}));
    return net.model();
  }
  Result<Model> quantized() const { return quantizeBy(model(), *makeRecipe(model()), 2); }
};

// Calibration finds what they make; a ReLU may hide it, then quantize() does.
TEST(Pipeline, NamesTheLayerOfWeightsThatAreNoNumbers) {
  for (const float bad : {std::nanf(""), HUGE_VALF, -HUGE_VALF}) {
    for (const bool relu : {false, true}) {
      GraphBuilder net;
      TensorId x = net.conv(net.input("image", {1, 4, 4, 3}), 3, 4, 3);
      std::vector<float> weights(4 * 9 * 3, 0.25f);
      weights[40] = bad;
      net.graph.layers[0].inputs[1] = net.constant<float>({4, 3, 3, 3}, weights);
      if (relu) x = net.add(OpType::Relu, {x});
      net.output(net.conv(x, 4, 4, 1));
      const Model model = net.model();
      const std::string message = messageOf(quantizeBy(model, *makeRecipe(model), 1));
      EXPECT_SAYS(message, "'Conv_0");
    }
  }
}

TEST(Pipeline, RefusesSumsThatCouldOverflow) {
  // 255 · 127 · K < 2^31: K ≤ 66311.
  EXPECT_TRUE(OneLayer(66000, 1).quantized().ok());
  const std::string message = messageOf(OneLayer(66400, 1).quantized());
  EXPECT_SAYS(message, "layer 'FullyConnected_0' (FullyConnected): it sums 66400 products");
  EXPECT_SAYS(message, "quant_enable false");
}

TEST(Pipeline, QuantizesChannelsOfZeros) {
  OneLayer net(8, 3);
  std::fill(net.weights.begin() + 8, net.weights.begin() + 16, 0.f);
  const auto int8 = net.quantized();
  ASSERT_TRUE(int8.ok()) << int8.status().message();
  const std::vector<float> out = runOn(*int8, 0);
  EXPECT_EQ(out[1], 0);
  EXPECT_NE(out[0], 0);
  std::fill(net.weights.begin(), net.weights.end(), 0.f);
  const auto zeros = net.quantized();
  ASSERT_TRUE(zeros.ok()) << zeros.status().message();
  EXPECT_EQ(runOn(*zeros, 0), std::vector<float>(3));
}

TEST(Pipeline, QuantizesConstantActivations) {
  const Model model = residualNet().model();
  const Recipe recipe = *makeRecipe(model);
  for (const float constant : {0.f, 2.5f, -1e-3f}) {
    auto calibrator = Calibrator::create(model, recipe);
    const auto input = *calibrator->input(0)->as<float>();
    std::fill(input.begin(), input.end(), constant);
    ASSERT_TRUE(calibrator->feed().ok());
    const auto int8 = quantize(model, *calibrator->statistics(), recipe);
    ASSERT_TRUE(int8.ok()) << int8.status().message();
    for (const float value : runOn(*int8, 0)) EXPECT_TRUE(std::isfinite(value));
  }
}

}  // namespace
}  // namespace qrt::test
