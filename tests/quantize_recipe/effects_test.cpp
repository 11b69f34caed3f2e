// Every field of a recipe does what it says: each is changed alone, and the int8 model looked at.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "format/format.h"
#include "quantize/observers/observer.h"
#include "quantize/statistics.h"
#include "quantize_recipe/calibrate.h"

namespace qrt::test {
namespace {

// Few bits, so that it pays to clip.
const std::string kFourBits = "\"num_bits\": 4, ";

class Effects : public ::testing::Test {
 protected:
  const Model model = residualNet().model();

  Recipe recipe(const std::string& json) {
    const auto read = Recipe::fromJson(json, model);
    EXPECT_TRUE(read.ok()) << read.status().message();
    return read.ok() ? *read : Recipe();
  }
  Graph quantized(const std::string& json) {
    const auto int8 = quantizeBy(model, recipe(json));
    EXPECT_TRUE(int8.ok()) << json << ": " << int8.status().message();
    return int8.ok() ? int8->data().graph : Graph();
  }
  /// With parameters of Conv_2's activations changed.
  std::string activation(const std::string& fields) {
    return "{\"layers\": {\"Conv_2\": {\"activation_quant_params\": {" + fields + "}}}}";
  }
  std::string weight(const std::string& fields) {
    return "{\"layers\": {\"Conv_2\": {\"weight_quant_params\": {" + fields + "}}}}";
  }
  /// Parameters of Conv_2's input as the recipe has them chosen, which must be what the observer says.
  QuantParams input(const std::string& fields) {
    const std::string json = activation(fields);
    const Graph graph = quantized(json);
    const Tensor& found = graph.tensor(layerOf(graph, "Conv_2").inputs[0]);
    const Recipe read = recipe(json);
    const auto statistics = calibrate(model, read, 8);
    const ActivationQuantParams wanted = read.layers.at("Conv_2").activation;
    EXPECT_EQ(*found.quant,
              paramsForRange(chooseRange(statistics->data().tensors.at(found.name), wanted), wanted));
    return *found.quant;
  }

