// Recipe::fromJson() and toJson(): what is read, what wins, and every error with its place.
#include <gtest/gtest.h>

#include "qrt/quantize.h"
#include "support/graph_builder.h"

namespace qrt::test {
namespace {

// Conv_0 → Conv_1 → Sqrt_2 → "a/b c" (Conv) → AveragePool_4: the pool is behind the last weights.
Model smallModel() {
  GraphBuilder net;
  TensorId x = net.conv(net.input("x", {1, 4, 4, 3}), 3, 4, 1);
  x = net.conv(x, 4, 4, 1);
  x = net.add(OpType::Sqrt, {x});
  x = net.conv(x, 4, 4, 1);
  net.graph.layers.back().name = "a/b c";
  PoolAttrs pool;
  pool.kernel = {2, 2};
  net.output(net.add(OpType::AveragePool, pool, {x}));
  return net.model();
}

Recipe read(const std::string& json) {
  const auto recipe = Recipe::fromJson(json, smallModel());
  EXPECT_TRUE(recipe.ok()) << json << "\n" << recipe.status().message();
  return recipe.ok() ? *recipe : Recipe();
}

TEST(RecipeJson, AnEmptyDocumentIsTheDefault) {
  const Recipe wanted = *makeRecipe(smallModel());
  EXPECT_EQ(read("{}"), wanted);
  EXPECT_EQ(read("\xef\xbb\xbf {\"version\": 1}\n"), wanted);
  EXPECT_EQ(wanted.layers.size(), 4u);
  EXPECT_FALSE(wanted.layers.contains("Sqrt_2"));
}

TEST(RecipeJson, ReadsGlobalFields) {
  const Recipe recipe = read(R"({"batch_num": 7, "activation_offset": false, "do_fusion": false,
      "skip_layers": ["Conv_0", "Sqrt_2"], "skip_layer_types": ["Add"], "equalize": true,
      "bias_correction": true})");
  EXPECT_EQ(recipe.batchNum, 7);
  EXPECT_FALSE(recipe.activationOffset);
  EXPECT_FALSE(recipe.doFusion);
  EXPECT_EQ(recipe.skipLayers, (std::vector<std::string>{"Conv_0", "Sqrt_2"}));
  EXPECT_EQ(recipe.skipLayerTypes, std::vector<std::string>{"Add"});
  EXPECT_TRUE(recipe.equalize);
  EXPECT_TRUE(recipe.biasCorrection);
}

TEST(RecipeJson, ReadsEveryFieldOfALayer) {
  const LayerRecipe layer = read(R"({"layers": {"a/b c": {"quant_enable": false,
      "activation_quant_params": {"algorithm": "hfmg", "num_bits": 5, "asymmetric": false,
        "max_percentile": 0.75, "min_percentile": 1, "search_range": [0.5, 2], "search_step": 0.125,
        "num_of_bins": 512},
      "weight_quant_params": {"algorithm": "ada_round", "num_bits": 4, "channel_wise": false}}}})")
                                .layers["a/b c"];
  LayerRecipe wanted;
  wanted.quantEnable = false;
  wanted.activation = {ActivationAlgorithm::hfmg, 5, false, 0.75, 1, {0.5, 2}, 0.125, 512};
  wanted.weight = {WeightAlgorithm::adaRound, 4, false};
  EXPECT_EQ(layer, wanted);
}

TEST(RecipeJson, KnowsEveryAlgorithm) {
  using A = ActivationAlgorithm;
  const std::pair<const char*, A> activations[] = {
      {"minmax", A::minmax}, {"moving_average", A::movingAverage}, {"percentile", A::percentile},
      {"kl", A::kl},         {"mse", A::mse},                      {"ifmr", A::ifmr},
      {"hfmg", A::hfmg},     {"aciq", A::aciq}};
  for (const auto& [name, algorithm] : activations) {
    const std::string value = std::string(": \"") + name + "\"}}";
    const Recipe recipe = read("{\"activation_quant_params\": {\"algorithm\"" + value);
    EXPECT_EQ(recipe.layers.at("Conv_0").activation.algorithm, algorithm) << name;
    EXPECT_EQ(read("{\"activation_quant_params\": {\"act_algo\"" + value), recipe);
    EXPECT_NE(recipe.toJson().find(std::string("\"algorithm\"") + value.substr(0, value.size() - 2)),
              std::string::npos);
  }
  using W = WeightAlgorithm;
  const std::pair<const char*, W> weights[] = {
      {"arq", W::arq}, {"arq_quantize", W::arq}, {"mse", W::mse}, {"als", W::als}, {"ada_round", W::adaRound}};
  for (const auto& [name, algorithm] : weights) {
    const std::string value = std::string(": \"") + name + "\"}}";
    const Recipe recipe = read("{\"weight_quant_params\": {\"algorithm\"" + value);
    EXPECT_EQ(recipe.layers.at("Conv_0").weight.algorithm, algorithm) << name;
    EXPECT_EQ(read("{\"weight_quant_params\": {\"wts_algo\"" + value), recipe);
  }
}

