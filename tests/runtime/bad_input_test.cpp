// What is wrong is answered with what was found and what was wanted, and changes nothing.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "qrt/session.h"
#include "support/graph_builder.h"
#include "support/one_op.h"

// The sanitizers' allocators return null for absurd sizes, as others do, instead of ending the test.
extern "C" const char* __asan_default_options() { return "allocator_may_return_null=1"; }
extern "C" const char* __tsan_default_options() { return "allocator_may_return_null=1"; }

namespace qrt {
namespace {

using test::GraphBuilder;

// A 3x3 convolution over images of any size.
Model convModel() {
  GraphBuilder b;
  const TensorId x = b.input("image", {Shape::kUnknown, Shape::kUnknown, Shape::kUnknown, 3});
  b.output(b.conv(x, 3, 4, 3));
  return b.model();
}

Result<Session> convSession(const Shape& shape) {
  return Session::create(convModel(), {.threads = 1, .inputShapes = {{"image", shape}}});
}

TEST(BadInput, ShapesThatAreMissingOrDoNotFit) {
  QRT_EXPECT_ERROR(Session::create(convModel()), "input 'image' has shape ?x?x?x3");
  QRT_EXPECT_ERROR(convSession({1, 8, 8, 4}), "wanted 3 for dim 3, not 4");
  QRT_EXPECT_ERROR(convSession({8, 8, 3}), "wanted 4 dims, not 3");
  QRT_EXPECT_ERROR(convSession({0, 8, 8, 3}), "dim 0 is 0");
  QRT_EXPECT_ERROR(convSession({1, 0, 8, 3}), "dim 1 is 0");
  const auto unknown = Session::create(
      convModel(), {.inputShapes = {{"image", {1, 8, 8, 3}}, {"imge", {1, 8, 8, 3}}}});
  EXPECT_EQ(unknown.status().code(), StatusCode::notFound);
  QRT_EXPECT_ERROR(unknown, "'imge'");
  QRT_EXPECT_ERROR(unknown, "did you mean 'image'?");
}

TEST(BadInput, ShapesThatDoNotFitALayerNameIt) {
  GraphBuilder b;
  const TensorId x = b.input("x", {Shape::kUnknown, 4});
  b.output(b.add(OpType::Add, {x, b.input("y", {Shape::kUnknown, 4})}));
  Session session = Session::create(b.model(), {.threads = 1}).value();
  QRT_EXPECT_ERROR(session.resizeInputs({{"x", {2, 4}}, {"y", {3, 4}}}), "layer 'Add_0' (Add)");
  EXPECT_TRUE(session.resizeInputs({{"x", {3, 4}}, {"y", {3, 4}}}).ok());
  EXPECT_EQ(session.outputs()[0].shape, (Shape{3, 4}));
}

TEST(BadInput, OptionsThatCannotBe) {
  QRT_EXPECT_ERROR(Session::create(convModel(), {.threads = -2}), "threads is -2");
  QRT_EXPECT_ERROR(Session::create(convModel(), {.winogradError = -1}), "winogradError is -1");
  QRT_EXPECT_ERROR(Session::create(convModel(), {.winogradError = std::nan("")}), "winogradError is");
}

TEST(BadInput, NamesAndIndicesThatDoNotExist) {
  Session session = convSession({1, 4, 4, 3}).value();
  QRT_EXPECT_ERROR(session.input("imag"), "no input is named 'imag'; did you mean 'image'?");
  QRT_EXPECT_ERROR(session.input(1), "input 1 does not exist: the model has 1");
  QRT_EXPECT_ERROR(session.output("y"), "no output is named 'y'; there are 'Conv_0:0'");
  QRT_EXPECT_ERROR(session.output(7), "output 7 does not exist: the model has 1");
  QRT_EXPECT_ERROR(session.bindInput("y", {}), "no input is named 'y'");
  QRT_EXPECT_ERROR(session.bindOutput("image", {}), "no output is named 'image'");
  EXPECT_EQ(session.input("imag").status().code(), StatusCode::notFound);
}

TEST(BadInput, BindingsOfAnotherTypeShapeOrAlignment) {
  Session session = convSession({1, 4, 4, 3}).value();
  alignas(8) std::byte memory[1 * 4 * 4 * 4 * 8];
  QRT_EXPECT_ERROR(session.bindInput("image", {DType::f64, {1, 4, 4, 3}, memory}),
                   "input 'image' is f32 1x4x4x3, cannot be bound to f64 1x4x4x3");
  QRT_EXPECT_ERROR(session.bindInput("image", {DType::f32, {1, 4, 3, 4}, memory}),
                   "input 'image' is f32 1x4x4x3, cannot be bound to f32 1x4x3x4");
  QRT_EXPECT_ERROR(session.bindInput("image", {DType::f32, {1, 4, 4, 3}, memory + 1}),
                   "not a multiple of 4");
  QRT_EXPECT_ERROR(session.bindOutput("Conv_0:0", {DType::s32, {1, 4, 4, 4}, memory}),
                   "output 'Conv_0:0' is f32 1x4x4x4, cannot be bound to s32 1x4x4x4");
  QRT_EXPECT_ERROR(session.input(0)->as<int8_t>(), "tensor is f32, wanted s8");
  EXPECT_TRUE(session.input("image").ok());
  EXPECT_TRUE(session.run().ok());
}

TEST(BadInput, BindingsThatOverlapAnOutput) {
  GraphBuilder b;
  const TensorId x = b.input("x", {4}), y = b.input("y", {4});
  b.output(b.add(OpType::Add, {x, y}));
  b.output(b.add(OpType::Sub, {x, y}));
  Session session = Session::create(b.model(), {.threads = 1}).value();
  float memory[12] = {};
  const auto at = [&](size_t i) { return TensorView{DType::f32, {4}, memory + i}; };
  ASSERT_TRUE(session.bindInput(0, at(0)).ok());
  ASSERT_TRUE(session.bindInput("y", at(0)).ok());  // both are only read
  const Status status = session.bindOutput(0, at(3));
  EXPECT_EQ(status.code(), StatusCode::invalidArgument);
  EXPECT_EQ(status.message(),
            "output 'Add_0:0' would overlap input 'x' in memory, wanted memory of its own");
  ASSERT_TRUE(session.bindOutput("Add_0:0", at(4)).ok());
  QRT_EXPECT_ERROR(session.bindOutput(1, at(7)), "output 'Sub_1:0' would overlap output 'Add_0:0'");
  QRT_EXPECT_ERROR(session.bindInput("y", at(1)), "output 'Add_0:0' would overlap input 'y'");
  ASSERT_TRUE(session.bindOutput(1, at(8)).ok());
  // The session's own memory counts while it is in force.
  ASSERT_TRUE(session.bindInput(0, {}).ok());
  const TensorView own = session.input(0).value();
  QRT_EXPECT_ERROR(session.bindOutput(0, own), "output 'Add_0:0' would overlap input 'x'");
  ASSERT_TRUE(session.bindInput(0, at(0)).ok());
  ASSERT_TRUE(session.bindOutput(0, own).ok());
  QRT_EXPECT_ERROR(session.bindInput(0, {}), "output 'Add_0:0' would overlap input 'x'");
  QRT_EXPECT_ERROR(session.bindInput(2, at(0)), "input 2 does not exist: the model has 2");
  QRT_EXPECT_ERROR(session.bindOutput(2, at(0)), "output 2 does not exist: the model has 2");
  memory[0] = 5;
  ASSERT_TRUE(session.run().ok());
  EXPECT_EQ(static_cast<const float*>(own.data)[0], 10);
  EXPECT_EQ(memory[8], 0);
}

TEST(BadInput, MoreMemoryThanThereIs) {
  const auto huge = convSession({1, 1 << 20, 1 << 18, 3});
  EXPECT_EQ(huge.status().code(), StatusCode::outOfMemory) << huge.status().message();
  const auto absurd = convSession({1, int64_t{1} << 40, int64_t{1} << 40, 3});
  EXPECT_FALSE(absurd.ok());
  GraphBuilder b;
  b.output(b.input("x", {Shape::kUnknown}));
  for (const int64_t elements : {int64_t{1} << 39, int64_t{1} << 45, int64_t{1} << 61}) {
    const auto session = Session::create(b.model(), {.inputShapes = {{"x", {elements}}}});
    EXPECT_EQ(session.status().code(), StatusCode::outOfMemory) << session.status().message();
  }
}

TEST(BadInput, NoTablesAreMadeForTensorsThatDoNotFit) {
  GraphBuilder b;  // a depthwise convolution keeps a line of zeros as long as the input's
  b.output(b.conv(b.input("x", {1, 1, Shape::kUnknown, 256}), 256, 256, 3, 1, 0));
  Session session = Session::create(b.model(), {.inputShapes = {{"x", {1, 1, 8, 256}}}}).value();
  const Status status = session.resizeInput("x", {1, 1, 1 << 30, 256});
  EXPECT_EQ(status.code(), StatusCode::outOfMemory);
  EXPECT_EQ(status.message(),
            "no memory for the 1099511627776 bytes of tensor 'x' of shape 1x1x1073741824x256");
  EXPECT_TRUE(session.run().ok());
}

TEST(BadInput, ManySmallMatricesGoToTheReference) {
  GraphBuilder b;
  const TensorId x = b.input("x", {Shape::kUnknown, 1, 2});
  b.output(b.add(OpType::MatMul, {x, b.input("y", {Shape::kUnknown, 2, 1})}));
  for (const int64_t matrices : {int64_t{1} << 16, (int64_t{1} << 16) + 1}) {
    Session session =
        Session::create(b.model(), {.inputShapes = {{"x", {matrices, 1, 2}}, {"y", {matrices, 2, 1}}}})
            .value();
    const LayerPlacement& placed = session.placement().layers[0];
    const bool few = matrices == int64_t{1} << 16;
    EXPECT_EQ(placed.actual, few ? "cpu-float" : "reference");
    EXPECT_EQ(placed.reason, few ? "" : "65537 matrices, wanted at most 65536");
    EXPECT_TRUE(session.run().ok());
  }
}

TEST(BadInput, AFailedResizeKeepsBindings) {
  Session session = convSession({1, 4, 4, 3}).value();
  const std::vector<float> x(48, 1.0f);
  ASSERT_TRUE(session.bindInput("image", {DType::f32, {1, 4, 4, 3}, x.data()}).ok());
  ASSERT_TRUE(session.run().ok());
  const float before = session.output(0)->as<float>().value()[0];
  EXPECT_EQ(session.resizeInput("image", {1, 1 << 20, 1 << 18, 3}).code(), StatusCode::outOfMemory);
  EXPECT_EQ(session.inputs()[0].shape, (Shape{1, 4, 4, 3}));
  ASSERT_TRUE(session.run().ok());
  EXPECT_EQ(session.output(0)->as<float>().value()[0], before);
}

TEST(OddInput, AnImageOfOnePixelWorks) {
  Session session = convSession({1, 1, 1, 3}).value();
  EXPECT_TRUE(session.run().ok());
  EXPECT_EQ(session.outputs()[0].shape, (Shape{1, 1, 1, 4}));
}

TEST(OddInput, NanInWeightsAndInputsGoesThrough) {
  GraphBuilder b;
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const TensorId x = b.input("x", {1, 2});
  b.output(b.add(OpType::MatMul, {x, b.constant<float>({2, 2}, {nan, 1, 0, 1})}));
  Session session = Session::create(b.model(), {.threads = 1}).value();
  const auto values = session.input(0)->as<float>().value();
  values[0] = values[1] = 1;
  ASSERT_TRUE(session.run().ok());
  const auto y = session.output(0)->as<float>().value();
  EXPECT_TRUE(std::isnan(y[0]));
  EXPECT_EQ(y[1], 2);
}

}  // namespace
}  // namespace qrt
