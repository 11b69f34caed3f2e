// Photos to tensors: decoding, and the preprocessing that a model wants, as data.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "qrt/tensor.h"

namespace qrt::tools {

/// 8-bit pixels, rows of interleaved channels.
struct Image {
  int width = 0;
  int height = 0;
  int channels = 0;
  std::vector<uint8_t> pixels;
};

/// Decodes JPEG, PNG, BMP or PNM to 3 channels (RGB) or 1 (grey). Throws Failure.
Image readImage(const std::filesystem::path& path, int channels);
/// Whether the name looks like an image's.
bool isImageName(const std::filesystem::path& path);

/// Pixels: of images that are read, and that resizing makes.
inline constexpr int kMostImageSide = 32768;

enum class Filter { nearest, bilinear, bicubic };

/// Resizes in 8 bits, first rows, then columns. With `antialias` the filter widens when it shrinks, as
/// Pillow does, and gives Pillow's pixels.
Image resize(const Image& image, int width, int height, Filter filter, bool antialias);

/// From photo to input: steps in order, then colour order, then (pixel − mean) / std, which an u8 or s8 input gets in
/// its quantization parameters. Without mean and std an input gets the pixel itself, as s8 the pixel − 128.
/// JSON: {"steps": [{"resize": [h, w], "filter": "bilinear", "antialias": true} | {"resize_short": n, …}
/// | {"center_crop": [h, w]}], "color": "rgb" | "bgr" | "gray", "mean": […], "std": […]}
struct Preprocessing {
  struct Step {
    enum Kind { resize, resizeShort, centerCrop } kind = resize;
    int height = 0;
    int width = 0;
    Filter filter = Filter::bilinear;
    bool antialias = true;
  };
  std::vector<Step> steps;
  enum Color { rgb, bgr, gray } color = rgb;
  std::vector<float> mean, std;  ///< both empty, or each one value or one for each channel

  /// Throws Failure, naming `source`.
  static Preprocessing parse(const std::string& json, const std::string& source);
  /// What torchvision's ImageNet models want at that size.
  static Preprocessing imageNet(int height, int width);
  int channels() const { return color == gray ? 1 : 3; }
};

/// Of --preprocess.
inline constexpr const char* kPreprocessHelp =
    "JSON: how a photo becomes an input. Real numbers are quantized for an u8 or s8 input; without mean and std it gets "
    "the pixels themselves, s8 less 128";

/// Where an input's channels are: [N,C,H,W] or [N,H,W,C].
struct ImageLayout {
  bool channelsFirst = true;
  int height = 0;
  int width = 0;
  int channels = 0;
  /// Throws Failure if `shape` is not that of one image.
  static ImageLayout of(const Shape& shape);
};

/// Runs the steps on `image` and writes one sample to an input of f32, u8 or s8. Throws Failure if the size does not
/// match.
void preprocess(const Image& image, const Preprocessing& how, const TensorView& input);

}  // namespace qrt::tools
