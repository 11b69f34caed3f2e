// What is wrong with a model is said in a Status that names it: nothing crashes, nothing is
// guessed.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <random>

#include "base/error.h"
#include "import/onnx_models.h"

namespace qrt::test {
namespace {

namespace fs = std::filesystem;

class OnnxBadInput : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / concat("qrt_import_test_", getpid());
    fs::create_directories(folder_ / "model");
  }
  void TearDown() override { fs::remove_all(folder_); }

  fs::path write(const fs::path& name, const std::string& bytes) {
    std::ofstream(folder_ / name, std::ios::binary) << bytes;
    return folder_ / name;
  }

  fs::path folder_;
};

void expectFailure(const Result<Model>& model, StatusCode code,
                   std::initializer_list<const char*> words) {
  ASSERT_FALSE(model.ok());
  EXPECT_EQ(model.status().code(), code) << model.status().message();
  for (const char* word : words) {
    EXPECT_NE(model.status().message().find(word), std::string::npos)
        << "no '" << word << "' in: " << model.status().message();
  }
}

OnnxModel reluModel() {
  OnnxModel model;
  model.input("x", {1, 3, 4, 4}).output("y").node("Relu", {"x"}, {"y"});
  return model;
}

// x + w, the weights [4] in a file of their own.
OnnxModel externalModel(const std::string& location, const std::string& offset = "0",
                        const std::string& length = "16") {
  OnnxModel model;
  model.input("x", {4}).initializer("w", {4}, {}).output("y").node("Add", {"x", "w"}, {"y"});
  auto* tensor = model.graph().mutable_initializer(0);
  tensor->set_data_location(::onnx::TensorProto::EXTERNAL);
  for (const auto& [key, value] : std::initializer_list<std::pair<std::string, std::string>>{
           {"location", location}, {"offset", offset}, {"length", length}}) {
    auto* entry = tensor->add_external_data();
    entry->set_key(key);
    entry->set_value(value);
  }
  return model;
}

TEST_F(OnnxBadInput, MissingFile) {
  expectFailure(importOnnx(folder_ / "nothing.onnx"), StatusCode::notFound, {"nothing.onnx"});
  expectFailure(loadAnyModel(folder_ / "nothing.onnx"), StatusCode::notFound, {"nothing.onnx"});
}

TEST_F(OnnxBadInput, Folder) {
  expectFailure(importOnnx(folder_), StatusCode::ioError, {"folder"});
  expectFailure(loadAnyModel(folder_), StatusCode::ioError, {"folder"});
}

TEST_F(OnnxBadInput, EmptyAndGarbage) {
  expectFailure(importOnnx(write("empty.onnx", "")), StatusCode::corruptData,
                {"not an ONNX model"});
  std::mt19937 random(1);
  for (int i = 0; i < 200; ++i) {
    std::string garbage(random() % 300, '\0');
    for (char& c : garbage) c = static_cast<char>(random());
    EXPECT_FALSE(importOnnx(write("garbage.onnx", garbage)).ok());
  }
  expectFailure(importOnnx(write("text.onnx", "This is not a model at all.")),
                StatusCode::corruptData, {"text.onnx", "not an ONNX model"});
}

TEST_F(OnnxBadInput, EveryTruncationFails) {
  OnnxModel model = reluModel();
  const std::string whole = model.bytes();
  ASSERT_TRUE(importOnnx(write("whole.onnx", whole)).ok());
  // The last field is the opset, so that every prefix lacks something.
  for (size_t size = 0; size < whole.size(); ++size) {
    const Result<Model> result = importOnnx(write("cut.onnx", whole.substr(0, size)));
    EXPECT_FALSE(result.ok()) << size << " of " << whole.size() << " bytes";
  }
}

TEST_F(OnnxBadInput, BitFlipsNeverCrash) {
  const std::string whole = externalModel("w.bin").bytes();
  std::mt19937 random(2);
  for (int i = 0; i < 3000; ++i) {
    std::string bytes = whole;
    for (int flips = 1 + static_cast<int>(random() % 4); flips > 0; --flips) {
      bytes[random() % bytes.size()] ^= static_cast<char>(1 << (random() % 8));
    }
    const Result<Model> result = importOnnx(std::as_bytes(std::span(bytes)));
    EXPECT_TRUE(result.ok() || !result.status().message().empty());
  }
}

TEST_F(OnnxBadInput, UnsupportedOpsAreAllNamed) {
  OnnxModel model = reluModel();
  model.node("NonMaxSuppression", {"y"}, {"a"}, "nms");
  model.node("Relu", {"a"}, {"b"}, "after");
  model.node("MyOp", {"x"}, {"c"}, "mine").set_domain("com.acme");
  auto& pool = model.node("MaxPool", {"x"}, {"d", "indices"}, "pool");
  setInts(pool, "kernel_shape", {2, 2});
  expectFailure(
      model.import(), StatusCode::unsupported,
      {"'nms' (NonMaxSuppression)", "'mine' (com.acme.MyOp)", "'pool' (MaxPool)", "Indices"});
  // A node that only misses what an unsupported one makes is not blamed.
  EXPECT_EQ(model.import().status().message().find("after"), std::string::npos);
}

