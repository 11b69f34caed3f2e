#include "common/image.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "common/cli.h"

namespace qrt::tools {
namespace {

double filterWeight(Filter filter, double x) {
  x = std::abs(x);
  if (filter == Filter::bilinear) return std::max(0.0, 1.0 - x);
  constexpr double a = -0.5;  // Pillow's bicubic (Keys)
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  if (x < 2) return (((x - 5) * x + 8) * x - 4) * a;
  return 0;
}

constexpr int kPrecisionBits = 32 - 8 - 2;

// For each output index: the first source index and fixed-point weights, normalized to sum 1.
struct Taps {
  std::vector<int> first;
  std::vector<std::vector<int>> weights;
};

Taps filterTaps(int from, int to, Filter filter, bool antialias) {
  Taps taps;
  const double scale = static_cast<double>(from) / to;
  const double widen = antialias ? std::max(scale, 1.0) : 1.0;
  const double support = (filter == Filter::bicubic ? 2.0 : 1.0) * widen;
  for (int o = 0; o < to; ++o) {
    const double center = (o + 0.5) * scale;
    if (filter == Filter::nearest) {
      taps.first.push_back(std::min(static_cast<int>(center), from - 1));
      taps.weights.push_back({1 << kPrecisionBits});
      continue;
    }
    const int first = std::max(static_cast<int>(center - support + 0.5), 0);
    const int last = std::min(static_cast<int>(center + support + 0.5), from);
    std::vector<double> weights;
    double sum = 0;
    for (int i = first; i < last; ++i) {
      weights.push_back(filterWeight(filter, (i + 0.5 - center) / widen));
      sum += weights.back();
    }
    taps.first.push_back(first);
    std::vector<int>& fixed = taps.weights.emplace_back();
    for (const double w : weights) {
      const double scaled = w / sum * (1 << kPrecisionBits);
      fixed.push_back(static_cast<int>(scaled < 0 ? scaled - 0.5 : scaled + 0.5));
    }
  }
  return taps;
}

// One pass: dst[o] = Σ weight·src[first + i] for `lines` lines of `channels` interleaved values.
void filterPass(const uint8_t* src, uint8_t* dst, const Taps& taps, int lines, int channels, size_t srcLine,
                size_t srcStep, size_t dstLine, size_t dstStep) {
  for (int line = 0; line < lines; ++line) {
    for (size_t o = 0; o < taps.first.size(); ++o) {
      for (int c = 0; c < channels; ++c) {
        const uint8_t* from = src + line * srcLine + static_cast<size_t>(taps.first[o]) * srcStep + c;
        int sum = 1 << (kPrecisionBits - 1);
        for (const int weight : taps.weights[o]) {
          sum += weight * *from;
          from += srcStep;
        }
        dst[line * dstLine + o * dstStep + c] = static_cast<uint8_t>(std::clamp(sum >> kPrecisionBits, 0, 255));
      }
    }
  }
}

Image centerCrop(const Image& image, int height, int width) {
  if (height > image.height || width > image.width) {
    throw Failure{format("center_crop %dx%d of an image of %dx%d (height x width)", height, width, image.height,
                         image.width)};
  }
  const int top = (image.height - height) / 2, left = (image.width - width) / 2;
  Image out{width, height, image.channels, {}};
  for (int y = 0; y < height; ++y) {
    const uint8_t* row = image.pixels.data() + (static_cast<size_t>(top + y) * image.width + left) * image.channels;
    out.pixels.insert(out.pixels.end(), row, row + static_cast<size_t>(width) * image.channels);
  }
  return out;
}

Image applyStep(const Image& image, const Preprocessing::Step& step) {
  switch (step.kind) {
    case Preprocessing::Step::resize:
      return resize(image, step.width, step.height, step.filter, step.antialias);
    case Preprocessing::Step::resizeShort: {
      const int shorter = std::min(image.width, image.height);
      const auto scaled = [&](int side) {
        const int64_t size = static_cast<int64_t>(side) * step.height / shorter;
        if (size > kMostImageSide) {
          throw Failure{format("resize_short %d makes %lld pixels of %d, wanted at most %d", step.height,
                               static_cast<long long>(size), side, kMostImageSide)};
        }
        return static_cast<int>(size);
      };
      return resize(image, scaled(image.width), scaled(image.height), step.filter, step.antialias);
    }
    case Preprocessing::Step::centerCrop:
      return centerCrop(image, step.height, step.width);
  }
  return image;
}

Preprocessing::Step parseStep(const nlohmann::json& json, const std::string& where) {
  Preprocessing::Step step;
  const auto size = [&](const char* key) {
    const auto& value = json.at(key);
    if (value.is_array() && value.size() != 2) throw Failure{where + ": " + key + " wants [height, width]"};
    step.height = value.is_array() ? value.at(0).get<int>() : value.get<int>();
    step.width = value.is_array() ? value.at(1).get<int>() : step.height;
    if (step.height < 1 || step.width < 1 || step.height > 32768 || step.width > 32768) {
      throw Failure{where + ": " + key + " wants sizes from 1 to 32768"};
    }
  };
  if (json.contains("resize")) {
    size("resize");
  } else if (json.contains("resize_short")) {
    step.kind = Preprocessing::Step::resizeShort;
    size("resize_short");
  } else if (json.contains("center_crop")) {
    step.kind = Preprocessing::Step::centerCrop;
    size("center_crop");
  } else {
    throw Failure{where + ": step " + json.dump() + ", wanted resize, resize_short or center_crop"};
  }
  const std::string filter = json.value("filter", "bilinear");
  if (filter != "nearest" && filter != "bilinear" && filter != "bicubic") {
    throw Failure{where + ": filter '" + filter + "', wanted nearest, bilinear or bicubic"};
  }
  step.filter = filter == "nearest" ? Filter::nearest : filter == "bilinear" ? Filter::bilinear : Filter::bicubic;
  step.antialias = json.value("antialias", true);
  return step;
}

// What becomes of the pixels of one channel.
class PixelRule {
 public:
  PixelRule(const Preprocessing& how, int channel, const QuantParams* quant) : pixel_(how.mean.empty()) {
    if (pixel_) return;
    const auto at = [&](const std::vector<float>& values) {
      return values[values.size() == 1 ? 0 : static_cast<size_t>(channel)];
    };
    mean_ = at(how.mean);
    std_ = at(how.std);
    if (quant == nullptr) return;
    scale_ = quant->scales[0];
    zeroPoint_ = static_cast<float>(quant->zeroPoints[0]);
  }

