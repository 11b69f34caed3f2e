#include "common/image.h"

#include <gtest/gtest.h>

#include <cmath>

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