// An output without a name is not what a node with an absent input waits for.
TEST_F(OnnxBadInput, NodesWithAbsentInputsAreExamined) {
  OnnxModel model = reluModel();
  model.node("Loop", {"x"}, {"a", ""}, "loop");
  setString(model.node("Clip", {"x", "", ""}, {"b"}, "clip"), "wrong", "much");
  expectFailure(model.import(), StatusCode::unsupported, {"'loop' (Loop)", "'clip' (Clip)"});
}

TEST_F(OnnxBadInput, ManyUnsupportedOpsAreCounted) {
  OnnxModel model = reluModel();
  for (int i = 0; i < 25; ++i) model.node("Loop", {"x"}, {concat("l", i)});
  expectFailure(model.import(), StatusCode::unsupported, {"'l0' (Loop)", "'l9'", "and 15 more"});
}

TEST_F(OnnxBadInput, Opset) {
  OnnxModel tooNew(19);
  tooNew.input("x", {1}).output("y").node("Relu", {"x"}, {"y"});
  expectFailure(tooNew.import(), StatusCode::unsupported, {"opset 19", "7 to 18"});
  OnnxModel none = reluModel();
  none.proto().clear_opset_import();
  expectFailure(none.import(), StatusCode::corruptData, {"opset"});
  OnnxModel old(4);
  old.input("x", {1}).output("y").node("Reshape", {"x", "x"}, {"y"});
  expectFailure(old.import(), StatusCode::unsupported, {"Reshape", "opset 4"});
}

TEST_F(OnnxBadInput, ThreeSpatialDims) {
  OnnxModel model;
  model.input("x", {1, 2, 4, 4, 4}).output("y");
  setInts(model.node("MaxPool", {"x"}, {"y"}), "kernel_shape", {2, 2, 2});
  expectFailure(model.import(), StatusCode::unsupported, {"3 spatial dims"});
}

TEST_F(OnnxBadInput, UnknownAttribute) {
  OnnxModel model = reluModel();
  setInt(*model.graph().mutable_node(0), "slope", 3);
  expectFailure(model.import(), StatusCode::unsupported, {"'y' (Relu)", "'slope'"});
}

TEST_F(OnnxBadInput, AttributeOfAnotherType) {
  OnnxModel model;
  model.input("x", {1}).output("y");
  setString(model.node("LeakyRelu", {"x"}, {"y"}), "alpha", "much");
  expectFailure(model.import(), StatusCode::corruptData, {"'alpha'", "STRING", "FLOAT"});
}

TEST_F(OnnxBadInput, CyclesAndUndefinedValues) {
  OnnxModel cycle;
  cycle.input("x", {1}).output("b");
  cycle.node("Add", {"x", "b"}, {"a"});
  cycle.node("Relu", {"a"}, {"b"});
  expectFailure(cycle.import(), StatusCode::corruptData, {"reads 'b'", "cycle"});
  OnnxModel undefinedOutput = reluModel();
  undefinedOutput.output("z");
  expectFailure(undefinedOutput.import(), StatusCode::corruptData, {"'z'"});
  OnnxModel twice = reluModel();
  twice.node("Neg", {"x"}, {"y"});
  expectFailure(twice.import(), StatusCode::corruptData, {"'y'"});
}

TEST_F(OnnxBadInput, ShapesThatContradict) {
  OnnxModel model;
  model.input("x", {2, 3}).input("z", {4, 5}).output("y").node("Add", {"x", "z"}, {"y"}, "sum");
  expectFailure(model.import(), StatusCode::corruptData, {"'sum' (Add)", "2x3", "4x5"});
}

TEST_F(OnnxBadInput, TensorSizes) {
  OnnxModel model;
  model.input("x", {4}).initializer("w", {4}, {1, 2, 3}).output("y").node("Add", {"x", "w"}, {"y"});
  expectFailure(model.import(), StatusCode::corruptData, {"'w'", "3 elements", "4"});
  auto* tensor = model.graph().mutable_initializer(0);
  tensor->clear_float_data();
  tensor->set_raw_data("12345");
  expectFailure(model.import(), StatusCode::corruptData, {"'w'", "5 bytes", "16"});
  tensor->set_dims(0, int64_t{1} << 60);
  tensor->add_dims(int64_t{1} << 60);
  expectFailure(model.import(), StatusCode::corruptData, {"'w'", "too many elements"});
  tensor->set_dims(0, -4);
  expectFailure(model.import(), StatusCode::corruptData, {"dimension -4"});
  tensor->set_data_type(::onnx::TensorProto::STRING);
  expectFailure(model.import(), StatusCode::unsupported, {"'w'", "STRING"});
}

