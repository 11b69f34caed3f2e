// An int8 model back in float: nothing quantized is left, and its answers stay.
#include <gtest/gtest.h>

#include <cstdlib>

#include "base/requantize.h"
#include "qrt/quantize.h"
#include "qrt/session.h"
#include "support/int8_networks.h"
#include "support/networks.h"

namespace qrt::test {
namespace {

// The output as integers of `quant`.
std::vector<int> output(const Model& model, const std::vector<int8_t>& bytes, const QuantParams& quant,
                        const SessionOptions& options) {
  auto session = Session::create(model, options);
  EXPECT_TRUE(session.ok()) << session.status().message();
  const TensorView input = *session->input(0);
  for (size_t i = 0; i < bytes.size(); ++i) {
    if (input.dtype == DType::s8) {
      (*input.as<int8_t>())[i] = bytes[i];
    } else {
      (*input.as<float>())[i] = 0.02f * static_cast<float>(bytes[i] + 3);  // as asInt8() has it
    }
  }
  EXPECT_TRUE(session->run().ok());
  const ConstTensorView output = *session->output(0);
  std::vector<int> integers;
  for (size_t i = 0; i < static_cast<size_t>(output.shape.elements()); ++i) {
    const float steps = output.dtype == DType::f32 ? (*output.as<float>())[i] / quant.scales[0] : 0;
    integers.push_back(output.dtype == DType::f32 ? requantize(steps, {quant.zeroPoints[0]})
                                                  : (*output.as<int8_t>())[i]);
  }
  return integers;
}

class Dequantize : public testing::TestWithParam<NamedNetwork> {};

TEST_P(Dequantize, MakesTheFloatModel) {
  const Model int8 = asInt8(GetParam().make(32));
  const auto real = dequantize(int8);
  ASSERT_TRUE(real.ok()) << real.status().message();
  for (const Tensor& tensor : real->data().graph.tensors) {
    EXPECT_FALSE(tensor.quant) << tensor.name;
  }
  for (const LayerInfo& layer : real->layers()) {
    EXPECT_TRUE(layer.op != "Identity" && layer.op != "Quantize" && layer.op != "Dequantize") << layer.name;
  }
  // The same as every layer of the int8 model pinned to float, but for the order of sums.
  SessionOptions pinned{.threads = 1};
  for (const LayerInfo& layer : int8.layers()) pinned.layerBackends[layer.name] = "cpu-float";
  const std::vector<int8_t> bytes = randomBytes(32 * 32 * 3, 1);
  const QuantParams& quant = *int8.data().graph.tensor(int8.data().graph.outputs[0]).quant;
  const std::vector<int> want = output(int8, bytes, quant, pinned);
  const std::vector<int> got = output(*real, bytes, quant, {.threads = 1});
  ASSERT_EQ(want.size(), got.size());
  size_t differing = 0;
  for (size_t i = 0; i < want.size(); ++i) {
    differing += want[i] != got[i];
    EXPECT_LE(std::abs(want[i] - got[i]), 1) << i;
  }
  EXPECT_LE(differing, want.size() / 100);
  // It can be quantized anew, and a float model stays as it is.
  const auto again = dequantize(*real);
  ASSERT_TRUE(again.ok()) << again.status().message();
  EXPECT_EQ(output(*again, bytes, quant, {.threads = 1}), got);
  EXPECT_TRUE(makeRecipe(*real).ok());
}

INSTANTIATE_TEST_SUITE_P(Networks, Dequantize, testing::ValuesIn(kNetworks),
                         [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace qrt::test
