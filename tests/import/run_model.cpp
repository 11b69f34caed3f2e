#include "import/run_model.h"

#include <algorithm>
#include <cmath>
#include <random>

#include "graph/model_data.h"
#include "support/interpreter.h"

namespace qrt::test {

size_t countOf(const Dims& dims) {
  int64_t count = 1;
  for (const int64_t dim : dims) count *= dim;
  return static_cast<size_t>(count);
}

Floats randomFloats(size_t count, unsigned seed) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<float> uniform(-1, 1);
  Floats values(count);
  for (float& value : values) value = uniform(random);
  return values;
}

namespace {

std::vector<Tensor> runOnce(const OnnxModel& model, const std::vector<Tensor>& inputs,
                            bool optimize) {
  const auto imported = model.import({.optimize = optimize});
  EXPECT_TRUE(imported.ok()) << imported.status().message();
  if (!imported.ok()) return {};
  auto outputs = interpret(imported->data().graph, inputs);
  EXPECT_TRUE(outputs.ok()) << outputs.status().message();
  return outputs.ok() ? std::move(outputs).value() : std::vector<Tensor>();
}

void expectNear(const Tensor& found, const Tensor& wanted) {
  EXPECT_EQ(found.dtype, wanted.dtype);
  ASSERT_EQ(found.shape, wanted.shape)
      << found.shape.toString() << ", wanted " << wanted.shape.toString();
  if (wanted.dtype != DType::f32) {
    EXPECT_TRUE(std::equal(found.constant->bytes.begin(), found.constant->bytes.end(),
                           wanted.constant->bytes.begin(), wanted.constant->bytes.end()));
    return;
  }
  const Floats f = valuesOf<float>(found);
  const Floats w = valuesOf<float>(wanted);
  for (size_t i = 0; i < w.size(); ++i) {
    ASSERT_NEAR(f[i], w[i], 1e-5 + 1e-5 * std::abs(w[i])) << "element " << i;
  }
}

}  // namespace

std::vector<Tensor> runModel(const OnnxModel& model, const std::vector<Tensor>& inputs) {
  const std::vector<Tensor> plain = runOnce(model, inputs, false);
  std::vector<Tensor> optimized = runOnce(model, inputs, true);
  EXPECT_EQ(plain.size(), optimized.size());
  for (size_t i = 0; i < std::min(plain.size(), optimized.size()); ++i) {
    SCOPED_TRACE("with and without passes");
    expectNear(optimized[i], plain[i]);
  }
  return optimized;
}

void expectNear(const std::vector<Tensor>& outputs, const Dims& dims, const Floats& wanted) {
  ASSERT_FALSE(outputs.empty());
  expectNear(outputs[0], tensorOf("wanted", dims, wanted));
}

}  // namespace qrt::test
