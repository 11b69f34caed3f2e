// Top-1 of the ImageNet models on 800 real photos: of float ones against what ONNX Runtime gets with Pillow's pixels.
// 8-bit ones are right as often as in TensorFlow Lite, to the photo.
#include <gtest/gtest.h>

#include <fstream>

#include "common/cli.h"
#include "common/evaluate.h"
#include "support/support.h"

namespace qrt::tools {
namespace {

constexpr std::string_view kPixels = "pixels";  // as they are

struct Case {
  const char* model;
  const char* preprocessing;
  int right;  // of 800; zoo/README.md
  int tolerance = 0;
};

void PrintTo(const Case& zooCase, std::ostream* out) { *out << zooCase.model; }

class ZooEval : public testing::TestWithParam<Case> {};

TEST_P(ZooEval, Top1IsThatOfTheReference) {
  QRT_REQUIRE_ZOO(zoo);
  const std::filesystem::path folder = zoo / "imagenet";
  const Model model = orFail(loadAnyModel(folder / GetParam().model));
  Session session = orFail(Session::create(model));
  const Dataset data = Dataset::open((folder / "test_list.txt").string());
  std::filesystem::path preprocessing = folder / GetParam().preprocessing;
  if (GetParam().preprocessing == kPixels) {
    preprocessing = std::filesystem::temp_directory_path() / "qrt_zoo_pixels.json";
    std::ofstream(preprocessing) << R"({"steps": [{"center_crop": [224, 224]}], "color": "rgb"})";
  }
  const Accuracy accuracy = evaluate(session, model, data, preprocessing.string(), 0);
  EXPECT_EQ(accuracy.samples, 800u);
  EXPECT_NEAR(static_cast<int>(accuracy.hits1), GetParam().right, GetParam().tolerance);
  RecordProperty("right", static_cast<int>(accuracy.hits1));
}

INSTANTIATE_TEST_SUITE_P(ImageNet, ZooEval,
                         testing::Values(Case{"mobilenet_v1_0.25_128_float.onnx", "preprocess_128.json", 361, 2},
                                         Case{"mobilenet_v1_0.5_160_float.onnx", "preprocess_160.json", 532, 2},
                                         Case{"mobilenet_v2_float.onnx", "preprocess_224.json", 701, 2},
                                         Case{"mobilenet_v1_0.25_128_quant.tflite", "preprocess_128.json", 365},
                                         Case{"mobilenet_v1_0.5_160_quant.tflite", "preprocess_160.json", 532},
                                         Case{"mobilenet_v2_1.0_224_quant.tflite", "preprocess_224.json", 703},
                                         Case{"tf2_mobilenet_v2_1.0_224_ptq.tflite", "pixels", 693}));

}  // namespace
}  // namespace qrt::tools