  static const Layer& layerOf(const Graph& graph, const std::string& name) {
    for (const Layer& layer : graph.layers) {
      if (layer.name == name) return layer;
    }
    ADD_FAILURE() << "no layer " << name;
    return graph.layers.at(0);
  }
  static bool isInt8(const Graph& graph, const std::string& name) {
    return graph.tensor(layerOf(graph, name).outputs[0]).dtype == DType::s8;
  }
  static bool has(const Graph& graph, const std::string& name) {
    return std::any_of(graph.layers.begin(), graph.layers.end(),
                       [&](const Layer& layer) { return layer.name == name; });
  }
  template <class T>
  static std::vector<T> values(const Graph& graph, TensorId id) {
    const auto view = *graph.tensor(id).constantView().as<T>();
    return {view.begin(), view.end()};
  }
  static std::vector<int8_t> weights(const Graph& graph) {
    return values<int8_t>(graph, layerOf(graph, "Conv_2").inputs[1]);
  }
  static QuantParams weightParams(const Graph& graph) {
    return *graph.tensor(layerOf(graph, "Conv_2").inputs[1]).quant;
  }
  /// Everything but the recipe.
  static std::vector<std::byte> bytesOf(Graph graph) {
    graph.metadata.clear();
    return encode(graph)->joined();
  }
};

TEST_F(Effects, OfNothingIsNothing) {
  EXPECT_EQ(bytesOf(quantized("{}")), bytesOf(quantized(makeRecipe(model)->toJson())));
  const Graph graph = quantized("{}");
  for (const char* name : {"Conv_0", "Conv_2", "Conv_4", "Conv_6"}) EXPECT_TRUE(isInt8(graph, name));
}

// The calibrator leaves samples from batch_num on alone, whoever feeds them.
TEST_F(Effects, BatchNum) {
  const auto all = calibrate(model, recipe("{}"), 8);
  const auto three = calibrate(model, recipe("{}"), 3);
  const Recipe limited = recipe("{\"batch_num\": 3}");
  const auto stopped = calibrate(model, limited, 8);
  EXPECT_EQ(all->samples(), 8u);
  EXPECT_EQ(stopped->samples(), 3u);
  EXPECT_EQ(bytesOf(quantized("{\"batch_num\": 3}")),
            bytesOf(quantize(model, *three, recipe("{}"))->data().graph));
  EXPECT_NE(bytesOf(quantized("{\"batch_num\": 3}")), bytesOf(quantized("{}")));
  const auto shard = calibrate(model, limited, 4, 2);  // samples 2 … 5
  EXPECT_EQ(shard->samples(), 1u);
  EXPECT_FALSE(calibrate(model, limited, 4, 3).ok());
}

TEST_F(Effects, ActivationOffset) {
  const auto nonZero = [](const Graph& graph) {
    return std::count_if(graph.tensors.begin(), graph.tensors.end(), [](const Tensor& tensor) {
      return tensor.quant && tensor.quant->zeroPoints[0] != 0;
    });
  };
  EXPECT_GT(nonZero(quantized("{}")), 3);
  EXPECT_EQ(nonZero(quantized("{\"activation_offset\": false}")), 0);
  Recipe changed = *makeRecipe(model);
  changed.activationOffset = false;
  EXPECT_EQ(nonZero(quantizeBy(model, changed)->data().graph), 0);
}

TEST_F(Effects, DoFusion) {
  const Graph fused = quantized("{}");
  const Graph apart = quantized("{\"do_fusion\": false}");
  const auto relus = [](const Graph& graph) {
    return std::count_if(graph.layers.begin(), graph.layers.end(),
                         [](const Layer& layer) { return layer.op == OpType::Relu; });
  };
  EXPECT_EQ(relus(fused), 0);
  EXPECT_EQ(relus(apart), 2);
  EXPECT_GT(apart.layers.size(), fused.layers.size());
}

TEST_F(Effects, SkipLayers) {
  const Graph graph = quantized("{\"skip_layers\": [\"Conv_2\"]}");
  EXPECT_FALSE(isInt8(graph, "Conv_2"));
  EXPECT_TRUE(isInt8(graph, "Conv_0"));
  EXPECT_EQ(bytesOf(graph), bytesOf(quantized("{\"layers\": {\"Conv_2\": {\"quant_enable\": false}}}")));
}

TEST_F(Effects, SkipLayerTypes) {
  const Graph graph = quantized("{\"skip_layer_types\": [\"Conv\"]}");
  for (const char* name : {"Conv_0", "Conv_2", "Conv_4", "Conv_6"}) EXPECT_FALSE(isInt8(graph, name));
  EXPECT_TRUE(std::any_of(graph.tensors.begin(), graph.tensors.end(),
                          [](const Tensor& tensor) { return tensor.dtype == DType::s8; }));
  EXPECT_EQ(bytesOf(graph), bytesOf(quantized("{\"layer_types\": {\"Conv\": {\"quant_enable\": false}}}")));
}

TEST_F(Effects, OverridesByTypeAndLayer) {
  const auto bits = [&](const Graph& graph, const std::string& name) {
    int most = 0;
    for (const int8_t w : values<int8_t>(graph, layerOf(graph, name).inputs[1])) {
      most = std::max(most, std::abs(w));
    }
    return most;
  };
  const Graph graph = quantized(R"({"weight_quant_params": {"num_bits": 6},
      "layer_types": {"Conv": {"weight_quant_params": {"num_bits": 5}}},
      "layers": {"Conv_4": {"weight_quant_params": {"num_bits": 4}}}})");
  EXPECT_EQ(bits(graph, "Conv_0"), 15);
  EXPECT_EQ(bits(graph, "Conv_4"), 7);
  const auto dense = std::find_if(graph.layers.begin(), graph.layers.end(),
                                  [](const Layer& layer) { return layer.op == OpType::FullyConnected; });
  EXPECT_EQ(bits(graph, dense->name), 31);
}

// Two may agree on some data, all eight must not.
TEST_F(Effects, ActivationAlgorithm) {
  std::set<float> scales;
  for (const Observer& observer : observers()) {
    const std::string algorithm = "\"algorithm\": \"" + std::string(observer.name) + "\"";
    scales.insert(input(kFourBits + algorithm).scales[0]);
  }
  EXPECT_GE(scales.size(), 6u);
}

TEST_F(Effects, ActivationNumBits) {
  const QuantParams eight = input("\"algorithm\": \"minmax\"");
  const QuantParams four = input("\"algorithm\": \"minmax\", \"num_bits\": 4");
  EXPECT_FLOAT_EQ(four.scales[0] * 15, eight.scales[0] * 255);
  EXPECT_EQ(four.zeroPoints[0], -8);  // behind a ReLU
  EXPECT_EQ(eight.zeroPoints[0], -128);
}

TEST_F(Effects, Asymmetric) {
  EXPECT_EQ(input("\"asymmetric\": true").zeroPoints[0], -128);
  EXPECT_EQ(input("\"asymmetric\": false").zeroPoints[0], 0);
}

TEST_F(Effects, MaxAndMinPercentile) {
  const std::string percentile = "\"algorithm\": \"percentile\", ";
  const float all = input(percentile + "\"max_percentile\": 1").scales[0];
  const float most = input(percentile + "\"max_percentile\": 0.9").scales[0];
  EXPECT_LT(most, all * 0.8f);
  // The image has both signs.
  const auto ofImage = [&](const std::string& field) {
    const Graph graph = quantized("{\"layers\": {\"Conv_0\": {\"activation_quant_params\": {" + percentile +
                                  field + "}}}}");
    return *graph.tensor(layerOf(graph, "Conv_0").inputs[0]).quant;
  };
  const QuantParams low = ofImage("\"min_percentile\": 0.9");
  const QuantParams high = ofImage("\"max_percentile\": 0.9");
  EXPECT_LT(low.zeroPoints[0], -40);
  EXPECT_GT(high.zeroPoints[0], 39);
}

TEST_F(Effects, SearchRange) {
  const float full = input(kFourBits + "\"algorithm\": \"minmax\"").scales[0];
  for (const std::string algorithm : {"ifmr", "hfmg"}) {
    const std::string search = kFourBits + "\"algorithm\": \"" + algorithm + "\", \"search_range\": ";
    EXPECT_LT(input(search + "[0.3, 1]").scales[0], full * 0.9f);
    EXPECT_FLOAT_EQ(input(search + "[0.1, 0.11]").scales[0], full);  // nothing good within: all that was seen
  }
}

TEST_F(Effects, SearchStep) {
  for (const std::string algorithm : {"ifmr", "hfmg"}) {
    const std::string step = kFourBits + "\"algorithm\": \"" + algorithm + "\", \"search_step\": ";
    EXPECT_NE(input(step + "0.01"), input(step + "0.13"));
  }
}

TEST_F(Effects, NumOfBins) {
  for (const char* algorithm : {"hfmg", "kl", "mse"}) {
    const std::string bins = "\"algorithm\": \"" + std::string(algorithm) + "\", \"num_of_bins\": ";
    EXPECT_NE(input(bins + "4096"), input(bins + "300")) << algorithm;
  }
}

TEST_F(Effects, WeightAlgorithm) {
  const auto by = [&](const std::string& name) {
    return quantized(weight(kFourBits + "\"algorithm\": \"" + name + "\""));
  };
  const Graph arq = by("arq"), mse = by("mse"), als = by("als"), adaRound = by("ada_round");
  EXPECT_NE(weightParams(mse), weightParams(arq));
  EXPECT_NE(weightParams(als), weightParams(arq));
  EXPECT_NE(weightParams(als), weightParams(mse));
  for (size_t c = 0; c < 8; ++c) EXPECT_LE(weightParams(mse).scales[c], weightParams(arq).scales[c]);
  EXPECT_EQ(weightParams(adaRound), weightParams(mse));
  EXPECT_NE(weights(adaRound), weights(mse));
}

TEST_F(Effects, WeightNumBits) {
  for (const int bits : {2, 4, 7}) {
    int most = 0;
    for (const int8_t w : weights(quantized(weight("\"num_bits\": " + std::to_string(bits))))) {
      most = std::max(most, std::abs(w));
    }
    EXPECT_EQ(most, (1 << (bits - 1)) - 1);
  }
}

TEST_F(Effects, ChannelWise) {
  const QuantParams each = weightParams(quantized("{}"));
  const QuantParams one = weightParams(quantized(weight("\"channel_wise\": false")));
  EXPECT_EQ(each.scales.size(), 8u);
  ASSERT_EQ(one.scales.size(), 1u);
  EXPECT_EQ(one.scales[0], *std::max_element(each.scales.begin(), each.scales.end()));
}

TEST_F(Effects, Equalize) {
  // Conv_0's channels are evened out with those of Conv_2, which alone reads them.
  const auto spread = [&](const Graph& graph) {
    const std::vector<float> scales = graph.tensor(layerOf(graph, "Conv_0").inputs[1]).quant->scales;
    return *std::max_element(scales.begin(), scales.end()) / *std::min_element(scales.begin(), scales.end());
  };
  EXPECT_NE(spread(quantized("{}")), spread(quantized("{\"equalize\": true}")));
}

TEST_F(Effects, BiasCorrection) {
  const Graph plain = quantized("{\"weight_quant_params\": {\"num_bits\": 4}}");
  const Graph corrected =
      quantized("{\"weight_quant_params\": {\"num_bits\": 4}, \"bias_correction\": true}");
  EXPECT_EQ(weights(plain), weights(corrected));
  const auto bias = [&](const Graph& graph) {
    return values<int32_t>(graph, layerOf(graph, "Conv_2").inputs[2]);
  };
  EXPECT_NE(bias(plain), bias(corrected));
}

}  // namespace
}  // namespace qrt::test
