// Real TensorFlow Lite files against the outputs that TensorFlow Lite stored: int8 to the byte.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "qrt/import.h"
#include "qrt/session.h"
#include "support/npy.h"
#include "support/support.h"

namespace qrt::test {
namespace {

enum class Input {
  asStored,       // the model's own integers
  pixels,         // as floats
  unitPixels,     // in 0 … 1
  shiftedPixels,  // less 128, as s8
  keywords,       // integers of the int8 model as the floats they stand for
  frames,         // five rows of spectra, one row further each sample
  s8Frames,
};

struct Case {
  const char* model;
  const char* inputs;
  Input input;
  double tolerance;  // of a float model
};
void PrintTo(const Case& c, std::ostream* out) { *out << c.model; }

Tensor stored(const std::filesystem::path& path) {
  Result<Tensor> tensor = readNpy(path);
  EXPECT_TRUE(tensor.ok()) << tensor.status().message();
  return tensor.ok() ? *tensor : Tensor();
}

template <class T>
std::span<const T> valuesOf(const Tensor& tensor) {
  return *tensor.constantView().as<T>();
}

void fill(const Tensor& data, size_t sample, Input kind, const TensorView& input) {
  const auto count = static_cast<size_t>(input.shape.elements());
  const auto integer = [&](size_t i) -> int {
    const size_t at = sample * count + i;
    return data.dtype == DType::u8 ? valuesOf<uint8_t>(data)[at] : valuesOf<int8_t>(data)[at];
  };
  for (size_t i = 0; i < count; ++i) {
    switch (kind) {
      case Input::asStored: (*input.as<int8_t>())[i] = static_cast<int8_t>(integer(i)); break;
      case Input::shiftedPixels: (*input.as<int8_t>())[i] = static_cast<int8_t>(integer(i) - 128); break;
      case Input::pixels: (*input.as<float>())[i] = static_cast<float>(integer(i)); break;
      case Input::unitPixels: (*input.as<float>())[i] = static_cast<float>(integer(i)) / 255; break;
      case Input::keywords: (*input.as<float>())[i] = 0.5847029f * static_cast<float>(integer(i) - 83); break;
      case Input::frames: (*input.as<float>())[i] = valuesOf<float>(data)[sample * 128 + i]; break;
      case Input::s8Frames: {
        const float x = valuesOf<float>(data)[sample * 128 + i];
        const float step = std::round(x / 0.39101523f) + 89;
        (*input.as<int8_t>())[i] = static_cast<int8_t>(std::clamp(step, -128.0f, 127.0f));
      }
    }
  }
}

class TfliteZoo : public testing::TestWithParam<Case> {};

TEST_P(TfliteZoo, GivesTheStoredOutputs) {
  QRT_REQUIRE_ZOO(zoo);
  const auto& [name, inputs, kind, tolerance] = GetParam();
  const std::filesystem::path folder = zoo / "mlperf_tiny";
  const Result<Model> model = loadAnyModel(folder / (std::string(name) + ".tflite"));
  ASSERT_TRUE(model.ok()) << model.status().message();
  for (const LayerInfo& layer : model->layers()) {
    EXPECT_TRUE(layer.op != "Quantize" && layer.op != "Dequantize" && layer.op != "Transpose") << layer.name;
  }
  auto session = Session::create(*model, {.threads = 1});
  ASSERT_TRUE(session.ok()) << session.status().message();
  const Tensor data = stored(folder / inputs);
  const Tensor wanted = stored(folder / (std::string(name) + "_out.npy"));
  const auto samples = static_cast<size_t>(wanted.shape[0]);
  size_t differing = 0;
  double largest = 0;
  for (size_t sample = 0; sample < samples; ++sample) {
    fill(data, sample, kind, *session->input(0));
    ASSERT_TRUE(session->run().ok());
    const ConstTensorView output = *session->output(0);
    const auto count = static_cast<size_t>(output.shape.elements());
    ASSERT_EQ(count * samples, static_cast<size_t>(wanted.shape.elements()));
    for (size_t i = 0; i < count; ++i) {
      const size_t at = sample * count + i;
      if (output.dtype == DType::s8) {
        const int distance = std::abs((*output.as<int8_t>())[i] - valuesOf<int8_t>(wanted)[at]);
        differing += distance != 0;
        largest = std::max<double>(largest, distance);
      } else {
        const double distance = std::abs(double{(*output.as<float>())[i]} - valuesOf<float>(wanted)[at]);
        largest = std::max(largest, std::isnan(distance) ? INFINITY : distance);
      }
    }
  }
  RecordProperty("differing", static_cast<int>(differing));
  RecordProperty("largest", std::to_string(largest));
  if (wanted.dtype == DType::s8) {
    EXPECT_EQ(differing, 0u) << "by up to " << largest;
  } else {
    EXPECT_LE(largest, tolerance);
  }
}

INSTANTIATE_TEST_SUITE_P(
    MlperfTiny, TfliteZoo,
    testing::Values(Case{"ic_resnet8_int8", "ic_x.npy", Input::shiftedPixels, 0},
                    Case{"vww_mobilenet_int8", "vww_x.npy", Input::shiftedPixels, 0},
                    Case{"ad_autoencoder_int8", "ad_frames.npy", Input::s8Frames, 0},
                    Case{"kws_dscnn_int8", "kws01_x.npy", Input::asStored, 0},
                    Case{"ic_resnet8_fp32", "ic_x.npy", Input::pixels, 1e-4},
                    Case{"vww_mobilenet_fp32", "vww_x.npy", Input::unitPixels, 1e-4},
                    Case{"kws_dscnn_fp32", "kws01_x.npy", Input::keywords, 1e-4},
                    Case{"ad_autoencoder_fp32", "ad_frames.npy", Input::frames, 6e-3}),
    [](const auto& test) { return std::string(test.param.model); });

struct ImageNetCase {
  const char* model;
  const char* photos;     // of the float twin
};
void PrintTo(const ImageNetCase& c, std::ostream* out) { *out << c.model; }

class ImageNetZoo : public testing::TestWithParam<ImageNetCase> {};

TEST_P(ImageNetZoo, GivesTheStoredProbabilities) {
  QRT_REQUIRE_ZOO(zoo);
  const std::filesystem::path folder = zoo / "imagenet";
  const Result<Model> model = loadAnyModel(folder / (std::string(GetParam().model) + ".tflite"));
  ASSERT_TRUE(model.ok()) << model.status().message();
  const auto& layers = model->layers();
  for (size_t i = 1; i + 1 < layers.size(); ++i) {
    const bool converts = layers[i].op == "Quantize" || layers[i].op == "Dequantize" || layers[i].op == "Requantize";
    EXPECT_FALSE(converts) << layers[i].name;
  }
  auto session = Session::create(*model, {.threads = 1});
  ASSERT_TRUE(session.ok()) << session.status().message();
  for (const LayerPlacement& layer : session->placement().layers) EXPECT_EQ(layer.actual, "cpu-int8") << layer.reason;
  const Tensor photos = stored(folder / GetParam().photos);
  const Tensor wanted = stored(folder / (std::string(GetParam().model) + ".prob.npy"));
  const auto pixels = *session->input(0)->as<uint8_t>();
  const size_t area = pixels.size() / 3;
  size_t differing = 0;
  int largest = 0;
  for (size_t photo = 0; photo < 16; ++photo) {
    for (size_t i = 0; i < pixels.size(); ++i) {  // NCHW → NHWC
      const float x = valuesOf<float>(photos)[photo * pixels.size() + i % 3 * area + i / 3];
      pixels[i] = static_cast<uint8_t>(128 * x + 128);
    }
    ASSERT_TRUE(session->run().ok());
    const auto found = *session->output(0)->as<uint8_t>();
    for (size_t i = 0; i < found.size(); ++i) {
      const int distance = std::abs(found[i] - valuesOf<uint8_t>(wanted)[photo * found.size() + i]);
      differing += distance != 0;
      largest = std::max(largest, distance);
    }
  }
  EXPECT_EQ(differing, 0u) << "of 16,016, by up to " << largest;
}

INSTANTIATE_TEST_SUITE_P(
    ImageNet, ImageNetZoo,
    testing::Values(ImageNetCase{"tf2_mobilenet_v2_1.0_224_ptq", "mobilenet_v2_float.input.npy"},
                    ImageNetCase{"mobilenet_v2_1.0_224_quant", "mobilenet_v2_float.input.npy"},
                    ImageNetCase{"mobilenet_v1_0.25_128_quant", "mobilenet_v1_0.25_128_float.input.npy"},
                    ImageNetCase{"mobilenet_v1_0.5_160_quant", "mobilenet_v1_0.5_160_float.input.npy"}));

}  // namespace
}  // namespace qrt::test