TEST(RecipeJson, ALayerWinsOverItsTypeWinsOverGlobalWinsOverDefaults) {
  const Recipe recipe = read(R"({
      "layers": {"Conv_1": {"activation_quant_params": {"num_bits": 4}}},
      "layer_types": {"Conv": {"activation_quant_params": {"num_bits": 5, "algorithm": "mse"},
                               "weight_quant_params": {"num_bits": 3}}},
      "activation_quant_params": {"num_bits": 6, "algorithm": "kl", "num_of_bins": 64}})");
  const auto& layers = recipe.layers;
  EXPECT_EQ(layers.at("Conv_0").activation.numBits, 5);
  EXPECT_EQ(layers.at("Conv_1").activation.numBits, 4);
  EXPECT_EQ(layers.at("AveragePool_4").activation.numBits, 6);
  EXPECT_EQ(layers.at("Conv_1").activation.algorithm, ActivationAlgorithm::mse);
  EXPECT_EQ(layers.at("Conv_1").activation.numOfBins, 64);
  EXPECT_EQ(layers.at("Conv_1").weight.numBits, 3);
  EXPECT_EQ(layers.at("AveragePool_4").weight.numBits, 8);
  // Behind the last weights the default is minmax; what is said wins.
  EXPECT_EQ(layers.at("AveragePool_4").activation.algorithm, ActivationAlgorithm::kl);
  EXPECT_EQ(read("{}").layers.at("AveragePool_4").activation.algorithm, ActivationAlgorithm::minmax);
  EXPECT_EQ(read(R"({"activation_quant_params": {"num_bits": 6}})").layers.at("AveragePool_4").activation.algorithm,
            ActivationAlgorithm::minmax);
}

TEST(RecipeJson, ARoundTripIsExact) {
  Recipe recipe = *makeRecipe(smallModel());
  EXPECT_EQ(read(recipe.toJson()), recipe);
  recipe.batchNum = 2147483647;
  recipe.activationOffset = recipe.doFusion = false;
  recipe.equalize = recipe.biasCorrection = true;
  recipe.skipLayers = {"a/b c", "Conv_0"};
  recipe.skipLayerTypes = {"MatMul"};
  LayerRecipe& layer = recipe.layers["Conv_1"];
  layer.quantEnable = false;
  layer.activation = {ActivationAlgorithm::aciq, 2, false, 0.1 + 0.4, 1 - 1e-16, {1. / 3, 2. / 3}, 0.1 / 3, 17};
  layer.weight = {WeightAlgorithm::als, 7, false};
  const std::string json = recipe.toJson();
  EXPECT_EQ(read(json), recipe);
  EXPECT_EQ(read(json).toJson(), json);
}

TEST(RecipeJson, IsWrittenForPeople) {
  Recipe recipe;
  recipe.skipLayers = {"quo\"te", "b"};
  recipe.layers["Conv_0"] = {};
  EXPECT_EQ(recipe.toJson(), R"({
  "version": 1,
  "batch_num": 0,
  "activation_offset": true,
  "do_fusion": true,
  "skip_layers": ["quo\"te", "b"],
  "skip_layer_types": [],
  "equalize": false,
  "bias_correction": false,
  "layers": {
    "Conv_0": {
      "quant_enable": true,
      "activation_quant_params": {"algorithm": "mse", "num_bits": 8, "asymmetric": true, "max_percentile": 0.999999, "min_percentile": 0.999999, "search_range": [0.7, 1.3], "search_step": 0.01, "num_of_bins": 4096},
      "weight_quant_params": {"algorithm": "arq", "num_bits": 8, "channel_wise": true}
    }
  }
}
)");
}

struct Bad {
  const char* name;
  std::string json;
  std::string message;  // all of it
};

std::string layer(const std::string& fields) { return "{\"layers\": {\"Conv_0\":\n {" + fields + "}}}"; }
std::string activation(const std::string& field) {
  return "{\"activation_quant_params\":\n  {" + field + "}}";
}
std::string weight(const std::string& field) { return "{\"weight_quant_params\":\n  {" + field + "}}"; }

class BadRecipe : public ::testing::TestWithParam<Bad> {};

TEST_P(BadRecipe, SaysWhereAndWhat) {
  const auto recipe = Recipe::fromJson(GetParam().json, smallModel(), "r.json");
  ASSERT_FALSE(recipe.ok());
  EXPECT_EQ(recipe.status().code(), StatusCode::invalidArgument);
  EXPECT_EQ(recipe.status().message(), GetParam().message);
}

