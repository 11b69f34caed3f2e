#include "qrt/session.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "support/graph_builder.h"
#include "support/one_op.h"

namespace qrt {
namespace {

using test::GraphBuilder;

// y = x · w, with w = [[1, 2], [10, 20]]; the batch is open.
Model matMulModel() {
  GraphBuilder builder;
  const TensorId x = builder.input("x", {Shape::kUnknown, 2});
  builder.output(builder.add(OpType::MatMul, {x, builder.constant<float>({2, 2}, {1, 2, 10, 20})}));
  return builder.model();
}

std::vector<float> floatsOf(const ConstTensorView& view) {
  const auto values = view.as<float>().value();
  return {values.begin(), values.end()};
}

TEST(Session, RunsFromItsOwnMemory) {
  auto session = Session::create(matMulModel());
  ASSERT_TRUE(session.ok()) << session.status().message();
  ASSERT_EQ(session->inputs().size(), 1u);
  EXPECT_EQ(session->inputs()[0].shape, (Shape{1, 2}));
  const auto x = session->input("x").value().as<float>().value();
  EXPECT_EQ((std::vector<float>(x.begin(), x.end())), (std::vector<float>{0, 0}));
  x[0] = 3;
  x[1] = 5;
  ASSERT_TRUE(session->run().ok());
  EXPECT_EQ(floatsOf(session->output(0).value()), (std::vector<float>{53, 106}));
  x[1] = 0;
  ASSERT_TRUE(session->run().ok());
  EXPECT_EQ(floatsOf(session->output(0).value()), (std::vector<float>{3, 6}));
}

TEST(Session, RunsOnBoundMemory) {
  Session session = Session::create(matMulModel()).value();
  const std::string y = session.outputs()[0].name;
  const float x[2] = {1, 1};
  float result[2] = {};
  ASSERT_TRUE(session.bindInput("x", {DType::f32, {1, 2}, x}).ok());
  ASSERT_TRUE(session.bindOutput(y, {DType::f32, {1, 2}, result}).ok());
  ASSERT_TRUE(session.run().ok());
  EXPECT_EQ(result[0], 11);
  EXPECT_EQ(result[1], 22);
  EXPECT_EQ(session.output(y)->data, result);
  QRT_EXPECT_ERROR(session.input("x"), "input 'x' is bound");
  ASSERT_TRUE(session.bindInput("x", {}).ok());
  ASSERT_TRUE(session.bindOutput(y, {}).ok());
  ASSERT_TRUE(session.run().ok());
  EXPECT_EQ(result[0], 11);
  EXPECT_EQ(floatsOf(session.output(y).value()), (std::vector<float>{0, 0}));
}

TEST(Session, ResizesAndStaysAsItWasOnFailure) {
  Session session = Session::create(matMulModel()).value();
  session.input(0)->as<float>().value()[0] = 7;
  QRT_EXPECT_ERROR(session.resizeInput("x", {1, 3}), "wanted 2 for dim 1, not 3");
  QRT_EXPECT_ERROR(session.resizeInput("x", {0, 2}), "dim 0 is 0");
  QRT_EXPECT_ERROR(session.resizeInput("z", {1, 2}), "did you mean 'x'?");
  ASSERT_TRUE(session.run().ok());
  EXPECT_EQ(floatsOf(session.output(0).value()), (std::vector<float>{7, 14}));

  ASSERT_TRUE(session.resizeInput("x", {3, 2}).ok());
  EXPECT_EQ(session.inputs()[0].shape, (Shape{3, 2}));
  EXPECT_EQ(session.outputs()[0].shape, (Shape{3, 2}));
  const auto x = session.input(0)->as<float>().value();
  std::iota(x.begin(), x.end(), 0.0f);
  ASSERT_TRUE(session.run().ok());
  EXPECT_EQ(floatsOf(session.output(0).value()), (std::vector<float>{10, 20, 32, 64, 54, 108}));
}

TEST(Session, WinogradErrorPicksTilesOrForbidsThem) {
  GraphBuilder b;
  b.output(b.conv(b.input("x", {1, 56, 56, 64}), 64, 64, 3));
  const Model model = b.model();
  const auto kernel = [&](double error) {
    const Session session =
        Session::create(model, {.backends = {"cpu-float"}, .winogradError = error}).value();
    return session.placement().layers.at(0).kernel;
  };
  EXPECT_NE(kernel(SessionOptions{}.winogradError).find("conv_f32_winograd"), std::string::npos);
  EXPECT_NE(kernel(5e-7).find("conv_f32_winograd2x3_"), std::string::npos) << kernel(5e-7);
  EXPECT_NE(kernel(0).find("conv_f32_gemm_"), std::string::npos) << kernel(0);
}

TEST(Session, QuantizationOfAViewLivesAsLongAsTheModel) {
  GraphBuilder b;
  const TensorId q = b.input("q", {Shape::kUnknown, 2}, DType::s8);
  b.graph.tensor(q).quant = QuantParams{{0.5f}, {3}, -1};
  b.output(b.add(OpType::Dequantize, {q}));
  const Model model = b.model();
  const QuantParams* quant = nullptr;
  {
    Session session = Session::create(model, {.threads = 1}).value();
    quant = session.input(0)->quant;
    ASSERT_TRUE(session.resizeInput("q", {5, 2}).ok());
    EXPECT_EQ(session.input(0)->quant, quant);
  }
  ASSERT_NE(quant, nullptr);
  EXPECT_EQ(*quant, (QuantParams{{0.5f}, {3}, -1}));
}

}  // namespace
}  // namespace qrt
