// The docs' examples are the ones that compile, and they give the right answers.
#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "support/support.h"

namespace {

std::string fileText(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// What stands between `mark` and the next `end`.
std::string between(const std::string& text, const std::string& mark, const std::string& end) {
  const size_t from = text.find(mark);
  if (from == std::string::npos) return "";
  const size_t start = from + mark.size();
  return text.substr(start, text.find(end, start) - start);
}

TEST(Readme, ShowsTheExampleThatIsCompiled) {
  const std::string root = qrt::test::sourceFolder().string();
  const std::string shown = between(fileText(root + "/README.md"), "```cpp\n", "```");
  const std::string compiled = between(fileText(root + "/docs/examples/classify.cpp"), "// [readme]\n", "// [readme]");
  ASSERT_FALSE(compiled.empty());
  EXPECT_EQ(shown, compiled);
}

constexpr size_t kDigitBytes = 64 * sizeof(float);

struct DemoData {
  std::string npz = fileText(qrt::test::sourceFolder().string() + "/tools/demo/digits_test.npz");
  // "x.npy" is stored first, its values begin after the .npy header, which ends with a line break.
  size_t data = npz.find('\n', npz.find("\x93NUMPY")) + 1;
};

TEST(Readme, ExampleReadsADigit) {
  const auto [npz, data] = DemoData();
  const size_t labels = npz.find('\n', npz.find("\x93NUMPY", data)) + 1;
  const std::filesystem::path pixels = std::filesystem::temp_directory_path() / "qrt_docs_digit.f32";
  std::ofstream(pixels, std::ios::binary) << npz.substr(data, kDigitBytes);
  const std::string command = std::string(EXAMPLE_CLASSIFY) + " " + qrt::test::sourceFolder().string() + "/tools/demo/digits.onnx " + pixels.string();
  FILE* pipe = popen(command.c_str(), "r");
  int answer = -1;
  EXPECT_EQ(std::fscanf(pipe, "%d", &answer), 1);
  EXPECT_EQ(pclose(pipe), 0);
  EXPECT_EQ(answer, static_cast<unsigned char>(npz[labels]));
  std::filesystem::remove(pixels);
}

TEST(QuantizeGuide, ShowsTheExampleThatIsCompiled) {
  const std::string root = qrt::test::sourceFolder().string();
  const std::string compiled = between(fileText(root + "/docs/examples/quantize.cpp"), "// [guide]\n", "// [guide]");
  ASSERT_FALSE(compiled.empty());
  EXPECT_EQ(between(fileText(root + "/docs/quantize.md"), "```cpp\n", "```"), compiled);
}

TEST(QuantizeGuide, ExampleMakesTheModelSmaller) {
  const auto [npz, data] = DemoData();
  const std::filesystem::path folder = std::filesystem::temp_directory_path();
  const std::filesystem::path pixels = folder / "qrt_docs_digits.f32", out = folder / "qrt_docs_digits.qrt";
  std::ofstream(pixels, std::ios::binary) << npz.substr(data, 50 * kDigitBytes);
  const std::string command = std::string(EXAMPLE_QUANTIZE) + " " + qrt::test::sourceFolder().string() + "/tools/demo/digits.onnx " +
                              pixels.string() + " " + out.string();
  FILE* pipe = popen(command.c_str(), "r");
  double after = 0, before = 0;
  EXPECT_EQ(std::fscanf(pipe, "%lf of %lf", &after, &before), 2);
  EXPECT_EQ(pclose(pipe), 0);
  EXPECT_GT(before / after, 3.5);
  EXPECT_GT(std::filesystem::file_size(out), after);
  std::filesystem::remove(pixels);
  std::filesystem::remove(out);
}

TEST(SlowLayerGuide, ShowsTheExampleThatIsCompiled) {
  const std::string root = qrt::test::sourceFolder().string();
  const std::string compiled = between(fileText(root + "/docs/examples/slow_layer.cpp"), "// [guide]\n", "// [guide]");
  ASSERT_FALSE(compiled.empty());
  EXPECT_EQ(between(fileText(root + "/docs/slow_layer.md"), "```cpp\n", "```"), compiled);
}

TEST(SlowLayerGuide, ExamplePlacesTheModel) {
  const std::string command = std::string(EXAMPLE_SLOW_LAYER) + " " + qrt::test::sourceFolder().string() + "/tools/demo/digits.onnx reference";
  FILE* pipe = popen(command.c_str(), "r");
  std::string text;
  for (int c; (c = std::fgetc(pipe)) != EOF;) text += static_cast<char>(c);
  EXPECT_EQ(pclose(pipe), 0);
  EXPECT_NE(text.find(" layers placed\n"), std::string::npos) << text;
}

}  // namespace
