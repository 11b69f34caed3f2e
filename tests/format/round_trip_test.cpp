// What is written is read back, whatever a graph may hold.
#include <gtest/gtest.h>

#include <random>

#include "format_test_support.h"

namespace qrt {
namespace {

using test::Aligned;
using test::expectEqual;

Graph throughFile(const Graph& graph) {
  const std::vector<std::byte> bytes = encode(graph).value().joined();
  const Aligned file(bytes);
  const Result<Graph> read = decode(file.data.bytes, file.data.owner);
  EXPECT_TRUE(read.ok()) << read.status().message();
  return read.ok() ? *read : Graph();
}

// Gives every field a random value that is not its default.
struct Randomizer {
  std::mt19937& random;

  template <class T>
  void operator()(std::string_view, T& value) const {
    change(value);
  }
  void change(int32_t& value) const {
    const auto step = static_cast<int32_t>(random() % 1000 + 1);
    value = value > (1 << 30) ? step : value + step;
  }
  void change(bool& value) const { value = !value; }
  void change(float& value) const { value = static_cast<float>(random() % 1000) + 0.125f; }
  void change(std::vector<int64_t>& value) const {
    value.resize(random() % 5 + 1);
    for (int64_t& v : value) v = static_cast<int64_t>(random()) - (int64_t{1} << 40);
  }
  template <size_t N>
  void change(std::array<int32_t, N>& value) const {
    for (int32_t& v : value) change(v);
  }
  void change(Activation& value) const {
    change(value.kind);
    change(value.a);
    change(value.b);
  }
  template <class E, std::enable_if_t<std::is_enum_v<E>, int> = 0>
  void change(E& value) const {
    if constexpr (std::is_same_v<E, DType>) {
      value = static_cast<DType>(2 + random() % 12);
    } else {
      value = static_cast<E>(1 + random() % (kEnumNames<E>.size() - 1));
    }
  }
};

TEST(RoundTrip, EveryOpKeepsItsAttributes) {
  const unsigned seed = 20240607;
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  for (int repeat = 0; repeat < 20; ++repeat) {
    Graph graph;
    const TensorId x = graph.addTensor({.name = "x", .shape = {1, 2}});
    for (int i = 0; i < kOpCount; ++i) {
      Layer layer{std::string(opName(static_cast<OpType>(i))), static_cast<OpType>(i), {}, {x}, {}};
      layer.attributes = defaultAttributes(layer.op);
      std::visit([&](auto& attrs) { attrs.fields(attrs, Randomizer{random}); }, layer.attributes);
      layer.outputs.push_back(graph.addTensor({.name = layer.name}));
      const auto changed = attributeValues(layer.attributes);
      const auto defaults = attributeValues(defaultAttributes(layer.op));
      for (size_t f = 0; f < changed.size(); ++f) ASSERT_NE(changed[f], defaults[f]);
      graph.layers.push_back(std::move(layer));
    }
    graph.outputs = {1};
    expectEqual(graph, throughFile(graph));
  }
}

TEST(RoundTrip, KeepsTensorsOfEveryKind) {
  Graph graph;
  graph.name = "ünïcode";
  graph.metadata = {
      {"", ""}, {"zeros", std::string("a\0b", 3)}, {"long", std::string(100000, 'x')}};
  graph.inputs = {graph.addTensor({.name = "scalar", .dtype = DType::f64, .shape = {}}),
                  graph.addTensor({.name = "unranked", .dtype = DType::s64}),
                  graph.addTensor({.name = "open", .shape = {-1, 3, -1, 4}}),
                  graph.addTensor({.name = "empty", .shape = {0, 5}}),
                  graph.addTensor({.name = "deep", .shape = {1, 2, 3, 4, 5, 6, 7, 8}})};
  graph.addTensor({.name = "per tensor",
                   .dtype = DType::u8,
                   .shape = {2},
                   .quant = QuantParams{{0.1f}, {128}, -1}});
  const int8_t weights[] = {1, -2, 3, -4, 127, -127};
  const TensorId w = graph.addConstant<int8_t>("per channel", {2, 3}, weights);
  graph.tensor(w).quant = QuantParams{{0.5f, 1e-30f, 3e30f}, {0, 0, 0}, 1};
  const float one = 1;
  graph.addConstant<float>("scalar constant", {}, std::span(&one, 1));
  graph.addConstant<float>("empty constant", {3, 0}, {});
  const std::vector<uint8_t> odd(67, 7);
  graph.addConstant<uint8_t>("odd constant", {67}, odd);
  graph.addConstant<float>("last", {1}, std::span(&one, 1));
  for (int i = 1; i <= static_cast<int>(DType::boolean); ++i) {
    const std::vector<std::byte> bytes(dtypeSize(static_cast<DType>(i)) * 2, std::byte{1});
    graph.addConstant("dtype", static_cast<DType>(i), {2}, bytes);
  }
  graph.outputs = {w, 0};
  expectEqual(graph, throughFile(graph));
}

TEST(RoundTrip, ConstantsLieAlignedInTheFile) {
  const std::vector<std::byte> bytes = encode(test::smallGraph()).value().joined();
  const Aligned file(bytes);
  const Graph graph = decode(file.data.bytes, file.data.owner).value();
  const std::byte* constant = graph.constant(2)->constant->bytes.data();
  EXPECT_EQ(reinterpret_cast<uintptr_t>(constant) % 64, 0u);
  EXPECT_GE(constant, file.data.bytes.data());
  EXPECT_LT(constant, file.data.bytes.data() + file.data.bytes.size());
}

TEST(RoundTrip, SameGraphSameBytes) {
  const std::vector<std::byte> first = encode(test::smallGraph()).value().joined();
  EXPECT_EQ(first, encode(test::smallGraph()).value().joined());
  const Aligned file(first);
  EXPECT_EQ(first, encode(decode(file.data.bytes, file.data.owner).value()).value().joined());
}

TEST(RoundTrip, FileBeginsAsTheSchemaSays) {
  const std::vector<std::byte> bytes = encode(test::smallGraph()).value().joined();
  ASSERT_TRUE(looksLikeQrt(bytes));
  const auto u64At = [&](size_t offset) {
    uint64_t value;
    std::memcpy(&value, bytes.data() + offset, sizeof value);
    return value;
  };
  EXPECT_EQ(u64At(0), 0x1'31545251u);  // "QRT1", version 1
  EXPECT_EQ(u64At(16), (64 + u64At(8) + 63) / 64 * 64);
  EXPECT_EQ(u64At(16) + u64At(24), bytes.size());
  EXPECT_EQ(u64At(24), 12u);  // the one constant
  EXPECT_EQ(std::memcmp(bytes.data() + 64 + 4, "QRT1", 4), 0);
  const float first = 1.5f;
  EXPECT_EQ(std::memcmp(bytes.data() + u64At(16), &first, 4), 0);
}

}  // namespace
}  // namespace qrt