TEST_F(OnnxBadInput, ExternalData) {
  write("model/w.bin", std::string(16, '\0'));
  write("outside.bin", std::string(16, '\0'));
  const auto importWith = [&](OnnxModel model) {
    return importOnnx(write("model/model.onnx", model.bytes()));
  };
  EXPECT_TRUE(importWith(externalModel("w.bin")).ok());
  expectFailure(importWith(externalModel("gone.bin")), StatusCode::notFound, {"'w'", "gone.bin"});
  expectFailure(importWith(externalModel("w.bin", "4")), StatusCode::corruptData,
                {"16 bytes", "offset 4"});
  expectFailure(importWith(externalModel("w.bin", "18446744073709551615")), StatusCode::corruptData,
                {"offset"});
  expectFailure(importWith(externalModel("w.bin", "-1")), StatusCode::corruptData, {"'-1'"});
  expectFailure(importWith(externalModel("w.bin", "0", "8")), StatusCode::corruptData,
                {"8 bytes", "16"});
  fs::create_symlink("../outside.bin", folder_ / "model/link.bin");
  for (const std::string& location :
       {std::string("../outside.bin"), (folder_ / "outside.bin").string(), std::string("link.bin"),
        std::string(""), std::string("."), std::string("sub/../../outside.bin")}) {
    expectFailure(importWith(externalModel(location)), StatusCode::corruptData, {"outside"});
  }
  expectFailure(externalModel("w.bin").import(), StatusCode::unsupported, {"external data"});
}

TEST_F(OnnxBadInput, Options) {
  OnnxModel model;
  model.input("x", {-1, 3}).output("y").node("Relu", {"x"}, {"y"});
  expectFailure(model.import({.inputShapes = {{"q", Shape{1, 3}}}}), StatusCode::invalidArgument,
                {"'q'"});
  expectFailure(model.import({.inputShapes = {{"x", Shape{1, 4}}}}), StatusCode::invalidArgument,
                {"'x'", "1x4", "?x3"});
  expectFailure(model.import({.freeze = {{"q", {}}}}), StatusCode::invalidArgument, {"'q'"});
  expectFailure(model.import({.freeze = {{"x", {DType::f32, Shape{1, 3}, {}}}}}),
                StatusCode::invalidArgument, {"'x'", "0 bytes"});
}

TEST_F(OnnxBadInput, FrozenShapesAgreeWithTheModel) {
  OnnxModel model;
  model.input("x", {-1, 3}).output("y").node("Relu", {"x"}, {"y"});
  const auto frozen = [](const Shape& shape) {
    const auto bytes = static_cast<size_t>(shape.elements()) * sizeof(float);
    return ImportOptions{.freeze = {{"x", {DType::f32, shape, std::vector<std::byte>(bytes)}}}};
  };
  EXPECT_TRUE(model.import(frozen({5, 3})).ok());
  expectFailure(model.import(frozen({3, 5})), StatusCode::invalidArgument, {"3x5", "?x3"});
  expectFailure(model.import(frozen({3})), StatusCode::invalidArgument, {"'x'", "?x3"});
  // The value takes the place of an initializer.
  model.initializer("x", {1, 3}, {1, 2, 3});
  EXPECT_TRUE(model.import(frozen({2, 3})).ok()) << model.import(frozen({2, 3})).status().message();
}

TEST_F(OnnxBadInput, EmptyWeights) {
  OnnxModel model;
  model.input("x", {2, 0}).output("y");
  model.initializer("w", {0, 2147483647}, {}).initializer("c", {1}, {1});
  model.node("Gemm", {"x", "w", "c"}, {"y"}, "gemm");
  expectFailure(model.import(), StatusCode::unsupported, {"'gemm' (Gemm)", "0x2147483647"});
  model.graph().mutable_initializer(0)->set_dims(1, int64_t{1} << 31);
  expectFailure(model.import(), StatusCode::corruptData, {"'w'", "too many elements"});
}

TEST_F(OnnxBadInput, QuantizationTypes) {
  OnnxModel model;
  model.input("q", {2}, ::onnx::TensorProto::UINT8).output("y");
  model.initializer("s", {}, {1}).initializer("z", {}, {1e30f});
  model.node("DequantizeLinear", {"q", "s", "z"}, {"y"});
  expectFailure(model.import(), StatusCode::corruptData, {"zero point of type f32", "u8"});
}

TEST_F(OnnxBadInput, OtherFormatsAreTakenForWhatTheyAre) {
  expectFailure(loadAnyModel(write("model.tflite", std::string("\x1c\0\0\0TFL3", 8))),
                StatusCode::corruptData, {"TensorFlow Lite", "8 bytes"});
  expectFailure(loadAnyModel(write("model.qrt", std::string("\x1c\0\0\0QRT1", 8))),
                StatusCode::corruptData, {});
}

}  // namespace
}  // namespace qrt::test
