// Headers that the writer never makes. Shared bytes must not turn a small file into a large graph.
#include <gtest/gtest.h>

#include <cstring>

#include "format/format.h"
#include "format/layout.h"
#include "graph/model_data.h"
#include "model_generated.h"

namespace qrt {
namespace {

using flatbuffers::FlatBufferBuilder;
using flatbuffers::Offset;

std::vector<std::byte> fileOf(const FlatBufferBuilder& header) {
  const size_t dataOffset = alignUp(kPreludeBytes + header.GetSize());
  constexpr size_t kDataBytes = 128;
  const fb::Prelude prelude(kMagic, kVersion, header.GetSize(), dataOffset, kDataBytes, 0, 0, 0, 0);
  std::vector<std::byte> file(dataOffset + kDataBytes);
  std::memcpy(file.data(), &prelude, kPreludeBytes);
  std::memcpy(file.data() + kPreludeBytes, header.GetBufferPointer(), header.GetSize());
  return file;
}

template <class Fill>
Status statusOf(const Fill& fill) {
  FlatBufferBuilder builder;
  builder.Finish(fill(builder), fb::ModelIdentifier());
  return Model::fromMemory(fileOf(builder)).status();
}

TEST(Header, SharedContentsAreRefused) {
  constexpr size_t kTimes = 10000;
  const std::string text(100000, 'x');
  // One table, referred to many times.
  const Status tensors = statusOf([&](FlatBufferBuilder& b) {
    const std::vector<Offset<fb::Tensor>> list(kTimes, fb::CreateTensorDirect(b, text.c_str(), 1));
    return fb::CreateModelDirect(b, "", &list);
  });
  EXPECT_EQ(tensors.message().substr(0, 10), "tensor 'xx") << tensors.message();
  EXPECT_NE(tensors.message().find("contents of the header overlap"), std::string::npos);
  EXPECT_EQ(tensors.code(), StatusCode::corruptData);
  EXPECT_LT(tensors.message().size(), 300u);
  // Many tables with one string.
  const Status metadata = statusOf([&](FlatBufferBuilder& b) {
    const auto value = b.CreateString(text);
    std::vector<Offset<fb::Metadata>> list;
    for (size_t i = 0; i < kTimes; ++i) {
      list.push_back(fb::CreateMetadata(b, b.CreateString(std::to_string(i)), value));
    }
    return fb::CreateModelDirect(b, "", nullptr, nullptr, nullptr, nullptr, &list);
  });
  EXPECT_EQ(metadata.message(), "contents of the header overlap");
  // One attribute of many layers that are one layer.
  const Status layers = statusOf([&](FlatBufferBuilder& b) {
    const std::vector<Offset<fb::Attribute>> attributes(kTimes,
                                                        fb::CreateAttributeDirect(b, "axis"));
    const std::vector<Offset<fb::Layer>> list(kTimes,
                                              fb::CreateLayerDirect(b, "a", "Relu", &attributes));
    return fb::CreateModelDirect(b, "", nullptr, &list);
  });
  EXPECT_EQ(layers.code(), StatusCode::corruptData);
  EXPECT_NE(layers.message().find("not a valid FlatBuffers"), std::string::npos)
      << layers.message();
}

TEST(Header, ConstantsThatShareBytesAreRefused) {
  const Status status = statusOf([](FlatBufferBuilder& b) {
    // Together no longer than the data section, which has room behind them.
    const fb::Data data(0, 64);
    const std::vector<int64_t> shape{64};
    std::vector<Offset<fb::Tensor>> list;
    for (const char* name : {"a", "b"}) {
      list.push_back(fb::CreateTensorDirect(b, name, 6, &shape, 0, &data));
    }
    return fb::CreateModelDirect(b, "", &list);
  });
  EXPECT_EQ(status.message(),
            "tensor 'b': constant at 0, wanted at least 64, where the one before it ends");
}

TEST(Header, MisalignedListsAreRefused) {
  const Status status = statusOf([](FlatBufferBuilder& b) {
    // Aligned for 4 bytes, as the verifier wants, and 4 bytes away from a boundary of 8.
    b.StartVector(4, sizeof(int32_t));
    for (const int32_t word : {0, 3, 0, 2}) b.PushElement(word);
    if (b.GetSize() % 8 == 0) b.PushElement(0);
    const Offset<flatbuffers::Vector<int64_t>> shape(b.EndVector(2));
    const auto name = b.CreateString("x");
    fb::TensorBuilder tensor(b);
    tensor.add_name(name);
    tensor.add_shape(shape);
    const std::vector<Offset<fb::Tensor>> list{tensor.Finish()};
    return fb::CreateModelDirect(b, "", &list);
  });
  EXPECT_EQ(status.message(), "tensor 'x': a list of 8-byte numbers is not aligned to 8 bytes");
}

TEST(Header, UnknownOpsAndAttributesNameTheirLayer) {
  const Status op = statusOf([](FlatBufferBuilder& b) {
    const std::vector<Offset<fb::Layer>> list{fb::CreateLayerDirect(b, "first", "Einsum")};
    return fb::CreateModelDirect(b, "", nullptr, &list);
  });
  EXPECT_EQ(op.code(), StatusCode::unsupported);
  EXPECT_EQ(op.message(), "layer 'first': op 'Einsum' is unknown");
  const Status attribute = statusOf([](FlatBufferBuilder& b) {
    const std::vector<Offset<fb::Attribute>> attributes{fb::CreateAttributeDirect(b, "axis")};
    const std::vector<Offset<fb::Layer>> list{
        fb::CreateLayerDirect(b, "first", "Relu", &attributes)};
    return fb::CreateModelDirect(b, "", nullptr, &list);
  });
  EXPECT_EQ(attribute.code(), StatusCode::corruptData);
  EXPECT_EQ(attribute.message(), "layer 'first': attribute 'axis' is unknown");
}

TEST(Header, TooManyDimensionsAndBadOffsetsAreRefused) {
  const auto tensorStatus = [](const std::vector<int64_t>& shape, const fb::Data* data) {
    return statusOf([&](FlatBufferBuilder& b) {
             const std::vector<Offset<fb::Tensor>> list{
                 fb::CreateTensorDirect(b, "t", 1, &shape, 0, data)};
             return fb::CreateModelDirect(b, "", &list);
           })
        .message();
  };
  EXPECT_EQ(tensorStatus(std::vector<int64_t>(9, 1), nullptr),
            "tensor 't': 9 dimensions, wanted at most 8");
  const fb::Data unaligned(1, 0), beyond(192, 0), tooLong(64, 65), wraps(~uint64_t{63}, 128);
  EXPECT_EQ(tensorStatus({0}, &unaligned), "tensor 't': constant at 1, wanted a multiple of 64");
  const std::string of = " of a data section of 128";
  EXPECT_EQ(tensorStatus({0}, &beyond), "tensor 't': constant of 0 bytes at 192" + of);
  EXPECT_EQ(tensorStatus({65}, &tooLong), "tensor 't': constant of 65 bytes at 64" + of);
  EXPECT_EQ(tensorStatus({128}, &wraps),
            "tensor 't': constant of 128 bytes at 18446744073709551552" + of);
}

}  // namespace
}  // namespace qrt
