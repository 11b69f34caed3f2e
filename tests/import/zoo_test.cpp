// Real models against the outputs that other runtimes stored for real inputs.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <functional>

#include "graph/model_data.h"
#include "import/onnx_models.h"
#include "qrt/session.h"
#include "support/interpreter.h"
#include "support/npy.h"
#include "support/support.h"

namespace qrt::test {
namespace {

namespace fs = std::filesystem;

Tensor readNpyOrFail(const fs::path& path) {
  Result<Tensor> tensor = readNpy(path);
  EXPECT_TRUE(tensor.ok()) << tensor.status().message();
  return tensor.ok() ? std::move(tensor).value() : Tensor{};
}

// Element i of a tensor of any numeric type that the zoo has.
double element(const Tensor& tensor, size_t i) {
  const ConstTensorView view = tensor.constantView();
  if (const auto f32 = view.as<float>(); f32.ok()) return (*f32)[i];
  if (const auto s8 = view.as<int8_t>(); s8.ok()) return (*s8)[i];
  return (*view.as<uint8_t>())[i];
}

// Differences between what a model gives and what is stored.
struct Difference {
  double largest = 0;
  double sum = 0;
  int64_t count = 0;
  double mean() const { return sum / static_cast<double>(count); }
};

// A model in a session, run on samples one by one.
class Runner {
 public:
  explicit Runner(const fs::path& path) {
    const Result<Model> model = loadAnyModel(path);
    EXPECT_TRUE(model.ok()) << model.status().message();
    if (!model.ok()) return;
    Result<Session> session = Session::create(*model, {.threads = 2});
    EXPECT_TRUE(session.ok()) << session.status().message();
    if (session.ok()) session_.emplace(std::move(session).value());
  }

  /// `value(i)` is element i of the model's only input.
  void run(const std::function<double(size_t)>& value) {
    if (!session_) return;  // the constructor has said why
    const std::span<float> input = *session_->input(0)->as<float>();
    for (size_t i = 0; i < input.size(); ++i) input[i] = static_cast<float>(value(i));
    const Status status = session_->run();
    ASSERT_TRUE(status.ok()) << status.message();
  }

  /// Compares an output with row `row` of a stored one.
  void compare(std::string_view output, const Tensor& stored, int64_t row, Difference& difference) {
    if (!session_) return;
    const Result<ConstTensorView> view = session_->output(output);
    ASSERT_TRUE(view.ok()) << view.status().message();
    const std::span<const float> found = *view->as<float>();
    ASSERT_EQ(static_cast<int64_t>(found.size()), stored.shape.elements() / stored.shape[0]);
    for (size_t i = 0; i < found.size(); ++i) {
      const double wanted = element(stored, static_cast<size_t>(row) * found.size() + i);
      const double distance = std::abs(found[i] - wanted);
      difference.largest = std::isnan(distance) ? INFINITY : std::max(difference.largest, distance);
      difference.sum += distance;
      ++difference.count;
    }
  }

