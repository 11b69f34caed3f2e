// The quantization guide's example: a float model and samples in, an int8 model out.
#include <algorithm>
#include <cstdio>
#include <vector>

#include <qrt/import.h>

// [guide]
#include <qrt/qrt.h>
#include <qrt/quantize.h>

// `samples` holds inputs of the model's only input, one after the other.
qrt::Result<qrt::Model> toInt8(const qrt::Model& model, const std::vector<float>& samples) {
  qrt::Result<qrt::Recipe> recipe = qrt::makeRecipe(model);  // or Recipe::fromJson(text, model)
  if (!recipe.ok()) return recipe.status();
  recipe->biasCorrection = true;

  qrt::Result<qrt::Calibrator> calibrator = qrt::Calibrator::create(model, *recipe);
  if (!calibrator.ok()) return calibrator.status();
  std::span<float> input = calibrator->input(0)->as<float>().value();
  for (size_t at = 0; at + input.size() <= samples.size(); at += input.size()) {
    std::copy_n(samples.begin() + at, input.size(), input.begin());
    if (qrt::Status fed = calibrator->feed(); !fed.ok()) return fed;
  }
  qrt::Result<qrt::Statistics> statistics = calibrator->statistics();
  if (!statistics.ok()) return statistics.status();

  qrt::QuantizeOptions options;  // bias correction and AdaRound run the model on some samples
  options.samples = [&](size_t index, const std::vector<qrt::TensorView>& inputs) -> qrt::Result<bool> {
    std::span<float> values = inputs[0].as<float>().value();
    if ((index + 1) * values.size() > samples.size()) return false;
    std::copy_n(samples.begin() + index * values.size(), values.size(), values.begin());
    return true;
  };
  return qrt::quantize(model, *statistics, *recipe, options);
}
// [guide]

int main(int argc, char** argv) {
  if (argc != 4) return std::fprintf(stderr, "usage: quantize MODEL.onnx SAMPLES.f32 OUT.qrt\n"), 2;
  std::FILE* file = std::fopen(argv[2], "rb");
  if (file == nullptr) return std::perror(argv[2]), 2;
  std::vector<float> samples(1 << 20);
  samples.resize(std::fread(samples.data(), sizeof(float), samples.size(), file));
  std::fclose(file);
  const qrt::Result<qrt::Model> model = qrt::importOnnx(argv[1]);
  if (!model.ok()) return std::fprintf(stderr, "%s\n", model.status().message().c_str()), 2;
  const qrt::Result<qrt::Model> int8 = toInt8(*model, samples);
  const qrt::Status saved = int8.ok() ? int8->save(argv[3]) : int8.status();
  if (!saved.ok()) return std::fprintf(stderr, "%s\n", saved.message().c_str()), 2;
  std::printf("%zu of %zu bytes\n", int8->constantBytes(), model->constantBytes());
}
