#include "common/image.h"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <string>

#include "common/cli.h"

namespace qrt::tools {
namespace {

Image gradient(int width, int height) {
  Image image{width, height, 1, {}};
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) image.pixels.push_back(static_cast<uint8_t>((x * 37 + y * 91 + x * y * 13) % 256));
  }
  return image;
}

TEST(Resize, SameSizeChangesNothing) {
  const Image image = gradient(7, 5);
  for (const Filter filter : {Filter::nearest, Filter::bilinear, Filter::bicubic}) {
    EXPECT_EQ(resize(image, 7, 5, filter, true).pixels, image.pixels);
  }
}

// Values that Pillow's Image.resize gives for the same gradient.
TEST(Resize, GivesPillowsPixels) {
  const std::vector<uint8_t> bilinear = {107, 138, 139, 131, 122, 148, 137, 124, 109, 142, 137, 150};
  const std::vector<uint8_t> bicubic = {103, 139, 140, 130, 128, 148, 137, 124, 103, 142, 137, 151};
  EXPECT_EQ(resize(gradient(9, 7), 4, 3, Filter::bilinear, true).pixels, bilinear);
  EXPECT_EQ(resize(gradient(9, 7), 4, 3, Filter::bicubic, true).pixels, bicubic);
}

TEST(Preprocessing, RunsStepsThenColourThenScale) {
  const Preprocessing how = Preprocessing::parse(
      R"({"steps": [{"center_crop": [2, 2]}], "color": "bgr", "mean": [1, 2, 3], "std": [2, 4, 8]})", "test");
  Image image{4, 2, 3, {}};
  for (uint8_t i = 0; i < 24; ++i) image.pixels.push_back(i);
  float chw[12], hwc[12];
  preprocess(image, how, {DType::f32, {1, 3, 2, 2}, chw});
  preprocess(image, how, {DType::f32, {1, 2, 2, 3}, hwc});
  // Columns 1 and 2 of both rows; the first channel out is the last in.
  const float pixels[4] = {5, 8, 17, 20};
  for (int i = 0; i < 4; ++i) {
    for (int c = 0; c < 3; ++c) {
      const float want = (pixels[i] - static_cast<float>(c) - static_cast<float>(c + 1)) / static_cast<float>(2 << c);
      EXPECT_EQ(chw[c * 4 + i], want);
      EXPECT_EQ(hwc[i * 3 + c], want);
    }
  }
}

TEST(Preprocessing, EightBitInputsGetThePixelOrItsRealNumber) {
  const Image image{3, 1, 1, {0, 100, 255}};
  const auto values = [&](const char* json, DType dtype, const QuantParams* quant) {
    uint8_t bytes[3];
    preprocess(image, Preprocessing::parse(json, "test"), {dtype, {1, 1, 1, 3}, bytes, quant});
    std::vector<int> found;
    for (const uint8_t byte : bytes) found.push_back(dtype == DType::u8 ? byte : static_cast<int8_t>(byte));
    return found;
  };
  const QuantParams quant{{0.5f}, {-3}};
  EXPECT_EQ(values(R"({"color": "gray"})", DType::u8, nullptr), (std::vector{0, 100, 255}));
  EXPECT_EQ(values(R"({"color": "gray"})", DType::s8, &quant), (std::vector{-128, -28, 127}));
  EXPECT_EQ(values(R"({"color": "gray", "mean": [80], "std": [8]})", DType::s8, &quant), (std::vector{-23, 2, 41}));
  EXPECT_EQ(values(R"({"color": "gray", "mean": [80]})", DType::u8, nullptr), (std::vector{0, 20, 175}));
}

// 12 x 10 pixels with colours subsampled by two, in hexadecimal.
constexpr std::string_view kJpeg =
    "ffd8ffe000104a46494600010100000100010000ffdb0043000d090a0b0a080d0b0a0b0e0e0d0f13201513121213271c1e17202e2931302e"
    "292d2c333a4a3e333646372c2d405741464c4e525352323e5a615a50604a51524fffdb0043010e0e0e131113261515264f352d354f4f4f4f"
    "4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4fffc0001108000a000c03"
    "012200021101031101ffc40014000100000000000000000000000000000005ffc40020100002010402030100000000000000000001021100"
    "0304210512414251f0ffc4001501010100000000000000000000000000000102ffc400211100010301090000000000000000000000010003"
    "2105020411124151617181ffda000c03010002110311003f001b0b845e90ab36bd9a360fe8a76cf0d785a012d02be09f94b62220c8440abd"
    "48d88d528a48900c004c0152edf9cb26091d47938c71bea8a4d41dc8bfffd9";

// Pillow's pixels: what a model was trained with.
TEST(ReadImage, DecodesJpegAsPillowDoes) {
  const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  std::string bytes;
  for (size_t i = 0; i < kJpeg.size(); i += 2) {
    bytes += static_cast<char>(digit(kJpeg[i]) * 16 + digit(kJpeg[i + 1]));
  }
  const std::filesystem::path path = std::filesystem::temp_directory_path() / "qrt_read_image.jpg";
  std::ofstream(path, std::ios::binary) << bytes;
  const Image image = readImage(path, 3);
  ASSERT_EQ(image.width, 12);
  ASSERT_EQ(image.height, 10);
  const auto pixel = [&](int x, int y) {
    const uint8_t* p = &image.pixels[static_cast<size_t>(3 * (12 * y + x))];
    return std::vector<int>{p[0], p[1], p[2]};
  };
  EXPECT_EQ(pixel(0, 0), (std::vector{0, 10, 35}));
  EXPECT_EQ(pixel(3, 0), (std::vector{62, 22, 154}));
  EXPECT_EQ(pixel(5, 7), (std::vector{127, 199, 179}));
  EXPECT_EQ(pixel(11, 9), (std::vector{228, 215, 181}));
  EXPECT_EQ(std::accumulate(image.pixels.begin(), image.pixels.end(), 0), 44107);
  EXPECT_EQ(readImage(path, 1).pixels.size(), 120u);
  std::ofstream(path, std::ios::binary) << bytes.substr(0, 100);
  EXPECT_THROW(readImage(path, 3), Failure);
  std::filesystem::remove(path);
}

TEST(Preprocessing, RefusesASliverThatResizingWouldBlowUp) {
  const Preprocessing how = Preprocessing::parse(R"({"steps": [{"resize_short": 256}, {"center_crop": [224, 224]}]})", "test");
  const Image sliver{32768, 1, 3, std::vector<uint8_t>(3 * 32768)};
  std::vector<float> input(3 * 224 * 224);
  EXPECT_THROW(preprocess(sliver, how, {DType::f32, {1, 3, 224, 224}, input.data()}), Failure);
}

TEST(ImageLayout, WantsOneImage) {
  EXPECT_THROW(ImageLayout::of({4, 3, 2, 2}), Failure);
  EXPECT_THROW(ImageLayout::of({1, 5, 2, 7}), Failure);
}

TEST(Preprocessing, RefusesWithTheReason) {
  const auto refuses = [](const char* json) { EXPECT_THROW(Preprocessing::parse(json, "test"), Failure) << json; };
  refuses("[]");
  refuses("{");
  refuses(R"({"steps": [{"rotate": 3}]})");
  refuses(R"({"steps": [{"resize": [0, 3]}]})");
  refuses(R"({"steps": [{"resize": "big"}]})");
  refuses(R"({"color": "cmyk"})");
  refuses(R"({"std": [0]})");
  refuses(R"({"mean": [1, 2]})");
}

}  // namespace
}  // namespace qrt::tools