  template <class T>
  T value(uint8_t pixel) const {
    if (pixel_) return static_cast<T>(std::is_same_v<T, int8_t> ? pixel - 128 : pixel);
    const float real = (static_cast<float>(pixel) - mean_) / std_;
    if constexpr (std::is_same_v<T, float>) return real;
    const float step = std::nearbyint(real / scale_) + zeroPoint_;
    using Limits = std::numeric_limits<T>;
    return static_cast<T>(std::clamp(step, static_cast<float>(Limits::min()), static_cast<float>(Limits::max())));
  }

 private:
  bool pixel_;
  float mean_ = 0, std_ = 1, scale_ = 1, zeroPoint_ = 0;
};

template <class T>
void store(const Image& image, const Preprocessing& how, const ImageLayout& layout, const TensorView& input) {
  T* const dst = static_cast<T*>(input.data);
  const int channels = layout.channels;
  const size_t area = static_cast<size_t>(layout.height) * layout.width;
  for (int c = 0; c < channels; ++c) {
    const int source = how.color == Preprocessing::bgr ? channels - 1 - c : c;
    const PixelRule rule(how, c, input.quant);
    for (size_t i = 0; i < area; ++i) {
      dst[layout.channelsFirst ? c * area + i : i * channels + c] = rule.value<T>(image.pixels[i * channels + source]);
    }
  }
}

}  // namespace

Image resize(const Image& image, int width, int height, Filter filter, bool antialias) {
  Image rows{width, image.height, image.channels, {}};
  const size_t c = image.channels;
  rows.pixels.resize(static_cast<size_t>(width) * image.height * c);
  filterPass(image.pixels.data(), rows.pixels.data(), filterTaps(image.width, width, filter, antialias), image.height,
             image.channels, image.width * c, c, width * c, c);
  Image out{width, height, image.channels, {}};
  out.pixels.resize(static_cast<size_t>(width) * height * c);
  filterPass(rows.pixels.data(), out.pixels.data(), filterTaps(image.height, height, filter, antialias), width,
             image.channels, c, width * c, c, width * c);
  return out;
}

Preprocessing Preprocessing::parse(const std::string& text, const std::string& source) {
  const nlohmann::json json = nlohmann::json::parse(text, nullptr, false);
  if (!json.is_object()) throw Failure{source + ": not a JSON object"};
  Preprocessing how;
  try {
    if (json.contains("steps")) {
      for (const auto& step : json.at("steps")) how.steps.push_back(parseStep(step, source));
    }
    const std::string color = json.value("color", "rgb");
    if (color != "rgb" && color != "bgr" && color != "gray") {
      throw Failure{source + ": color '" + color + "', wanted rgb, bgr or gray"};
    }
    how.color = color == "rgb" ? rgb : color == "bgr" ? bgr : gray;
    if (json.contains("mean") || json.contains("std")) {
      how.mean = json.value("mean", std::vector<float>{0});
      how.std = json.value("std", std::vector<float>{1});
    }
  } catch (const nlohmann::json::exception& error) {
    throw Failure{source + ": " + error.what()};
  }
  for (const auto* values : {&how.mean, &how.std}) {
    if (values->size() > 1 && values->size() != static_cast<size_t>(how.channels())) {
      throw Failure{source + ": " + std::to_string(values->size()) + " values in mean or std, wanted 1 or " +
                    std::to_string(how.channels())};
    }
  }
  if (std::count(how.std.begin(), how.std.end(), 0.0f) > 0) throw Failure{source + ": std is 0"};
  return how;
}

Preprocessing Preprocessing::imageNet(int height, int width) {
  Preprocessing how;
  const int shorter = static_cast<int>(std::lround(std::max(height, width) * 256 / 224.0));
  how.steps = {{Step::resizeShort, shorter, shorter}, {Step::centerCrop, height, width}};
  how.mean = {123.675f, 116.28f, 103.53f};
  how.std = {58.395f, 57.12f, 57.375f};
  return how;
}

ImageLayout ImageLayout::of(const Shape& shape) {
  if (shape.rank() == 4 && shape[0] == 1) {
    const auto channels = [](int64_t dim) { return dim == 1 || dim == 3; };
    const auto dim = [&](int axis) { return static_cast<int>(shape[axis]); };
    if (channels(shape[1])) return {true, dim(2), dim(3), dim(1)};
    if (channels(shape[3])) return {false, dim(1), dim(2), dim(3)};
  }
  throw Failure{"an image for an input of shape " + shape.toString() +
                ", wanted [1,C,H,W] or [1,H,W,C] with 1 or 3 channels (a batch can be an .npy)"};
}

void preprocess(const Image& image, const Preprocessing& how, const TensorView& input) {
  const ImageLayout layout = ImageLayout::of(input.shape);
  Image out = image;
  for (const Preprocessing::Step& step : how.steps) out = applyStep(out, step);
  if (out.width != layout.width || out.height != layout.height || out.channels != layout.channels) {
    throw Failure{format("preprocessing gives %dx%dx%d (height x width x channels), the model wants %dx%dx%d",
                         out.height, out.width, out.channels, layout.height, layout.width, layout.channels)};
  }
  switch (input.dtype) {
    case DType::f32: return store<float>(out, how, layout, input);
    case DType::u8: return store<uint8_t>(out, how, layout, input);
    case DType::s8: return store<int8_t>(out, how, layout, input);
    default: throw Failure{"an image for an input of type " + std::string(dtypeName(input.dtype)) + ", wanted f32, u8 or s8"};
  }
}

}  // namespace qrt::tools