 private:
  std::optional<Session> session_;
};

void report(const char* what, const Difference& difference) {
  ASSERT_GT(difference.count, 0);
  std::printf("%s: largest difference %.3g, mean %.3g of %lld values\n", what, difference.largest,
              difference.mean(), static_cast<long long>(difference.count));
}

class UltraFace : public testing::TestWithParam<const char*> {};

TEST_P(UltraFace, ScoresAndBoxes) {
  QRT_REQUIRE_ZOO(zoo);
  const std::string name = GetParam();
  const std::string scoresOf = name.substr(0, name.find("_without"));
  const Tensor inputs = readNpyOrFail(zoo / "ultraface/inputs.npy");
  const Tensor scores = readNpyOrFail(zoo / "ultraface" / (scoresOf + ".scores.npy"));
  const Tensor boxes = readNpyOrFail(zoo / "ultraface" / (name + ".boxes.npy"));
  Runner runner(zoo / "ultraface" / (name + ".onnx"));
  const size_t size = 3 * 240 * 320;
  Difference scoreDifference;
  Difference boxDifference;
  for (int64_t photo = 0; photo < 8; ++photo) {
    runner.run([&](size_t i) { return element(inputs, static_cast<size_t>(photo) * size + i); });
    runner.compare("scores", scores, photo, scoreDifference);
    runner.compare("boxes", boxes, photo, boxDifference);
  }
  report("scores", scoreDifference);
  report("boxes", boxDifference);
  EXPECT_LE(scoreDifference.largest, 1e-4);
  EXPECT_LE(boxDifference.largest, 1e-4);
}

INSTANTIATE_TEST_SUITE_P(, UltraFace,
                         testing::Values("version-slim-320", "version-RFB-320",
                                         "version-slim-320_without_postprocessing",
                                         "version-RFB-320_without_postprocessing"),
                         [](const auto& param) {
                           std::string name = param.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

class ImageNet : public testing::TestWithParam<const char*> {};

TEST_P(ImageNet, Logits) {
  QRT_REQUIRE_ZOO(zoo);
  const std::string path = (zoo / "imagenet" / GetParam()).string();
  const Tensor inputs = readNpyOrFail(path + ".input.npy");
  const Tensor logits = readNpyOrFail(path + ".logits.npy");
  Runner runner(path + ".onnx");
  const auto size = static_cast<size_t>(inputs.shape.elements() / inputs.shape[0]);
  Difference difference;
  for (int64_t photo = 0; photo < inputs.shape[0]; ++photo) {
    runner.run([&](size_t i) { return element(inputs, static_cast<size_t>(photo) * size + i); });
    runner.compare("logits", logits, photo, difference);
  }
  report("logits", difference);
  EXPECT_LE(difference.largest, 1e-3);
}

INSTANTIATE_TEST_SUITE_P(, ImageNet,
                         testing::Values("mobilenet_v2_float", "mobilenet_v1_0.25_128_float",
                                         "mobilenet_v1_0.5_160_float"),
                         [](const auto& param) {
                           std::string name = param.param;
                           std::replace(name.begin(), name.end(), '.', '_');
                           return name;
                         });

// Pictures are stored [N,H,W,C]; the model wants [N,C,H,W].
size_t nhwcIndex(size_t nchw, size_t size, size_t channels) {
  const size_t pixel = nchw % (size * size);
  return pixel * channels + nchw / (size * size);
}

void checkPictures(const fs::path& folder, const char* name, size_t size, double scale) {
  const std::string prefix = std::string(name).substr(0, std::string(name).find('_'));
  const Tensor pictures = readNpyOrFail(folder / (prefix + "_x.npy"));
  const Tensor wanted = readNpyOrFail(folder / (std::string(name) + "_fp32_out.npy"));
  Runner runner(folder / (std::string(name) + "_fp32.onnx"));
  Difference difference;
  for (int64_t row = 0; row < pictures.shape[0]; ++row) {
    const size_t first = static_cast<size_t>(row) * size * size * 3;
    runner.run([&](size_t i) { return element(pictures, first + nhwcIndex(i, size, 3)) * scale; });
    runner.compare("prob", wanted, row, difference);
  }
  report(name, difference);
  EXPECT_LE(difference.largest, 1e-5);
}

TEST(MlperfTiny, ImageClassification) {
  QRT_REQUIRE_ZOO(zoo);
  checkPictures(zoo / "mlperf_tiny", "ic_resnet8", 32, 1);
}

TEST(MlperfTiny, VisualWakeWords) {
  QRT_REQUIRE_ZOO(zoo);
  checkPictures(zoo / "mlperf_tiny", "vww_mobilenet", 96, 1.0 / 255);
}

TEST(MlperfTiny, Keywords) {
  QRT_REQUIRE_ZOO(zoo);
  const fs::path folder = zoo / "mlperf_tiny";
  const Tensor samples = readNpyOrFail(folder / "kws01_x.npy");
  const Tensor wanted = readNpyOrFail(folder / "kws_dscnn_fp32_out.npy");
  for (const char* name : {"kws_dscnn_fp32.onnx", "kws_dscnn_bn_fp32.onnx"}) {
    Runner runner(folder / name);
    Difference difference;
    for (int64_t row = 0; row < samples.shape[0]; ++row) {
      const size_t first = static_cast<size_t>(row) * 490;
      runner.run([&](size_t i) { return 0.5847029 * (element(samples, first + i) - 83); });
      runner.compare("prob", wanted, row, difference);
    }
    report(name, difference);
    EXPECT_LE(difference.largest, 1e-5);
  }
}

// Badly conditioned: the runtimes that the zoo compares differ by up to 5.4e-3.
TEST(MlperfTiny, AnomalyDetection) {
  QRT_REQUIRE_ZOO(zoo);
  const fs::path folder = zoo / "mlperf_tiny";
  const Tensor frames = readNpyOrFail(folder / "ad_frames.npy");
  const Tensor wanted = readNpyOrFail(folder / "ad_autoencoder_fp32_out.npy");
  Runner runner(folder / "ad_autoencoder_fp32.onnx");
  Difference difference;
  for (int64_t window = 0; window < wanted.shape[0]; ++window) {
    runner.run([&](size_t i) { return element(frames, static_cast<size_t>(window) * 128 + i); });
    runner.compare("output", wanted, window, difference);
  }
  report("ad_autoencoder", difference);
  EXPECT_LE(difference.largest, 6e-3);
  EXPECT_LE(difference.mean(), 1e-4);
}

// The importer and the reference kernels alone, without passes and runtime.
TEST(MlperfTiny, KeywordsOnTheInterpreter) {
  QRT_REQUIRE_ZOO(zoo);
  const fs::path folder = zoo / "mlperf_tiny";
  const Tensor samples = readNpyOrFail(folder / "kws01_x.npy");
  const Tensor wanted = readNpyOrFail(folder / "kws_dscnn_fp32_out.npy");
  const Result<Model> model = importOnnx(folder / "kws_dscnn_bn_fp32.onnx", {.optimize = false});
  ASSERT_TRUE(model.ok()) << model.status().message();
  for (size_t row = 0; row < 3; ++row) {
    std::vector<float> x(490);
    for (size_t i = 0; i < x.size(); ++i) {
      x[i] = static_cast<float>(0.5847029 * (element(samples, row * 490 + i) - 83));
    }
    const Tensor input{"input",
                       DType::f32,
                       Shape{1, 1, 49, 10},
                       {},
                       ConstantData::copyOf(std::as_bytes(std::span(x)))};
    const auto outputs = interpret(model->data().graph, {&input, 1});
    ASSERT_TRUE(outputs.ok()) << outputs.status().message();
    for (size_t i = 0; i < 12; ++i) {
      EXPECT_NEAR(element(outputs->front(), i), element(wanted, row * 12 + i), 1e-5);
    }
  }
}

}  // namespace
}  // namespace qrt::test
