// JSON → Recipe::fromJson → JSON again, which must mean the same, and a quantized model.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <string>
#include <string_view>

#include "fuzz/fuzz.h"
#include "quantize_recipe/calibrate.h"

namespace qrt::fuzz {
namespace {

const Model& model() {
  static const Model made = [] {
    test::GraphBuilder net;
    TensorId x = net.input("image", {1, 4, 4, 2});
    x = net.add(OpType::Relu, {net.conv(x, 2, 3, 3)});
    net.output(net.conv(x, 3, 2, 1));
    return net.model();
  }();
  return made;
}

Bytes bytesOf(std::string_view text) {
  const auto* first = reinterpret_cast<const std::byte*>(text.data());
  return {first, first + text.size()};
}

// What recipes are made of, right and wrong.
constexpr std::string_view kTokens[] = {
    "true", "false", "null", "0", "1", "4", "8", "-1", "0.75", "1e999", "1e-320", "3.5", "[]", "{}",
    "\"Conv_0\"", "\"Conv\"", "\"Relu\"", "\"ifmr\"", "\"kl\"", "\"hfmg\"", "\"ada_round\"", "\"als\"",
    "[0.5, 1]", "[\"Conv_0\"]", "{\"num_bits\": 3}", "{\"quant_enable\": false}", "\"algorithm\"",
    "\"wts_algo\"", "\"search_range\"", "\"num_of_bins\"", "\"layers\"", "\"layer_types\"",
    "\"activation_quant_params\"", "\"skip_layers\"", "\"bias_correction\"", "\"\\u0000\"", "\"\xff\""};

// Searches of so few steps that thousands fit a test.
bool isQuick(const Recipe& recipe) {
  return std::all_of(recipe.layers.begin(), recipe.layers.end(), [](const auto& layer) {
    const ActivationQuantParams& params = layer.second.activation;
    return params.searchRange[1] - params.searchRange[0] <= 100 * params.searchStep &&
           params.numOfBins <= 4096;
  });
}

void check(bool right, const char* what) {
  if (right) return;
  std::fprintf(stderr, "%s\n", what);
  std::abort();
}

}  // namespace

const std::vector<Bytes>& seeds() {
  static const std::vector<Bytes> all = [] {
    const std::string full = makeRecipe(model())->toJson();
    return std::vector<Bytes>{
        bytesOf(full), bytesOf("{}"),
        bytesOf(R"({"batch_num": 1, "equalize": true, "bias_correction": true, "skip_layer_types": ["Relu"],
 "layer_types": {"Conv": {"activation_quant_params": {"algorithm": "hfmg", "search_range": [0.5, 1.5]}}},
 "layers": {"Conv_0": {"weight_quant_params": {"algorithm": "ada_round", "num_bits": 4}}}})")};
  }();
  return all;
}

// Puts another token in the place of one: a string or what stands between punctuation.
void mutateStructure(Bytes& bytes, Random& random) {
  std::string text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  const size_t at = text.empty() ? 0 : pick(random, text.size());
  constexpr std::string_view kBorders = "{}[]:, \n";
  const size_t begin = text.find_first_not_of(kBorders, at);
  if (begin == text.npos) return;
  const size_t end = std::min(text.find_first_of(kBorders, begin), text.size());
  text.replace(begin, end - begin, kTokens[pick(random, std::size(kTokens))]);
  bytes = bytesOf(text);
}

}  // namespace qrt::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace qrt;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const Result<Recipe> recipe = Recipe::fromJson(text, fuzz::model());
  if (!recipe.ok()) return 0;
  ++fuzz::counts.loaded;
  const Result<Recipe> again = Recipe::fromJson(recipe->toJson(), fuzz::model());
  fuzz::check(again.ok() && *again == *recipe, "a recipe that was written does not read back");
  if (fuzz::isQuick(*recipe) && test::quantizeBy(fuzz::model(), *recipe, 2).ok()) ++fuzz::counts.ran;
  return 0;
}
