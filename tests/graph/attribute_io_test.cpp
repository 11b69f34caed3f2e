#include "graph/attribute_io.h"

#include <gtest/gtest.h>

namespace qrt {
namespace {

std::string messageOf(OpType op, std::vector<AttributeValue> values) {
  const Result<Attributes> result = attributesFromValues(op, values);
  EXPECT_FALSE(result.ok());
  EXPECT_EQ(result.status().code(), StatusCode::invalidArgument);
  return result.status().message();
}

TEST(AttributeIo, WritesEveryMemberType) {
  ConvAttrs conv;
  conv.pads = {1, 2, 3, 4};
  conv.groups = 5;
  conv.activation = {ActivationKind::clip, -1.5f, 6.0f};
  const std::vector<AttributeValue> wanted = {{"strides", {1, 1}, {}, ""},
                                              {"dilations", {1, 1}, {}, ""},
                                              {"pads", {1, 2, 3, 4}, {}, ""},
                                              {"groups", {5}, {}, ""},
                                              {"activation", {}, {-1.5f, 6.0f}, "clip"},
                                              {"auto_pad", {}, {}, "none"}};
  EXPECT_EQ(attributeValues(conv), wanted);

  ReduceAttrs reduce;
  reduce.axes = {-1, 1};
  reduce.keepDims = false;
  EXPECT_EQ(attributeValues(reduce),
            (std::vector<AttributeValue>{{"axes", {-1, 1}, {}, ""}, {"keep_dims", {0}, {}, ""}}));

  ResizeAttrs resize;
  resize.mode = ResizeMode::cubic;
  EXPECT_EQ(attributeValues(resize)[0], (AttributeValue{"mode", {}, {}, "cubic"}));
  EXPECT_EQ(attributeValues(resize)[3], (AttributeValue{"cubic_coefficient", {}, {-0.75f}, ""}));
  CastAttrs cast;
  cast.to = DType::boolean;
  EXPECT_EQ(attributeValues(cast)[0], (AttributeValue{"to", {}, {}, "bool"}));
}

TEST(AttributeIo, ReadsEveryMemberTypeAndKeepsDefaults) {
  const std::vector<AttributeValue> values = {{"activation", {}, {0.1f, 0.0f}, "leaky_relu"},
                                              {"pads", {4, 3, 2, 1}, {}, ""}};
  const auto conv = std::get<ConvAttrs>(attributesFromValues(OpType::Conv, values).value());
  EXPECT_EQ(conv.pads, (std::array<int32_t, 4>{4, 3, 2, 1}));
  EXPECT_EQ(conv.activation, (Activation{ActivationKind::leakyRelu, 0.1f, 0.0f}));
  EXPECT_EQ(conv.groups, 1);

  const std::vector<AttributeValue> reduceValues = {{"keep_dims", {0}, {}, ""},
                                                    {"axes", {2, -1}, {}, ""}};
  const auto reduce =
      std::get<ReduceAttrs>(attributesFromValues(OpType::ReduceSum, reduceValues).value());
  EXPECT_EQ(reduce.axes, (std::vector<int64_t>{2, -1}));
  EXPECT_FALSE(reduce.keepDims);

  const std::vector<AttributeValue> castValues = {{"to", {}, {}, "u16"}};
  EXPECT_EQ(std::get<CastAttrs>(attributesFromValues(OpType::Cast, castValues).value()).to,
            DType::u16);
}

TEST(AttributeIo, RefusesWhatItDoesNotKnow) {
  EXPECT_EQ(messageOf(OpType::Conv, {{"stride", {2, 2}, {}, ""}}), "attribute 'stride' is unknown");
  EXPECT_EQ(messageOf(OpType::Relu, {{"alpha", {}, {1}, ""}}), "attribute 'alpha' is unknown");
  EXPECT_EQ(messageOf(OpType::Conv, {{"groups", {2}, {}, ""}, {"groups", {2}, {}, ""}}),
            "attribute 'groups' is there twice");
  EXPECT_EQ(
      messageOf(OpType::Conv, {{"strides", {2, 2, 2}, {}, ""}}),
      "attribute 'strides': found 3 integers, 0 floats and the text '', wanted 2, 0 and none");
  EXPECT_EQ(messageOf(OpType::Conv, {{"groups", {}, {2.0f}, ""}}),
            "attribute 'groups': found 0 integers, 1 floats and the text '', wanted 1, 0 and none");
  EXPECT_EQ(messageOf(OpType::Pad, {{"mode", {1}, {}, ""}}),
            "attribute 'mode': found 1 integers, 0 floats and the text '', wanted 0, 0 and a name");
  EXPECT_EQ(messageOf(OpType::Pad, {{"mode", {}, {}, "mirror"}}),
            "attribute 'mode': found 'mirror', wanted one of constant, reflect, edge");
  EXPECT_EQ(messageOf(OpType::Cast, {{"to", {}, {}, "f8"}}),
            "attribute 'to': found 'f8', wanted one of f32, f16, bf16, f64, s8, u8, s16, u16, s32, "
            "u32, s64, u64, bool");
  EXPECT_EQ(messageOf(OpType::ReduceSum, {{"keep_dims", {2}, {}, ""}}),
            "attribute 'keep_dims': found 2, wanted 0 or 1");
  EXPECT_EQ(messageOf(OpType::Conv, {{"groups", {int64_t{1} << 32}, {}, ""}}),
            "attribute 'groups': found 4294967296, wanted at most 32 bits");
}

TEST(AttributeIo, TextShowsWhatDiffersFromTheDefaults) {
  ConvAttrs conv;
  EXPECT_EQ(attributesText(OpType::Conv, conv), "");
  conv.strides = {2, 2};
  conv.pads = {0, 0, 1, 1};
  conv.activation = {ActivationKind::clip, 0, 6};
  EXPECT_EQ(attributesText(OpType::Conv, conv), "strides=2,2 pads=0,0,1,1 activation=clip(0,6)");
  conv = {};
  conv.activation.kind = ActivationKind::relu;
  EXPECT_EQ(attributesText(OpType::Conv, conv), "activation=relu");
  EXPECT_EQ(attributesText(OpType::Clip, ClipAttrs{0.0f, 6.0f}), "min=0 max=6");
  EXPECT_EQ(attributesText(OpType::Transpose, TransposeAttrs{{0, 2, 1}}), "perm=0,2,1");
}

}  // namespace
}  // namespace qrt
