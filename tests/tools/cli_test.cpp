// The qrt command as a user meets it.
#include "tools/cli.h"

#include <nlohmann/json.hpp>

namespace qrt::test {
namespace {

using nlohmann::json;

TEST_F(Cli, DemoReadsTheDigits) {
  const Outcome outcome = qrt("demo");
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_NE(outcome.out.find("360 test images that it never saw: 98.3 % right"), std::string::npos) << outcome.out;
}

TEST_F(Cli, EveryCommandHasHelpWithAnExample) {
  for (const char* command : {"backends", "bench", "compare", "convert", "demo", "eval", "info", "quantize", "recipe", "run"}) {
    const Outcome outcome = qrt(std::string(command) + " --help");
    EXPECT_EQ(outcome.code, 0) << command;
    EXPECT_NE(outcome.out.find("Example: qrt "), std::string::npos) << command << outcome.out;
  }
}

TEST_F(Cli, ConvertedModelGivesTheSameBytes) {
  writeDigit();
  ASSERT_EQ(qrt("convert " + kModel + " m.qrt").code, 0);
  ASSERT_EQ(qrt("run " + kModel + " --input x.npy -o a").code, 0);
  ASSERT_EQ(qrt("run m.qrt --input image=x.npy -o b").code, 0);
  using qrt::tools::readFile;
  EXPECT_EQ(readFile(folder_ / "a/prob.npy"), readFile(folder_ / "b/prob.npy"));
}

TEST_F(Cli, EvalAgreesAcrossBackends) {
  for (const char* backend : {"cpu-float", "reference"}) {
    const Outcome outcome = qrt("eval " + kModel + " --data " + kData + " --json --backend " + backend);
    ASSERT_EQ(outcome.code, 0) << outcome.err;
    const json result = json::parse(outcome.out);
    EXPECT_EQ(result.at("samples"), 360);
    EXPECT_NEAR(result.at("top1"), 0.9833, 0.0001);
    EXPECT_GT(result.at("top5"), 0.99);
    EXPECT_GT(result.at("ms_per_sample"), 0);
  }
}

TEST_F(Cli, BenchJsonHasTheStableKeys) {
  const Outcome outcome = qrt("bench " + kModel + " --runs 5 --layers --json");
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const json result = json::parse(outcome.out);
  for (const char* key : {"model", "isa", "threads", "backend", "runs", "load_ms", "prepare_ms", "first_ms", "min_ms", "median_ms", "p95_ms", "peak_memory_bytes"}) {
    EXPECT_TRUE(result.contains(key)) << key;
  }
  EXPECT_EQ(result.at("runs"), 5);
  EXPECT_GT(result.at("peak_memory_bytes"), 1 << 20);
  EXPECT_GT(result.at("peak_gmac_per_s").at("f32"), 0.01);
  EXPECT_GT(result.at("peak_gmac_per_s").at("s8"), 0.01);
  int64_t macs = 0;
  for (const json& layer : result.at("layers")) {
    for (const char* key : {"name", "op", "backend", "kernel", "ms", "macs", "bytes", "share_of_peak"}) EXPECT_TRUE(layer.contains(key)) << key;
    const double share = layer.at("share_of_peak");
    EXPECT_EQ(share > 0, layer.at("macs") > 0) << layer;
    EXPECT_LT(share, 10);  // Winograd saves up to 5 of 6 multiplications
    macs += layer.at("macs").get<int64_t>();
  }
  // 3×3 convolutions on 8×8, 8×8 and 4×4 maps, and the classifier.
  EXPECT_EQ(macs, 64 * 9 * (16 + 16 * 32) + 16 * 9 * 32 * 48 + 480);
}

TEST_F(Cli, InfoShowsPlacementAndMemory) {
  const Outcome outcome = qrt("info " + kModel + " --json --placement --layer-backend conv2=reference");
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const json result = json::parse(outcome.out);
  EXPECT_LE(result.at("memory").at("activations"), result.at("memory").at("lower_bound").get<double>() * 1.1);
  int pinned = 0;
  for (const json& layer : result.at("placement")) pinned += layer.at("name") == "conv2" && layer.at("actual") == "reference";
  EXPECT_EQ(pinned, 1) << outcome.out;
  EXPECT_NE(qrt("info " + kModel + " --layers").out.find("conv2"), std::string::npos);
}

TEST_F(Cli, RunPrintsClassesWithTheirNames) {
  writeDigit();
  const Outcome outcome = qrt("run " + kModel + " --input x.npy");
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_NE(outcome.out.find("seven"), std::string::npos) << outcome.out;  // all ten names, best first
}

TEST_F(Cli, BadInputIsRefusedInOneLine) {
  writeDigit();
  writeFile("garbage.onnx", "this is no model");
  writeFile("garbage.jpg", "this is no picture");
  writeFile("empty.qrt", "");
  expectRefused("info missing.onnx", {"missing.onnx"});
  expectRefused("info garbage.onnx", {"garbage.onnx"});
  expectRefused("info empty.qrt", {"empty.qrt"});
  expectRefused("run " + kModel + " --input garbage.jpg", {"garbage.jpg", "not an image"});
  expectRefused("run " + kModel + " --input nothing.npy", {"nothing.npy"});
  expectRefused("run " + kModel + " --input picture=x.npy", {"picture", "image"});
  expectRefused("run " + kModel + " --input x.npy --input x.npy", {"2 inputs", "has 1"});
  expectRefused("run " + kModel + " --input x.npy --layer-backend conv9=reference", {"conv9"});
  expectRefused("run " + kModel + " --input x.npy --layer-backend conv2=tpu", {"tpu", "cpu-float"});
  expectRefused("run " + kModel + " --input x.npy --backend tpu", {"tpu", "cpu-float"});
  expectRefused("run " + kModel + " --input x.npy --input-shape 0x1x8x8", {"image", "0"});
  expectRefused("run " + kModel + " --input x.npy --input-shape 1x1x9x9", {"image", "8x8"});
  expectRefused("info " + kModel + " --input-shape 1xax8x8", {"1xax8x8"});
  expectRefused("bench " + kModel + " --runs 0", {"--runs"});
  expectRefused("bench " + kModel + " --runs 1", {"QRT_ISA", "warp9"}, "QRT_ISA=warp9");
  expectRefused("eval " + kModel + " --data x.npy", {"no label"});
  expectRefused("nonsense", {"nonsense"});
}

TEST_F(Cli, FailedConvertLeavesTheOldFile) {
  writeFile("out.qrt", "precious");
  writeFile("garbage.onnx", "this is no model");
  EXPECT_EQ(qrt("convert garbage.onnx out.qrt").code, 2);
  std::ifstream file(folder_ / "out.qrt");
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), "precious");
}

TEST_F(Cli, TruncatedModelIsRefused) {
  ASSERT_EQ(qrt("convert " + kModel + " m.qrt").code, 0);
  fs::resize_file(folder_ / "m.qrt", fs::file_size(folder_ / "m.qrt") / 2);
  expectRefused("info m.qrt", {"m.qrt"});
}

}  // namespace
}  // namespace qrt::test
