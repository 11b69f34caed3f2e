// Top-1 of the ImageNet models on 800 real photos: of float ones against what ONNX Runtime gets with Pillow's pixels.
// Int8 ones give the same numbers everywhere. With the pixels of libjpeg they are TensorFlow Lite's, 365, 532, 703 and
// 693 of 800; those of our decoder differ by a step here and there.
#include <gtest/gtest.h>

#include "common/cli.h"
#include "common/evaluate.h"
#include "support/support.h"

namespace qrt::tools {
namespace {

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
  const Accuracy accuracy = evaluate(session, model, data, (folder / GetParam().preprocessing).string(), 0);
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
                                         Case{"tf2_mobilenet_v2_1.0_224_ptq.tflite", "preprocess_224.json", 693}));

}  // namespace
}  // namespace qrt::tools