void PrintTo(const Bad& bad, std::ostream* out) { *out << bad.name; }
std::string nameOf(const ::testing::TestParamInfo<Bad>& bad) { return bad.param.name; }

INSTANTIATE_TEST_SUITE_P(
    Syntax, BadRecipe,
    ::testing::Values(
        Bad{"Empty", "",
            "r.json:1:1: syntax error while parsing value - unexpected end of input; expected '[', '{', or "
            "a literal"},
        Bad{"Cut", "{\"batch_num\": 1,\n ",
            "r.json:2:2: syntax error while parsing object key - unexpected end of input; expected string "
            "literal"},
        Bad{"Comma", "{\n  \"batch_num\": 1,\n}",
            "r.json:3:1: syntax error while parsing object key - unexpected '}'; expected string literal"},
        Bad{"Trailing", "{} 1",
            "r.json:1:4: syntax error while parsing value - unexpected number literal; expected end of "
            "input"},
        Bad{"HugeNumber", "{\"batch_num\": 1e999}", "r.json:1:19: number overflow parsing '1e999'"},
        Bad{"Twice", "{\"batch_num\": 1,\n \"batch_num\": 1}",
            "r.json:2:2: the key \"batch_num\" occurs twice, wanted it once"},
        Bad{"LayerTwice", "{\"layers\": {\"Conv_0\": {}, \"Conv_0\": {}}}",
            "r.json:1:27: the key \"Conv_0\" occurs twice, wanted it once"},
        Bad{"TooDeep", std::string(100000, '['),
            "r.json:1:17: more than 16 objects and lists within each other"},
        Bad{"NoObject", " [1]", "r.json:1:2: found a list, wanted an object"},
        Bad{"Null", "null", "r.json:1:1: found null, wanted an object"}),
    nameOf);

INSTANTIATE_TEST_SUITE_P(
    Names, BadRecipe,
    ::testing::Values(
        Bad{"Field", "{\n\"batchnum\": 1}",
            "r.json:2:1: unknown field \"batchnum\"; did you mean 'batch_num'?"},
        Bad{"LayerField", layer("\"quant_enabled\": true"),
            "r.json:2:3: layers[\"Conv_0\"]: unknown field \"quant_enabled\"; did you mean 'quant_enable'?"},
        Bad{"ParamsField", layer("\"activation_quant_params\": {\"num_bit\": 1}"),
            "r.json:2:31: layers[\"Conv_0\"].activation_quant_params: unknown field \"num_bit\"; did you "
            "mean 'num_bits'?"},
        Bad{"Layer", "{\"layers\": {\n  \"Conv_9\": {}}}",
            "r.json:2:3: layers[\"Conv_9\"]: there is no layer \"Conv_9\" in the prepared model, where "
            "layers may be "
            "fused; did you mean 'Conv_0' or 'Conv_1'?"},
        Bad{"FloatLayer", "{\"layers\": {\n  \"Sqrt_2\": {}}}",
            "r.json:2:3: layers[\"Sqrt_2\"]: layer \"Sqrt_2\" (Sqrt) cannot be int8: its op is only "
            "computed in float"},
        Bad{"SkippedLayer", "{\"skip_layers\": [\"Conv_0\",\n \"Conv_5\"]}",
            "r.json:2:2: skip_layers[1]: there is no layer \"Conv_5\" in the prepared model, where layers "
            "may be fused; "
            "did you mean 'Conv_0' or 'Conv_1'?"},
        Bad{"Type", "{\"layer_types\": {\n\"Convv\": {}}}",
            "r.json:2:1: layer_types[\"Convv\"]: there is no op \"Convv\"; did you mean 'Conv'?"},
        Bad{"FloatType", "{\"layer_types\": {\n\"Sqrt\": {}}}",
            "r.json:2:1: layer_types[\"Sqrt\"]: Sqrt is only computed in float"},
        Bad{"UnusedType", "{\"layer_types\": {\n\"MatMul\": {\"quant_enable\": 1}}}",
            "r.json:2:28: layer_types[\"MatMul\"].quant_enable: found 1, wanted true or false"},
        Bad{"SkippedType", "{\"skip_layer_types\": [\"conv\"]}",
            "r.json:1:23: skip_layer_types[0]: there is no op \"conv\"; did you mean 'Conv'?"},
        Bad{"Algorithm", activation("\"algorithm\": \"entropy\""),
            "r.json:2:17: activation_quant_params.algorithm: found \"entropy\", wanted \"minmax\", "
            "\"moving_average\", "
            "\"percentile\", \"kl\", \"mse\", \"ifmr\", \"hfmg\" or \"aciq\""},
        Bad{"AlgorithmNumber", weight("\"algorithm\": 1"),
            "r.json:2:17: weight_quant_params.algorithm: found 1, wanted \"arq\", \"mse\", \"als\" or "
            "\"ada_round\""},
        Bad{"BothNames", weight("\"algorithm\": \"arq\", \"wts_algo\": \"mse\""),
            "r.json:2:24: weight_quant_params.wts_algo: found beside \"algorithm\", which it is another "
            "name of"}),
    nameOf);

