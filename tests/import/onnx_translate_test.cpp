// What imported nodes compute, where ONNX's own tests do not look: constant operands, older and
// newer opsets. Plain loops are the oracle.
#include <gtest/gtest.h>

#include <cmath>

#include "import/run_model.h"

namespace qrt::test {
namespace {

using ::onnx::TensorProto;

TEST(OnnxTranslate, GemmInEveryForm) {
  const int64_t m = 3, k = 4, n = 5;
  const Floats a = randomFloats(12, 1), b = randomFloats(20, 2);
  for (int form = 0; form < 64; ++form) {
    const bool transA = form & 1, transB = form & 2, constantB = form & 4, constantC = form & 8;
    const bool scaled = form & 16, matrixC = form & 32;
    SCOPED_TRACE(form);
    const float alpha = scaled ? 0.5f : 1, beta = scaled ? -2 : 1;
    for (const Dims& cDims : matrixC ? std::vector<Dims>{{m, n}, {m, 1}}
                                     : std::vector<Dims>{{n}, {1, n}, {1}, {}, {1, 1}}) {
      const Floats c = randomFloats(countOf(cDims), 3);
      Floats y;
      for (int64_t i = 0; i < m; ++i)
        for (int64_t j = 0; j < n; ++j) {
          double sum = 0;
          for (int64_t l = 0; l < k; ++l) {
            sum += a[static_cast<size_t>(transA ? l * m + i : i * k + l)] *
                   b[static_cast<size_t>(transB ? j * k + l : l * n + j)];
          }
          const bool rows = cDims.size() == 2 && cDims[0] == m;
          const bool columns = !cDims.empty() && cDims.back() == n;
          const int64_t index = (rows ? i * (columns ? n : 1) : 0) + (columns ? j : 0);
          y.push_back(static_cast<float>(alpha * sum + beta * c[static_cast<size_t>(index)]));
        }
      const Dims aDims = transA ? Dims{k, m} : Dims{m, k}, bDims = transB ? Dims{n, k} : Dims{k, n};
      OnnxModel model;
      model.input("a", aDims).output("y");
      std::vector<Tensor> inputs{tensorOf("a", aDims, a)};
      const auto operand = [&](const char* name, bool constant, const Dims& dims, const Floats& v) {
        if (constant) {
          model.initializer(name, dims, v);
        } else {
          model.input(name, dims);
          inputs.push_back(tensorOf(name, dims, v));
        }
      };
      operand("b", constantB, bDims, b);
      operand("c", constantC, cDims, c);
      auto& node = model.node("Gemm", {"a", "b", "c"}, {"y"});
      setInt(node, "transA", transA);
      setInt(node, "transB", transB);
      setFloat(node, "alpha", alpha);
      setFloat(node, "beta", beta);
      expectNear(runModel(model, inputs), {m, n}, y);
    }
  }
}

TEST(OnnxTranslate, ConstantGemmIsOneLayer) {
  OnnxModel model;
  model.input("x", {2, 3})
      .initializer("w", {3, 2}, {1, 2, 3, 4, 5, 6})
      .initializer("b", {2}, {1, 2});
  auto& node = model.output("y").node("Gemm", {"x", "w", "b"}, {"y"}, "fc");
  setFloat(node, "alpha", 2);
  setFloat(node, "beta", 3);
  const auto imported = model.import();
  ASSERT_TRUE(imported.ok()) << imported.status().message();
  EXPECT_EQ(opsOf(*imported), "FullyConnected");
}

TEST(OnnxTranslate, SoftmaxBeforeOpset13FlattensFirst) {
  const Floats x = randomFloats(24, 1);
  Floats y;
  for (size_t row = 0; row < 2; ++row) {
    double sum = 0;
    for (size_t i = 0; i < 12; ++i) sum += std::exp(x[row * 12 + i]);
    for (size_t i = 0; i < 12; ++i) {
      y.push_back(static_cast<float>(std::exp(x[row * 12 + i]) / sum));
    }
  }
  OnnxModel model(11);
  model.input("x", {2, 3, 4}).output("y").node("Softmax", {"x"}, {"y"});
  expectNear(runModel(model, {tensorOf("x", {2, 3, 4}, x)}), {2, 3, 4}, y);
  // The same for a batch that is not known yet.
  OnnxModel symbolic(11);
  symbolic.input("x", {-1, 3, 4}).output("y").node("Softmax", {"x"}, {"y"});
  expectNear(runModel(symbolic, {tensorOf("x", {2, 3, 4}, x)}), {2, 3, 4}, y);
}

TEST(OnnxTranslate, UpsampleAndResizeBeforeOpset11) {
  for (const int64_t opset : {7, 9, 10}) {
    OnnxModel model(opset);
    model.input("x", {1, 1, 2, 2}).output("y");
    if (opset == 7) {
      auto* scales = model.node("Upsample", {"x"}, {"y"}).add_attribute();
      scales->set_name("scales");
      scales->set_type(::onnx::AttributeProto::FLOATS);
      for (const float scale : {1, 1, 2, 3}) scales->add_floats(scale);
    } else {
      model.initializer("s", {4}, {1, 1, 2, 3});
      model.node(opset == 9 ? "Upsample" : "Resize", {"x", "s"}, {"y"});
    }
    expectNear(runModel(model, {tensorOf<float>("x", {1, 1, 2, 2}, {1, 2, 3, 4})}), {1, 1, 4, 6},
               {1, 1, 1, 2, 2, 2, 1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4, 3, 3, 3, 4, 4, 4});
  }
}

TEST(OnnxTranslate, Opset18Forms) {
  const Tensor x = tensorOf<float>("x", {1, 7}, {1, 2, 3, 4, 5, 6, 7});
  OnnxModel split(18);
  auto& node = split.input("x", {1, 7}).output("c").node("Split", {"x"}, {"a", "b", "c"});
  setInt(node, "axis", 1);
  setInt(node, "num_outputs", 3);
  expectNear(runModel(split, {x}), {1, 1}, {7});

  OnnxModel mean(18);
  mean.input("x", {1, 7}).ints("axes", {-1}).output("y").node("ReduceMean", {"x", "axes"}, {"y"});
  expectNear(runModel(mean, {x}), {1, 1}, {4});

  OnnxModel pad(18);
  pad.input("x", {1, 7}).ints("pads", {1, 2}).ints("axes", {-1}).initializer("v", {}, {9});
  pad.output("y").node("Pad", {"x", "pads", "v", "axes"}, {"y"});
  expectNear(runModel(pad, {x}), {1, 10}, {9, 1, 2, 3, 4, 5, 6, 7, 9, 9});

  OnnxModel resize(18);
  resize.input("x", {1, 7}).ints("sizes", {14}).output("y");
  setInts(resize.node("Resize", {"x", "", "", "sizes"}, {"y"}), "axes", {1});
  expectNear(runModel(resize, {x}), {1, 14}, {1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7});
}

TEST(OnnxTranslate, ResizeOptionsAreRefusedByName) {
  for (const char* option : {"antialias", "keep_aspect_ratio_policy", "tf_crop_and_resize"}) {
    OnnxModel model(18);
    model.input("x", {1, 7}).ints("sizes", {1, 14}).output("y");
    auto& node = model.node("Resize", {"x", "", "", "sizes"}, {"y"});
    if (option == std::string("antialias")) setInt(node, option, 1);
    if (option[0] == 'k') setString(node, option, "not_larger");
    if (option[0] == 't') setString(node, "coordinate_transformation_mode", option);
    const auto imported = model.import();
    ASSERT_FALSE(imported.ok());
    EXPECT_NE(imported.status().message().find(option), std::string::npos)
        << imported.status().message();
  }
}

TEST(OnnxTranslate, OldAttributeForms) {
  const Tensor x = tensorOf<float>("x", {2, 3}, {1, 2, 3, 4, 5, 6});
  OnnxModel slice(9);
  auto& node = slice.input("x", {2, 3}).output("y").node("Slice", {"x"}, {"y"});
  setInts(node, "starts", {1});
  setInts(node, "ends", {1000});
  setInts(node, "axes", {1});
  expectNear(runModel(slice, {x}), {2, 2}, {2, 3, 5, 6});

  OnnxModel clip(7);
  setFloat(clip.input("x", {2, 3}).output("y").node("Clip", {"x"}, {"y"}), "max", 4);
  expectNear(runModel(clip, {x}), {2, 3}, {1, 2, 3, 4, 4, 4});

  OnnxModel sum(8);
  sum.input("x", {2, 3}).initializer("r", {3}, {10, 20, 30}).initializer("c", {2, 1}, {100, 200});
  sum.output("y").node("Sum", {"x", "r", "c"}, {"y"});
  expectNear(runModel(sum, {x}), {2, 3}, {111, 122, 133, 214, 225, 236});
}

TEST(OnnxTranslate, ClipWithComputedBounds) {
  OnnxModel model(13);
  model.input("x", {3}).input("low", {}).input("high", {}).output("y");
  model.node("Clip", {"x", "low", "high"}, {"y"});
  expectNear(runModel(model, {tensorOf<float>("x", {3}, {-5, 0, 5}),
                              tensorOf<float>("low", {}, {-1}), tensorOf<float>("high", {}, {2})}),
             {3}, {-1, 0, 2});
}

TEST(OnnxTranslate, PowOfMixedTypes) {
  OnnxModel model(15);
  model.input("x", {3}, TensorProto::INT32).initializer("e", {1}, {0.5f}).output("y");
  model.node("Pow", {"x", "e"}, {"y"});
  const auto outputs = runModel(model, {tensorOf<int32_t>("x", {3}, {4, 9, 16})});
  ASSERT_EQ(outputs.size(), 1u);
  EXPECT_EQ(valuesOf<int32_t>(outputs[0]), (std::vector<int32_t>{2, 3, 4}));
}

}  // namespace
}  // namespace qrt::test
