// Image files to pixels: JPEG by libjpeg-turbo, whose pixels are those that other tools see, the rest by stb_image.
#include <turbojpeg.h>

#include <algorithm>
#include <memory>

#include "common/cli.h"
#include "common/image.h"
#include "common/inflate.h"
#include "common/npy.h"

#define STB_IMAGE_IMPLEMENTATION
#define STBI_FAILURE_USERMSG
#define STBI_NO_STDIO
#define STBI_NO_HDR
#define STBI_NO_LINEAR
#define STBI_MAX_DIMENSIONS qrt::tools::kMostImageSide
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic ignored "-Wsign-compare"
#pragma GCC diagnostic ignored "-Wunused-but-set-variable"
#include <stb/stb_image.h>
#pragma GCC diagnostic pop

namespace qrt::tools {
namespace {

bool isJpeg(std::span<const std::byte> bytes) {
  return bytes.size() > 2 && bytes[0] == std::byte{0xff} && bytes[1] == std::byte{0xd8};
}

Image readJpeg(std::span<const std::byte> bytes, int channels, const std::string& name) {
  const std::unique_ptr<void, int (*)(tjhandle)> decoder(tjInitDecompress(), tjDestroy);
  const auto fail = [&] {
    return Failure{name + ": not a JPEG that can be read (" + tjGetErrorStr2(decoder.get()) + ")"};
  };
  const auto* data = reinterpret_cast<const unsigned char*>(bytes.data());
  Image image{0, 0, channels, {}};
  int subsampling = 0, space = 0;
  if (!decoder || tjDecompressHeader3(decoder.get(), data, bytes.size(), &image.width, &image.height, &subsampling,
                                      &space) != 0) {
    throw fail();
  }
  if (image.width > kMostImageSide || image.height > kMostImageSide) {
    throw Failure{name + ": " + std::to_string(image.width) + " x " + std::to_string(image.height) +
                  " pixels, wanted at most " + std::to_string(kMostImageSide) + " each way"};
  }
  image.pixels.resize(static_cast<size_t>(image.width) * image.height * channels);
  const int format = channels == 1 ? TJPF_GRAY : TJPF_RGB;
  // A picture that ends too soon is a picture still, as for stb_image and Pillow's users: only a warning.
  if (tjDecompress2(decoder.get(), data, bytes.size(), image.pixels.data(), image.width, 0, image.height, format,
                    TJFLAG_LIMITSCANS) != 0 &&
      tjGetErrorCode(decoder.get()) != TJERR_WARNING) {
    throw fail();
  }
  return image;
}

}  // namespace

std::vector<std::byte> inflate(std::span<const std::byte> packed, size_t size, const std::string& name) {
  // Deflate shrinks by at most 1032:1, so a larger claim is a lie.
  if (size / 1032 > packed.size() || size > INT32_MAX || packed.size() > INT32_MAX) {
    throw Failure{name + ": broken compressed data"};
  }
  std::vector<std::byte> out(size);
  const int got = stbi_zlib_decode_noheader_buffer(reinterpret_cast<char*>(out.data()), static_cast<int>(size),
                                                   reinterpret_cast<const char*>(packed.data()),
                                                   static_cast<int>(packed.size()));
  if (got < 0 || static_cast<size_t>(got) != size) throw Failure{name + ": broken compressed data"};
  return out;
}

bool isImageName(const std::filesystem::path& path) {
  std::string extension = path.extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; });
  for (const char* known : {".jpg", ".jpeg", ".png", ".bmp", ".ppm", ".pgm"}) {
    if (extension == known) return true;
  }
  return false;
}

Image readImage(const std::filesystem::path& path, int channels) {
  const std::vector<std::byte> bytes = readFile(path);
  if (isJpeg(bytes) && (channels == 1 || channels == 3)) return readJpeg(bytes, channels, path.string());
  Image image{0, 0, channels, {}};
  int found = 0;
  if (bytes.size() > INT32_MAX) throw Failure{path.string() + ": too large for an image"};
  uint8_t* pixels = stbi_load_from_memory(reinterpret_cast<const uint8_t*>(bytes.data()), static_cast<int>(bytes.size()),
                                          &image.width, &image.height, &found, channels);
  if (pixels == nullptr) {
    throw Failure{path.string() + ": not an image that can be read (" + stbi_failure_reason() + ")"};
  }
  image.pixels.assign(pixels, pixels + static_cast<size_t>(image.width) * image.height * channels);
  stbi_image_free(pixels);
  return image;
}

}  // namespace qrt::tools