std::string at(int column, const std::string& what) {
  return "r.json:2:" + std::to_string(column) + ": activation_quant_params." + what;
}

INSTANTIATE_TEST_SUITE_P(
    Values, BadRecipe,
    ::testing::Values(
        Bad{"Version", "{\"version\": 2}", "r.json:1:13: version: found 2, wanted an integer 1 … 1"},
        Bad{"BatchNum", "{\"batch_num\": -1}",
            "r.json:1:15: batch_num: found -1, wanted an integer 0 … 2147483647"},
        Bad{"BatchNumReal", "{\"batch_num\": 1.5}",
            "r.json:1:15: batch_num: found 1.5, wanted an integer 0 … 2147483647"},
        Bad{"BatchNumHuge", "{\"batch_num\": 99999999999999999999}",
            "r.json:1:15: batch_num: found 1e+20, wanted an integer 0 … 2147483647"},
        Bad{"Fusion", "{\"do_fusion\": 1}", "r.json:1:15: do_fusion: found 1, wanted true or false"},
        Bad{"Skip", "{\"skip_layers\": \"Conv_0\"}",
            "r.json:1:17: skip_layers: found \"Conv_0\", wanted a list of names"},
        Bad{"SkipNull", "{\"skip_layers\": [null]}",
            "r.json:1:18: skip_layers[0]: found null, wanted a name"},
        Bad{"Layers", "{\"layers\": []}",
            "r.json:1:12: layers: found a list, wanted an object with a member per layer"},
        Bad{"Types", "{\"layer_types\": 1}",
            "r.json:1:17: layer_types: found 1, wanted an object with a member per op"},
        Bad{"Params", "{\"weight_quant_params\": false}",
            "r.json:1:25: weight_quant_params: found false, wanted an object"},
        Bad{"Bits", activation("\"num_bits\": 9"), at(16, "num_bits: found 9, wanted an integer 2 … 8")},
        Bad{"FewBits", activation("\"num_bits\": 1"), at(16, "num_bits: found 1, wanted an integer 2 … 8")},
        Bad{"BitsText", activation("\"num_bits\": \"8\""),
            at(16, "num_bits: found \"8\", wanted an integer 2 … 8")},
        Bad{"Asymmetric", activation("\"asymmetric\": null"),
            at(18, "asymmetric: found null, wanted true or false")},
        Bad{"Most", activation("\"max_percentile\": 1.01"),
            at(22, "max_percentile: found 1.01, wanted a number 0.5 … 1")},
        Bad{"Least", activation("\"min_percentile\": 0.4"),
            at(22, "min_percentile: found 0.4, wanted a number 0.5 … 1")},
        Bad{"Range", activation("\"search_range\": [0.7]"),
            at(20, "search_range: found a list, wanted two ascending numbers within 0.1 … 4")},
        Bad{"RangeOrder", activation("\"search_range\": [1.3, 0.7]"),
            at(20, "search_range: found [1.3, 0.7], wanted two ascending numbers within 0.1 … 4")},
        Bad{"Step", activation("\"search_step\": 0"),
            at(19, "search_step: found 0, wanted a number 0.005 … 1")},
        Bad{"Bins", activation("\"num_of_bins\": 65537"),
            at(19, "num_of_bins: found 65537, wanted an integer 16 … 65536")},
        Bad{"ChannelWise", weight("\"channel_wise\": \"yes\""),
            "r.json:2:20: weight_quant_params.channel_wise: found \"yes\", wanted true or false"}),
    nameOf);

TEST(RecipeJson, LimitsWhatADocumentMayHold) {
  std::string many = "{\"skip_layers\": [0";
  for (int i = 0; i < 1'000'000; ++i) many += ",0";
  const auto recipe = Recipe::fromJson(many + "]}", smallModel());
  ASSERT_FALSE(recipe.ok());
  EXPECT_NE(recipe.status().message().find("more than 1000000 values"), std::string::npos)
      << recipe.status().message();
}

TEST(RecipeJson, RefusesEveryTruncation) {
  const std::string json = makeRecipe(smallModel())->toJson();
  for (size_t size = 0; size + 2 < json.size(); ++size) {
    EXPECT_FALSE(Recipe::fromJson(json.substr(0, size), smallModel()).ok()) << size;
  }
}

}  // namespace
}  // namespace qrt::test
