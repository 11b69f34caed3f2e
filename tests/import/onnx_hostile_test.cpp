// Models that fuzzing found to hang or crash the importer.
#include <gtest/gtest.h>

#include "import/onnx_models.h"

namespace qrt::test {
namespace {

TEST(OnnxHostile, HugeAxisOfAnOldBroadcast) {
  OnnxModel model(6);
  model.input("x", {2, 3}).input("b", {3}).output("y");
  auto& node = model.node("Add", {"x", "b"}, {"y"});
  setInt(node, "broadcast", 1);
  setInt(node, "axis", -(int64_t{1} << 40));
  const Result<Model> result = model.import();
  ASSERT_FALSE(result.ok());
  EXPECT_NE(result.status().message().find("attribute 'axis' is -1099511627776"), std::string::npos)
      << result.status().message();
}

TEST(OnnxHostile, ConstantWhoseValueIsNotItsFirstAttribute) {
  OnnxModel model;
  model.input("x", {2}).output("y");
  auto& constant = model.node("Constant", {}, {"c"});
  for (const char* name : {"doc", "more", "value_float"}) setFloat(constant, name, 2);
  model.node("Add", {"x", "c"}, {"y"});
  const Result<Model> result = model.import();
  // The others are refused by name; the value itself must have been found without a crash.
  ASSERT_FALSE(result.ok());
  EXPECT_NE(result.status().message().find("'doc'"), std::string::npos)
      << result.status().message();
}

// x [unknown rank] → Transpose → Conv: there is no dim to permute.
TEST(OnnxHostile, ConvOfUnknownRank) {
  OnnxModel model;
  model.input("x", {}).input("w", {1, 1, 3, 3}).output("y");
  model.graph().mutable_input(0)->mutable_type()->mutable_tensor_type()->clear_shape();
  model.node("Conv", {"x", "w"}, {"y"});
  static_cast<void>(model.import({.optimize = true}));
}

// Two Tiles whose sizes multiply to more than 64 bits hold.
TEST(OnnxHostile, TilesThatOverflowTogether) {
  OnnxModel model;
  model.input("x", {2, 2, 2, 2}).output("y");
  model.ints("r", {2147483647, 2147483647, 2147483647, 2147483647});
  model.node("Tile", {"x", "r"}, {"t"}, "first");
  model.node("Tile", {"t", "r"}, {"y"});
  const Result<Model> result = model.import();
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.status().code(), StatusCode::corruptData);
  EXPECT_NE(result.status().message().find("'first' (Tile)"), std::string::npos)
      << result.status().message();
}

TEST(OnnxHostile, InputDimBeyondAllMemory) {
  OnnxModel model;
  model.input("x", {INT64_MAX, 2}).output("y").output("z");
  setInt(model.node("Split", {"x"}, {"y", "z"}), "axis", 0);
  const Result<Model> result = model.import();
  ASSERT_FALSE(result.ok());
  EXPECT_NE(result.status().message().find("too many elements"), std::string::npos)
      << result.status().message();
}

}  // namespace
}  // namespace qrt::test
