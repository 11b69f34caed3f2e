// qrt recipe, quantize, compare, and eval of what they make.
#include <nlohmann/json.hpp>

#include "tools/cli.h"

namespace qrt::test {
namespace {

using nlohmann::json;

class QuantizeCli : public Cli {
 protected:
  std::string text(const std::string& name) {
    const std::vector<std::byte> bytes = tools::readFile(folder_ / name);
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }
  // Digits as grey PNM pictures of the model's size.
  void writePictures(int count) {
    fs::create_directory(folder_ / "photos");
    const tools::Array digits = tools::parseNpz(tools::readFile(QRT_DEMO_DATA), "demo").at("x");
    const auto* pixels = reinterpret_cast<const float*>(digits.bytes.data());
    for (int i = 0; i < count; ++i) {
      std::string file = "P5 8 8 255\n";
      for (int p = 0; p < 64; ++p) file += static_cast<char>(255 * pixels[64 * i + p]);
      writeFile("photos/" + std::to_string(i) + ".pgm", file);
    }
  }
  bool hasFile(const std::string& name) { return fs::exists(folder_ / name); }
};

TEST_F(QuantizeCli, DigitsStayRightInInt8) {
  const Outcome quantized = qrt("quantize " + kModel + " -o m.qrt --data " + kData + " --samples 100");
  ASSERT_EQ(quantized.code, 0) << quantized.err;
  for (const char* words : {"100 samples", "8 int8, 1 float", "softmax", "Quantize", "Dequantize"}) {
    EXPECT_NE(quantized.out.find(words), std::string::npos) << words << quantized.out;
  }
  const Outcome eval = qrt("eval m.qrt --json --data " + kData);
  ASSERT_EQ(eval.code, 0) << eval.err;
  EXPECT_GE(json::parse(eval.out).at("top1"), 0.98);
  const Outcome compared = qrt("compare " + kModel + " m.qrt --sort local --json c.json --data " + kData + " --samples 40");
  ASSERT_EQ(compared.code, 0) << compared.err;
  EXPECT_NE(compared.out.find("The outputs are close"), std::string::npos) << compared.out;
  const json figures = json::parse(text("c.json"));
  EXPECT_EQ(figures.at("samples"), 40);
  EXPECT_EQ(figures.at("layers").size(), 8u);
  EXPECT_GT(figures.at("outputs").at(0).at("sqnr_db"), 30);
  for (const json& layer : figures.at("layers")) EXPECT_GT(layer.at("local_sqnr_db"), 25) << layer;
}

// Layers of an int8 model go back to float one by one, until the model is its float parent but for its weights.
TEST_F(QuantizeCli, PinnedLayersGoBackToFloat) {
  writeDigit();
  ASSERT_EQ(qrt("quantize " + kModel + " -o m.qrt --data " + kData + " --samples 100").code, 0);
  const auto info = [&](const std::string& pins) {
    const Outcome outcome = qrt("info m.qrt --json --placement" + pins);
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    return json::parse(outcome.out);
  };
  const json one = info(" --layer-backend conv2=cpu-float");
  ASSERT_EQ(one.at("transfers").size(), 4u) << one.at("transfers");
  EXPECT_EQ(one.at("transfers")[1].at("to"), "cpu-float");
  EXPECT_EQ(one.at("transfers")[2].at("from"), "cpu-float");

  std::string pins;
  const json int8 = info("");
  for (const json& layer : int8.at("placement")) pins += " --layer-backend " + layer.at("name").get<std::string>() + "=cpu-float";
  EXPECT_EQ(info(pins).at("transfers"), json::array());
  const Outcome eval = qrt("eval m.qrt --json --data " + kData + pins);
  ASSERT_EQ(eval.code, 0) << eval.err;
  EXPECT_NEAR(json::parse(eval.out).at("top1"), 0.9833, 0.003);
  const auto output = [&](const std::string& command) {
    const Outcome outcome = qrt("run " + command + " --input x.npy -o out");
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    const tools::Array array = tools::readNpy(folder_ / "out/prob.npy");
    const auto* values = reinterpret_cast<const float*>(array.bytes.data());
    return std::vector<float>(values, values + 10);
  };
  const std::vector<float> parent = output(kModel), raised = output("m.qrt" + pins);
  for (size_t i = 0; i < parent.size(); ++i) EXPECT_NEAR(raised[i], parent[i], 0.01) << i;
}

TEST_F(QuantizeCli, ConvertMakesTheFloatModelOfAnInt8Model) {
  ASSERT_EQ(qrt("quantize " + kModel + " -o m.qrt --data " + kData + " --samples 100").code, 0);
  const Outcome converted = qrt("convert m.qrt float.qrt --dequantize");
  ASSERT_EQ(converted.code, 0) << converted.err;
  for (const json& layer : json::parse(qrt("info float.qrt --json --placement").out).at("placement")) {
    EXPECT_EQ(layer.at("actual"), "cpu-float") << layer;
  }
  const Outcome eval = qrt("eval float.qrt --json --data " + kData);
  ASSERT_EQ(eval.code, 0) << eval.err;
  EXPECT_NEAR(json::parse(eval.out).at("top1"), 0.9833, 0.003);
  EXPECT_EQ(qrt("quantize float.qrt -o again.qrt --data " + kData + " --samples 100").code, 0);
}

TEST_F(QuantizeCli, RecipeFromTheCommandIsTakenByTheCommand) {
  ASSERT_EQ(qrt("recipe " + kModel + " -o r.json").code, 0);
  EXPECT_EQ(qrt("recipe " + kModel).out, text("r.json"));
  const std::string data = " --samples 20 --data " + kData;
  ASSERT_EQ(qrt("quantize " + kModel + " -o default.qrt" + data).code, 0);
  ASSERT_EQ(qrt("quantize " + kModel + " -o same.qrt --recipe r.json" + data).code, 0);
  EXPECT_EQ(text("default.qrt"), text("same.qrt"));
  json recipe = json::parse(text("r.json"));
  recipe["skip_layers"] = {"conv2"};
  writeFile("r.json", recipe.dump());
  const Outcome skipped = qrt("quantize " + kModel + " -o m.qrt --recipe r.json" + data);
  ASSERT_EQ(skipped.code, 0) << skipped.err;
  EXPECT_NE(skipped.out.find("skip_layers"), std::string::npos) << skipped.out;
}

TEST_F(QuantizeCli, MergedSharesGiveTheModelOfAllData) {
  const std::string quantize = "quantize " + kModel, data = " --data " + kData;
  ASSERT_EQ(qrt(quantize + " -o all.qrt --samples 30" + data).code, 0);
  ASSERT_EQ(qrt(quantize + " --save-statistics a.stats --samples 10" + data).code, 0);
  ASSERT_EQ(qrt(quantize + " --save-statistics b.stats --first-sample 10 --samples 20" + data).code, 0);
  const Outcome merged = qrt(quantize + " -o merged.qrt --statistics b.stats a.stats");
  ASSERT_EQ(merged.code, 0) << merged.err;
  EXPECT_NE(merged.out.find("30 samples"), std::string::npos) << merged.out;
  EXPECT_EQ(text("all.qrt"), text("merged.qrt"));
  expectRefused(quantize + " -o m.qrt --statistics a.stats a.stats", {"a.stats", "sample 0"});
}

TEST_F(QuantizeCli, UnreadablePictureIsNamedAndLeftOut) {
  writePictures(5);
  writeFile("photos/2.pgm", "this is no picture");
  const Outcome outcome = qrt("quantize " + kModel + " -o m.qrt --data photos");
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_NE(outcome.out.find("4 samples"), std::string::npos) << outcome.out;
  EXPECT_NE(outcome.err.find("1 of 5 samples left out"), std::string::npos) << outcome.err;
  EXPECT_NE(outcome.err.find("2.pgm"), std::string::npos) << outcome.err;
}

TEST_F(QuantizeCli, PreprocessingGoesIntoTheModel) {
  writePictures(3);
  writeFile("p.json", R"({"color": "gray", "mean": [0], "std": [254]})");
  ASSERT_EQ(qrt("quantize " + kModel + " -o m.qrt --data photos --preprocess p.json").code, 0);
  EXPECT_EQ(json::parse(qrt("info m.qrt --json").out).at("metadata").at("preprocessing"), text("p.json"));
}

TEST_F(QuantizeCli, BadInputIsRefusedAndNothingIsWritten) {
  writePictures(0);
  writeFile("empty.txt", "");
  writeFile("missing.txt", "nowhere.png 1\nnowhere2.png 2\n");
  writeFile("bad.json", "{\n  \"global\": 3,\n}");
  writeFile("garbage.stats", "these are no statistics");
  const std::string quantize = "quantize " + kModel, data = " --data " + kData;
  expectRefused(quantize + " -o m.qrt", {"--data", "--statistics"});
  expectRefused(quantize + data, {"-o", "--save-statistics"});
  expectRefused(quantize + " -o m.qrt --data photos", {"photos", "no samples"});
  expectRefused(quantize + " -o m.qrt --data empty.txt", {"empty.txt", "no samples"});
  expectRefused(quantize + " -o m.qrt --data missing.txt", {"missing.txt", "none of the 2 samples", "nowhere.png"});
  expectRefused(quantize + " -o m.qrt --first-sample 360" + data, {"360"});
  expectRefused(quantize + " -o m.qrt --recipe bad.json" + data, {"bad.json:3"});
  expectRefused(quantize + " -o m.qrt --recipe nothing.json" + data, {"nothing.json"});
  expectRefused(quantize + " -o m.qrt --statistics garbage.stats", {"garbage.stats"});
  expectRefused(quantize + " -o no/folder/m.qrt" + data, {"no/folder/m.qrt"});
  EXPECT_FALSE(hasFile("m.qrt"));

  ASSERT_EQ(qrt(quantize + " -o int8.qrt --save-statistics d.stats --samples 3" + data).code, 0);
  expectRefused("quantize int8.qrt -o m.qrt --statistics d.stats", {"statistics are of another model"});
  expectRefused("recipe " + kModel + " -o no/folder/r.json", {"no/folder/r.json"});
  expectRefused("compare " + kModel + " int8.qrt --data missing.txt", {"missing.txt", "none of the 2 samples"});
  expectRefused("compare " + kModel + " int8.qrt --sort name" + data, {"--sort", "cumulative"});
  EXPECT_FALSE(hasFile("m.qrt"));
}

}  // namespace
}  // namespace qrt::test
