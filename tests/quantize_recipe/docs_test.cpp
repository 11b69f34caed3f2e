// docs/recipe.md: its examples are read, its tables say what the code does.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "quantize/json_value.h"
#include "quantize/recipe_fields.h"
#include "support/graph_builder.h"
#include "support/support.h"

namespace qrt::test {
namespace {

std::string recipeDoc() {
  std::ifstream file(sourceFolder() / "docs/recipe.md");
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::string> jsonBlocks(const std::string& text) {
  std::vector<std::string> blocks;
  const std::string mark = "```json\n";
  for (size_t at = text.find(mark); at != text.npos; at = text.find(mark, at)) {
    at += mark.size();
    blocks.push_back(text.substr(at, text.find("```", at) - at));
  }
  return blocks;
}

Model exampleModel() {
  GraphBuilder net;
  TensorId x = net.conv(net.input("x", {1, 1, 1, 3}), 3, 4, 1);
  net.graph.layers.back().name = "conv1";
  x = net.conv(x, 4, 4, 1);
  net.graph.layers.back().name = "block2/conv";
  x = net.add(OpType::Reshape, {x, net.constant<int64_t>({2}, {1, 4})});
  x = net.add(OpType::FullyConnected, {x, net.weights({2, 4}, 4)});
  net.graph.layers.back().name = "scores";
  net.output(x);
  return net.model();
}

TEST(RecipeDoc, ExamplesAreRead) {
  const std::vector<std::string> blocks = jsonBlocks(recipeDoc());
  ASSERT_EQ(blocks.size(), 2u);
  for (const std::string& block : blocks) {
    const auto recipe = Recipe::fromJson(block, exampleModel());
    EXPECT_TRUE(recipe.ok()) << recipe.status().message();
  }
  const Recipe recipe = *Recipe::fromJson(blocks[1], exampleModel());
  EXPECT_EQ(recipe.layers.at("scores").activation.algorithm, ActivationAlgorithm::minmax);
  EXPECT_EQ(recipe.layers.at("block2/conv").activation.numOfBins, 2048);
  EXPECT_EQ(recipe.layers.at("block2/conv").activation.searchStep, 0.02);
  // It is full: it has every global field.
  const auto document = parseJson({blocks[1], "doc"});
  forEachField(recipe, [&](FieldName field, const auto&...) {
    EXPECT_TRUE(document->members.contains(std::string(field.name))) << field.name;
  });
}

// A field's row of a table: | `name` | value | default |
struct Rows {
  std::string doc = recipeDoc();

  void operator()(FieldName field, bool value) { expect(field, "true or false", value ? "true" : "false"); }
  void operator()(FieldName field, int value, const Limits& limits) {
    expect(field, "integer " + limitsText(limits), numberText(value));
  }
  void operator()(FieldName field, double value, const Limits& limits) {
    expect(field, "number " + limitsText(limits), numberText(value));
  }
  void operator()(FieldName field, const double (&value)[2], const Limits& limits) {
    expect(field, "two ascending numbers " + limitsText(limits),
           "[" + numberText(value[0]) + ", " + numberText(value[1]) + "]");
  }
  void operator()(FieldName field, const std::vector<std::string>&) {
    expect(field, field.name == "skip_layers" ? "list of layer names" : "list of ops", "[]");
  }
  template <class Algorithm>
    requires std::is_enum_v<Algorithm>
  void operator()(FieldName field, Algorithm value) {
    const auto names = algorithmNames(value);
    expect(field, "an algorithm, see below", jsonText(names[static_cast<size_t>(value)].name));
    for (const FieldName& name : names) contains("| `" + std::string(name.name) + "` |");
    contains("also `" + std::string(field.alias) + "`");
  }

  void expect(FieldName field, const std::string& value, const std::string& byDefault) {
    contains("| `" + std::string(field.name) + "` | " + value + " | " + byDefault + " |");
  }
  void contains(const std::string& text) { EXPECT_NE(doc.find(text), std::string::npos) << text; }
};

TEST(RecipeDoc, TablesHaveEveryFieldItsRangeAndDefault) {
  Rows rows;
  const Recipe recipe;
  const ActivationQuantParams activation;
  const WeightQuantParams weight;
  forEachField(recipe, rows);
  forEachField(activation, rows);
  forEachField(weight, rows);
}

}  // namespace
}  // namespace qrt::test
