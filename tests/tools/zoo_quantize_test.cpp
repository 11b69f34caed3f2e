// Accuracy of the default recipe on real models: what a user gets who changes nothing.
#include <gtest/gtest.h>

#include "common/evaluate.h"
#include "common/samples.h"
#include "support/support.h"

namespace qrt::tools {
namespace {

struct Case {
  const char* model;
  const char* preprocessing;
};

class ZooQuantize : public testing::TestWithParam<Case> {};

TEST_P(ZooQuantize, DefaultRecipeLosesAtMostOnePoint) {
  QRT_REQUIRE_ZOO(zoo);
  const std::filesystem::path folder = zoo / "imagenet";
  const std::string preprocess = (folder / GetParam().preprocessing).string();
  const Model model = orFail(loadAnyModel(folder / GetParam().model));
  const Recipe recipe = orFail(makeRecipe(model));
  Calibrator calibrator = orFail(Calibrator::create(model, recipe));
  SampleReader samples({(folder / "calib_list.txt").string(), preprocess}, model, 0, 0);
  for (size_t i = 0; orFail(samples.load(i, {orFail(calibrator.input(0))})); ++i) orFail(calibrator.feed());
  const Model int8 = orFail(quantize(model, orFail(calibrator.statistics()), recipe));

  const Dataset data = Dataset::open((folder / "test_list.txt").string());
  const auto top1 = [&](const Model& measured) {
    Session session = orFail(Session::create(measured));
    return evaluate(session, measured, data, preprocess, 0).top1();
  };
  EXPECT_GE(top1(int8), top1(model) - 0.01);
}

INSTANTIATE_TEST_SUITE_P(ImageNet, ZooQuantize,
                         testing::Values(Case{"mobilenet_v1_0.25_128_float.onnx", "preprocess_128.json"},
                                         Case{"mobilenet_v1_0.5_160_float.onnx", "preprocess_160.json"},
                                         Case{"mobilenet_v2_float.onnx", "preprocess_224.json"}),
                         [](const auto& test) { return "model" + std::to_string(test.index); });

}  // namespace
}  // namespace qrt::tools
