// An app that quantizes: loads a model, calibrates it on ones, runs the int8 model on them, prints the first
// output rounded to integers.
#include <qrt/qrt.h>
#include <qrt/quantize.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace {

int fail(const qrt::Status& status) {
  std::fprintf(stderr, "%s\n", status.message().c_str());
  return 2;
}

qrt::Status fillOnes(qrt::Result<qrt::TensorView> input) {
  if (!input.ok()) return input.status();
  const auto values = input->as<float>();
  if (!values.ok()) return values.status();
  std::fill(values->begin(), values->end(), 1.0f);
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  const auto model = qrt::Model::load(argc > 1 ? argv[1] : "");
  if (!model.ok()) return fail(model.status());
  const auto recipe = qrt::makeRecipe(*model);
  if (!recipe.ok()) return fail(recipe.status());
  auto calibrator = qrt::Calibrator::create(*model, *recipe);
  if (!calibrator.ok()) return fail(calibrator.status());
  if (qrt::Status status = fillOnes(calibrator->input(0)); !status.ok()) return fail(status);
  if (qrt::Status status = calibrator->feed(); !status.ok()) return fail(status);
  const auto statistics = calibrator->statistics();
  if (!statistics.ok()) return fail(statistics.status());
  const auto int8 = qrt::quantize(*model, *statistics, *recipe);
  if (!int8.ok()) return fail(int8.status());
  auto session = qrt::Session::create(*int8);
  if (!session.ok()) return fail(session.status());
  if (qrt::Status status = fillOnes(session->input(0)); !status.ok()) return fail(status);
  if (qrt::Status status = session->run(); !status.ok()) return fail(status);
  for (const float value : session->output(0)->as<float>().value()) std::printf("%ld ", std::lround(value));
  std::printf("\n");
  return 0;
}
